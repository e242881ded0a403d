"""Pairing the decisions of two revisions by key and time."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from engine.events import ActionKey
from engine.inference.words import say
from engine.rules import Home
from engine.source.counted import counted
from evals.diff.semantic import rules_of
from evals.diff.structs import Difference, Made

SAME: Final = timedelta(days=31)
"""Two decisions of one key no further apart are one that moved; further apart they are two."""

_Place = tuple[ActionKey, str]


def renamed_rules(base: Home, head: Home) -> dict[str, str]:
    """Return former name -> present name of the rules that say `was`."""
    before = rules_of(base)
    former = {f"{name.rpartition('/')[0]}/{rule.was}": name for name, rule in rules_of(head).items() if rule.was}
    return {old: new for old, new in former.items() if old in before}


def pair(
    base: Iterable[Made], head: Iterable[Made], renamed: Mapping[str, str], shifted: Mapping[tuple[str, str], str]
) -> tuple[list[Difference], int]:
    """Return the differences, and the number of decisions that are the same.

    `renamed` maps former rules to present ones, `shifted` tells of (rule, action) what it does to its autonomy.
    """
    before, after = _grouped(base, renamed), _grouped(head, {})
    differences: list[Difference] = []
    same = 0
    for place in sorted(before.keys() | after.keys()):
        key, kind = place
        also = shifted.get((f"{key.ruleset}/{key.rule}", key.action), "") if kind == "propose" else ""
        for each in _pairs(before.get(place, []), after.get(place, []), also):
            if each is None:
                same += 1
            else:
                differences.append(each)
    return sorted(differences, key=lambda each: (each.made.at, each.made.key, each.made.kind)), same


def _grouped(made: Iterable[Made], renamed: Mapping[str, str]) -> dict[_Place, list[Made]]:
    found: dict[_Place, list[Made]] = defaultdict(list)
    for each in made:
        ruleset, _, rule = renamed.get(each.rule, each.rule).partition("/")
        found[ActionKey(ruleset, rule, each.key.action, each.key.subject), each.kind].append(each)
    return found


def _pairs(before: Sequence[Made], after: Sequence[Made], also: str) -> Iterator[Difference | None]:
    """Yield a difference for each pair and each decision that stays alone, None for what is the same."""
    at = {each.at: each for each in after}
    met = {each.at for each in before if each.at in at}
    for each in before:
        if each.at in met:
            details = (*_payload(each, at[each.at]), *filter(None, (also,)))
            yield Difference(effect="changes", before=each, after=at[each.at], details=details) if details else None
    yield from _moved([each for each in before if each.at not in met], [each for each in after if each.at not in met])


def _moved(before: list[Made], after: list[Made]) -> Iterator[Difference]:
    left = list(after)
    for each in before:
        near = min(left, key=lambda other: abs(other.at - each.at), default=None)
        if near is None or abs(near.at - each.at) > SAME:
            yield Difference(effect="vanishes", before=each)
            continue
        left.remove(near)
        yield Difference(effect="changes", before=each, after=near, details=(_shift(each, near), *_payload(each, near)))
    yield from (Difference(effect="appears", after=each) for each in left)


def _shift(before: Made, after: Made) -> str:
    apart = abs(after.at - before.at)
    length = counted(apart.days, "day") if apart.days else counted(apart.seconds // 60, "minute")
    return f"{length} {'later' if after.at > before.at else 'earlier'}"


def _payload(before: Made, after: Made) -> Iterator[str]:
    for name in sorted({*before.inputs, *after.inputs}):
        old, new = before.inputs.get(name), after.inputs.get(name)
        if old != new:
            yield f"{name}: {_shown(old)} -> {_shown(new)}"


def _shown(value: object) -> str:
    text = " ".join(say(value).split())
    return text if len(text) <= 80 else f"{text[:77]}..."
