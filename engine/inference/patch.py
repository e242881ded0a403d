"""A rulebook that differs from the one before it in a few rules: only these are compiled, and the rules they replace.

All else is shared with the rulebook before, which stays as it is. Aggregates that no rule had before are added; those
that none has any more are kept up until all is compiled anew. That is needed at once for a rule that converts money or
sets what has to be settled before it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from engine.inference.compiler import Compilation
from engine.inference.network import Network, converts_in
from engine.inference.nodes import Act, Condition, Node
from engine.inference.routes import Routes
from engine.model.structs import Model
from engine.rules.structs import Rule, Ruleset, full_name

if TYPE_CHECKING:
    from engine.inference.rulebook import Rulebook, Settings

_FEW = 64
_SHARE = 4
"""Of so many rules at once, or of such a part of all, each is worth its own search; of more, one pass over all is."""
Named: TypeAlias = tuple[Ruleset, Rule]


@dataclass(frozen=True, slots=True)
class Patch:
    """What has changed: the parts of a rulebook that know of it, the conditions, and what else is computed for them."""

    compilation: Compilation
    network: Network
    routes: Routes
    acts: tuple[Act, ...]
    gone: frozenset[int]
    added: tuple[Condition, ...]
    computed: tuple[Node, ...]


def patch(before: "Rulebook", model: Model, rulesets: tuple[Ruleset, ...], settings: "Settings") -> Patch | None:
    """Return what makes the rulebook before into that of other rulesets; None when it has to be compiled anew."""
    same = replace(settings, revision="") == replace(before.settings, revision="") and before.compiled.model == model
    changes = _changes(before.rulesets, rulesets) if same else None
    return None if changes is None else _patched(before, rulesets, *changes)


def _changes(before: tuple[Ruleset, ...], after: tuple[Ruleset, ...]) -> tuple[list[Named], list[Named]] | None:
    """Return the rules that are gone and those that are new, a changed one being both; None for too many."""
    if [each.id for each in before] != [each.id for each in after]:
        return None
    gone: list[Named] = []
    new: list[Named] = []
    few = max(_FEW, 2 * sum(len(each.rules) for each in after) // _SHARE)  # a changed one is gone and new
    for old, ruleset in zip(before, after, strict=True):
        known = {rule.id: rule for rule in old.rules}
        left = {rule.id for rule in ruleset.rules}
        gone += ((old, rule) for rule in old.rules if rule.id not in left)
        for rule in ruleset.rules:
            former = known.get(rule.id)
            if former is not rule and former != rule:
                new.append((ruleset, rule))
                gone += [(old, former)] if former is not None else []
        if len(gone) + len(new) > few:
            return None
    _add_weaker(before, after, gone, new)
    return None if len(gone) + len(new) > few else (gone, new)


def _add_weaker(before: tuple[Ruleset, ...], after: tuple[Ruleset, ...], gone: list[Named], new: list[Named]) -> None:
    """Count the rules that changed ones stand instead of as changed too: their actions know the conditions of those."""
    waiting = [full_name(of.id, name) for of, rule in (*gone, *new) for name in rule.instead_of]
    if not waiting:
        return
    changed = {_name(*each) for each in (*gone, *new)}
    old, now = ({_name(of, rule): (of, rule) for of in each for rule in of.rules} for each in (before, after))
    while waiting:
        name = waiting.pop()
        if name in old and name in now and name not in changed:
            changed.add(name)
            gone.append(old[name])
            new.append(now[name])
            waiting += (full_name(old[name][0].id, weaker) for weaker in old[name][1].instead_of)


def _name(ruleset: Ruleset, rule: Rule) -> str:
    return full_name(ruleset.id, rule.id)


def _stronger(compilation: Compilation, new: Iterable[Named]) -> Mapping[str, tuple[Condition, ...]]:
    """Return the conditions that stand instead of each new rule, in the order of their rules."""
    wanted = {_name(*each) for each in new}
    ties = [
        (_name(of, rule), full_name(of.id, weaker))
        for of in compilation.rulesets
        for rule in of.rules
        for weaker in rule.instead_of
    ]
    tied = [tie for tie in ties if tie[1] in wanted]
    if not tied:
        return {}
    conditions = {each.name: each for each in compilation.nodes if isinstance(each, Condition) and not each.action}
    found: dict[str, dict[int, Condition]] = defaultdict(dict)
    for name, weaker in tied:
        found[weaker][conditions[name].index] = conditions[name]
    return {name: tuple(each.values()) for name, each in found.items()}


def _patched(before: "Rulebook", rulesets: tuple[Ruleset, ...], gone: list[Named], new: list[Named]) -> Patch | None:
    names = {_name(*each) for each in gone}
    dropped = [each for each in before.nodes if isinstance(each, Condition) and each.name in names]
    compilation = before.compilation.again(rulesets, before.nodes, {each.when.place for each in dropped})
    made = [compilation.condition(ruleset, rule) for ruleset, rule in new]
    if compilation.problems:
        return None
    stronger = _stronger(compilation, new)
    for condition in filter(None, made):
        for spec in condition.rule.do:
            compilation.act(condition, spec, stronger.get(condition.name, ()))
    if compilation.problems:
        return None
    more = compilation.nodes[len(before.nodes) :]
    added = tuple(each for each in more if isinstance(each, Condition))
    for each in dropped:
        compilation.nodes[each.index] = Node(type=each.type, index=each.index, rank=each.rank)
    network = before.network.changed(compilation, dropped, more)
    if any(converts_in(each) for each in (*dropped, *more)) or not _in_order(before, added):
        return None
    return Patch(
        compilation, network, before.routes.changed(before.network, network, before.model, dropped, more),
        (*(act for act in before.acts if act.condition.name not in names), *compilation.acts),
        frozenset(each.index for each in dropped), added,
        tuple(each for each in more if not isinstance(each, Condition)),
    )  # fmt: skip


def _in_order(before: "Rulebook", added: Iterable[Condition]) -> bool:
    """Whether each field is settled after the new conditions that set it."""
    concluded: Mapping[tuple[str, str], Node] = before.concluded
    return all(each.rank < concluded[each.type, field].rank for each in added for field in each.sets)
