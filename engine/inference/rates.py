"""Money in another currency, by dated rates that are facts like any other.

An entity type of the model says by `rates:` which of its fields hold one: a unit of `base` is worth `rate` of `quote`
from a day on. `in currency(money, "EUR", day)` takes the last rate by that day, of either direction. Which one it took
is kept: a rate that comes, changes or goes wakes those whose conversions it could be the rate of, and nobody else.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from engine.feel import Money
from engine.feel.values import NUMBERS
from engine.inference.nodes import Node, Rated
from engine.inference.state import Entity, Unresolved

Pair: TypeAlias = tuple[str, str]
Use: TypeAlias = tuple[Node, Entity]


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """One rate on file: from that day on a unit of `pair[0]` is worth so much of `pair[1]`."""

    on: date
    ref: str
    pair: Pair
    value: Decimal


class Rates:
    """The rates of a session, and who asked for which."""

    def __init__(self) -> None:
        self.used: dict[Rate, None] = {}
        self._asked: dict[Pair, date] = {}
        self._of: dict[Entity, Rate] = {}
        self._on_file: dict[Pair, list[Rate]] = defaultdict(list)
        self._uses: dict[Use, dict[Pair, date]] = {}
        self._users: dict[Pair, dict[Use, None]] = defaultdict(dict)

    # --- what is on file --------------------------------------------------------------------------------------

    def place(self, node: Rated, entity: Entity) -> list[Use]:
        """Take in what an entity says of its rate; returns who has to look again."""
        return self._put(entity, _read(node, entity))

    def forget(self, entity: Entity) -> list[Use]:
        """Let go of an entity, as a rate and as one that asked; returns who has to look again."""
        for use in [use for use in self._uses if use[1] is entity]:
            self._release(use)
        return self._put(entity, None)

    def _put(self, entity: Entity, rate: Rate | None) -> list[Use]:
        old = self._of.pop(entity, None)
        if rate is not None:
            self._of[entity] = rate
        if old == rate:
            return []
        found: dict[Use, None] = {}
        for each in filter(None, (old, rate)):
            held = self._on_file[each.pair]
            held.remove(each) if each is old else held.insert(bisect_right(held, each), each)
            found |= dict.fromkeys(self._asking(each))
        return list(found)

    def _asking(self, rate: Rate) -> Iterator[Use]:
        pair = _either(rate.pair)
        return (use for use in self._users.get(pair, ()) if self._uses[use][pair] >= rate.on)

    # --- who asks ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Note what is asked from here on."""
        self.used, self._asked = {}, {}

    def end(self, node: Node, entity: Entity) -> None:
        """Remember that it was asked for a node and its subject, instead of what was asked for these before."""
        use = (node, entity)
        self._release(use)
        if self._asked:
            self._uses[use] = self._asked
            for pair in self._asked:
                self._users[pair][use] = None

    def _release(self, use: Use) -> None:
        for pair in self._uses.pop(use, ()):
            del self._users[pair][use]

    def convert(self, money: Money, currency: str, on: date) -> Money:
        """Return money in a currency by the last rate of that day; raises Unresolved when there is none or several."""
        if money.currency == currency:
            return money
        asked = _either((money.currency, currency))
        self._asked[asked] = max(on, self._asked.get(asked, on))
        rate = self._last((money.currency, currency), on)
        if rate is not None:
            self.used[rate] = None
            return Money(NUMBERS.multiply(money.amount, rate.value), currency)
        rate = self._last((currency, money.currency), on)
        if rate is None:
            raise Unresolved(f"there is no rate from {money.currency} to {currency} by {on.isoformat()}")
        self.used[rate] = None
        return Money(NUMBERS.divide(money.amount, rate.value), currency)

    def _last(self, pair: Pair, on: date) -> Rate | None:
        held = self._on_file.get(pair, [])
        end = bisect_right(held, on, key=lambda rate: rate.on)
        if not end:
            return None
        same = [rate for rate in held[:end] if rate.on == held[end - 1].on]
        if len({rate.value for rate in same}) > 1:
            told = " and ".join(rate.ref for rate in same)
            raise Unresolved(f"{told} differ about {pair[0]} in {pair[1]} on {same[0].on.isoformat()}")
        return same[0]


def _read(node: Rated, entity: Entity) -> Rate | None:
    base, quote, on, value = (entity.values.get(name) for name in (node.base, node.quote, node.on, node.rate))
    known = isinstance(base, str) and isinstance(quote, str) and isinstance(on, date)
    if not known or not isinstance(value, Decimal) or value <= 0:
        return None
    return Rate(on, entity.ref, (base, quote), value)  # type: ignore[arg-type]  # `known` says so


def _either(pair: Pair) -> Pair:
    return pair if pair[0] < pair[1] else (pair[1], pair[0])
