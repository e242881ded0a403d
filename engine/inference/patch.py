"""A rulebook that differs from the one before it in a few rules that stand by themselves: only these are compiled.

All else is shared with the rulebook before, which stays as it is. A rule that brings something shared with it, such as
an aggregate that no other rule has, a part in `instead_of` or a rank above what it sets, needs compiling anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from engine.inference.compiler import Compilation
from engine.inference.expressions import Shared
from engine.inference.network import Network, converts_in
from engine.inference.nodes import Act, Condition, Node
from engine.inference.routes import Routes
from engine.model.structs import Model
from engine.rules.structs import Rule, Ruleset, full_name

if TYPE_CHECKING:
    from engine.inference.rulebook import Rulebook, Settings

_FEW = 64
"""Of so many rules at once each is worth its own search; of more, one pass over all is."""
Named: TypeAlias = tuple[Ruleset, Rule]


@dataclass(frozen=True, slots=True)
class Patch:
    """What has changed: the parts of a rulebook that know of it, and the conditions themselves."""

    compilation: Compilation
    network: Network
    routes: Routes
    acts: tuple[Act, ...]
    gone: frozenset[int]
    added: tuple[Condition, ...]


def patch(before: "Rulebook", model: Model, rulesets: tuple[Ruleset, ...], settings: "Settings") -> Patch | None:
    """Return what makes the rulebook before into that of other rulesets; None when it has to be compiled anew."""
    same = replace(settings, revision="") == replace(before.settings, revision="") and before.compiled.model == model
    changes = _changes(before.rulesets, rulesets) if same else None
    if changes is None:
        return None
    try:
        return _patched(before, rulesets, *changes)
    except Shared:
        return None


def _changes(before: tuple[Ruleset, ...], after: tuple[Ruleset, ...]) -> tuple[list[Named], list[Named]] | None:
    """Return the rules that are gone and those that are new, a changed one being both; None for too many."""
    if [each.id for each in before] != [each.id for each in after]:
        return None
    gone: list[Named] = []
    new: list[Named] = []
    for old, ruleset in zip(before, after, strict=True):
        known = {rule.id: rule for rule in old.rules}
        left = {rule.id for rule in ruleset.rules}
        gone += ((old, rule) for rule in old.rules if rule.id not in left)
        for rule in ruleset.rules:
            former = known.get(rule.id)
            if former is not rule and former != rule:
                new.append((ruleset, rule))
                gone += [(old, former)] if former is not None else []
        if len(gone) + len(new) > _FEW:
            return None
    tied = {full_name(of.id, name) for of in (*before, *after) for rule in of.rules for name in rule.instead_of}
    if any(rule.instead_of or full_name(of.id, rule.id) in tied for of, rule in (*gone, *new)):
        return None
    return gone, new


def _patched(before: "Rulebook", rulesets: tuple[Ruleset, ...], gone: list[Named], new: list[Named]) -> Patch | None:
    names = {f"{ruleset.id}/{rule.id}" for ruleset, rule in gone}
    if any(each.group for _, rule in (*gone, *new) for each in rule.do):
        return None
    dropped = [each for each in before.nodes if isinstance(each, Condition) and each.name in names]
    compilation = before.compilation.again(rulesets, before.nodes, {each.when.place for each in dropped})
    for ruleset, rule in new:
        condition = compilation.condition(ruleset, rule)
        if condition is None:
            return None
        for spec in rule.do:
            compilation.act(condition, spec, ())
    if compilation.problems:
        return None
    added = tuple(each for each in compilation.nodes[len(before.nodes) :] if isinstance(each, Condition))
    for each in dropped:
        compilation.nodes[each.index] = Node(type=each.type, index=each.index, rank=each.rank)
    network = before.network.changed(compilation, dropped, added)
    if any(converts_in(each) for each in (*dropped, *added)) or not _in_order(before, added):
        return None
    return Patch(
        compilation, network, before.routes.changed(before.network, network, before.model, dropped, added),
        (*(act for act in before.acts if act.condition.name not in names), *compilation.acts),
        frozenset(each.index for each in dropped), added,
    )  # fmt: skip


def _in_order(before: "Rulebook", added: Iterable[Condition]) -> bool:
    """Whether each field is settled after the new conditions that set it."""
    concluded: Mapping[tuple[str, str], Node] = before.concluded
    return all(each.rank < concluded[each.type, field].rank for each in added for field in each.sets)
