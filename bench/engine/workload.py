"""The rules and events that every engine of the comparison gets: three conditions a rule, about two matches an event.

A rule asks for one of fifty groups and for two numbers inside of ranges. With more rules in a group the ranges are
narrower, so that an event meets about two rules whatever the number of rules: what is measured is choosing among them.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

GROUPS = 50
SPAN = 1000
MATCHES = 2


@dataclass(frozen=True, slots=True)
class Band:
    """One rule: `group = ... and low <= amount <= high and days in [first..last]`."""

    id: str
    group: str
    low: int
    high: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Event:
    """One payment to decide about."""

    id: str
    group: str
    amount: int
    days: int


def bands(count: int, seed: int = 1) -> list[Band]:
    """Return `count` rules."""
    chance = random.Random(seed)
    groups = min(GROUPS, max(1, count // MATCHES))
    share = min(1.0, MATCHES / (count / groups))
    width = min(SPAN, round(SPAN * share**0.5))
    made = []
    for number in range(count):
        low, first = (chance.randint(0, SPAN - width) for _ in range(2))
        made.append(Band(f"r{number}", f"g{number % groups}", low, low + width, first, first + width))
    return made


def events(count: int, rules: Sequence[Band], seed: int = 2) -> list[Event]:
    """Return `count` payments of the groups that the rules know."""
    chance = random.Random(seed)
    groups = sorted({rule.group for rule in rules})
    return [
        Event(f"p{number}", chance.choice(groups), chance.randint(0, SPAN), chance.randint(0, SPAN))
        for number in range(count)
    ]
