"""Exclusive groups: while a rule of a group holds, it stands instead of those of the group with a lower priority."""

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from engine.rules.structs import Rule, Ruleset


def expanded(ruleset: Ruleset) -> Ruleset:
    """Return the ruleset with every rule of a group `instead_of` the weaker ones."""
    if not any(rule.exclusive for rule in ruleset.rules):
        return ruleset
    groups = _groups(ruleset)
    return msgspec.structs.replace(ruleset, rules=tuple(_over(rule, groups) for rule in ruleset.rules))


def ties(ruleset: Ruleset) -> Iterator[tuple[Rule, Rule]]:
    """Yield pairs of a group that have the same priority, so that neither stands instead of the other."""
    for rules in _groups(ruleset).values():
        first: dict[int, Rule] = {}
        for rule in rules:
            before = first.setdefault(rule.priority, rule)
            if before is not rule:
                yield before, rule


def _groups(ruleset: Ruleset) -> dict[tuple[str, str], list[Rule]]:
    found: dict[tuple[str, str], list[Rule]] = defaultdict(list)
    for rule in ruleset.rules:
        if rule.exclusive:
            found[rule.exclusive, rule.for_].append(rule)
    return found


def _over(rule: Rule, groups: dict[tuple[str, str], list[Rule]]) -> Rule:
    weaker = [each.id for each in groups.get((rule.exclusive or "", rule.for_), ()) if each.priority < rule.priority]
    named = dict.fromkeys((*rule.instead_of, *weaker))
    return msgspec.structs.replace(rule, instead_of=tuple(named)) if weaker else rule
