"""Both revisions over the same inputs: which decisions appear, vanish or change."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from time import perf_counter
from typing import Final

from engine.inference.rulebook import Rulebook
from engine.ports import Stored
from engine.rules import Home
from evals.diff.evaluable import Missing, missing
from evals.diff.explain import explain
from evals.diff.matching import pair, renamed_rules
from evals.diff.runs import Run, play, within
from evals.diff.slicing import Slices, affected
from evals.diff.standing import standings
from evals.diff.structs import Behaviour, Difference, Unevaluable
from evals.diff.tallies import tallies

PARALLEL: Final = 20_000
"""From so many inputs on the two revisions run in two processes."""

Inside = Callable[[datetime], bool]


def compare(
    base: Home, head: Home, inputs: Sequence[Stored], coverage: Sequence[Stored] = (), *,
    inside: Inside = lambda _at: True, examples: int = 5,
) -> Behaviour:  # fmt: skip
    """Return what differs in the decisions; both start from nothing, and `inside` says which moments are compared."""
    began = perf_counter()
    books = Rulebook.of(base), Rulebook.of(head)
    slices = Slices(base, books[0]), Slices(head, books[1])
    sliced = affected(*slices)
    standing = tuple(standings(*slices))
    shifted = {(each.rule, each.action): each.text for each in standing if each.shifts}
    wanted = sliced | {rule for rule, _ in shifted}
    runs = _runs(slices, inputs, wanted)
    renamed = renamed_rules(base, head)
    found, same = pair(within(runs[0].made, inside), within(runs[1].made, inside), renamed, shifted)
    gaps = {name: gap for each in slices for name, gap in missing(each, wanted & each.rules.keys(), coverage).items()}
    shown, hidden = _split(found, gaps)
    accounts = runs[0].accounts | runs[1].accounts
    return Behaviour(
        inputs=len(inputs), first=inputs[0].recorded_at if inputs else None,
        last=inputs[-1].recorded_at if inputs else None,
        compared=tuple(sorted(wanted)), unchanged=same, tallies=tuple(tallies(shown, head, base)),
        customers=tuple(sorted({each.made.customer for each in shown})),
        standings=standing,
        unevaluable=tuple(_unevaluable(gaps, hidden, inputs)),
        examples=explain(*books, inputs, _chosen(shown, examples), accounts, renamed) if shown and examples else (),
        seconds=perf_counter() - began,
    )  # fmt: skip


def _runs(slices: tuple[Slices, Slices], inputs: Sequence[Stored], wanted: frozenset[str]) -> tuple[Run, Run]:
    names = [[name for name in sorted(wanted) if name in each.rules] for each in slices]
    homes = [each.sliced(chosen) for each, chosen in zip(slices, names, strict=True)]
    if not wanted or not inputs:
        return Run(), Run()
    if len(inputs) < PARALLEL:
        return play(homes[0], inputs, wanted), play(homes[1], inputs, wanted)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        other = pool.submit(play, homes[1], inputs, wanted)
        return play(homes[0], inputs, wanted), other.result()


def _split(found: Iterable[Difference], gaps: dict[str, Missing]) -> tuple[list[Difference], Counter[str]]:
    """Return the differences that can be judged, and how many cannot, by rule."""
    shown: list[Difference] = []
    hidden: Counter[str] = Counter()
    for each in found:
        gap = gaps.get(each.made.rule)
        if gap is not None and gap.hides(min(one.at for one in (each.before, each.after) if one)):
            hidden[each.made.rule] += 1
        else:
            shown.append(each)
    return shown, hidden


def _unevaluable(gaps: dict[str, Missing], hidden: Counter[str], inputs: Sequence[Stored]) -> Iterable[Unevaluable]:
    last = inputs[-1].recorded_at if inputs else None
    for rule, gap in sorted(gaps.items()):
        moment = gap.before or last
        before = f"{moment:%Y-%m-%d}" if moment else "the first input"
        yield Unevaluable(rule=rule, before=before, fields=gap.fields, skipped=hidden[rule])


def _chosen(found: Sequence[Difference], count: int) -> list[Difference]:
    """Return the first differences of each kind in turn, so that no kind hides the others; proposals come first."""
    groups: dict[tuple[bool, str, str, str], list[Difference]] = defaultdict(list)
    for each in found:
        groups[each.made.kind != "propose", each.made.rule, each.effect, each.made.kind].append(each)
    turns = [(place[0], turn, place) for place, group in groups.items() for turn in range(min(count, len(group)))]
    return [groups[place][turn] for _, turn, place in sorted(turns)[:count]]
