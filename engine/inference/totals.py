"""Aggregates kept up to date item by item: adding, changing or removing one costs the same at any size."""

from collections import Counter
from datetime import timedelta
from decimal import Context, Decimal
from typing import Any, Final

from sortedcontainers import SortedList

from engine.feel import Money, Value
from engine.feel.values import NUMBERS
from engine.inference.nodes import Aggregated
from engine.inference.state import Entity, Link, Unknown, circling

_EXACT = Context(prec=400)
ABSENT: Final = object()
"""What an item gives that does not belong to the aggregate."""
EMPTY: Final = {"count": Decimal(0), "distinct": Decimal(0), "some": False, "any": False, "every": True, "all": True}
"""The aggregates of nothing; the others are null."""


class Totals:
    """The state of one aggregate for one owner that has items."""

    __slots__ = ("counts", "items", "nulls", "sorted", "sums", "units", "unknown")

    def __init__(self, node: Aggregated, item: Entity, value: Value) -> None:
        self.items: dict[Entity, Any] = {}
        self.nulls = 0
        self.unknown: dict[Entity, Unknown] = {}
        self.sums: dict[str, Any] = {}
        self.units: dict[str, int] = {}
        self.sorted: SortedList | None = SortedList() if {"min", "max"} & node.outputs.keys() else None
        self.counts: Counter[Any] | None = (
            Counter() if {"distinct", "some", "every", "any", "all"} & node.outputs.keys() else None
        )
        self.update(item, value)

    def update(self, item: Entity, value: Value) -> None:
        """Let an item count with a value, or not at all when it is absent."""
        old = self.items.get(item, ABSENT)
        if old is not ABSENT:
            if type(old) is type(value) and old == value:
                return
            del self.items[item]
            self._count(item, old, -1)
        if value is not ABSENT:
            self.items[item] = value
            self._count(item, value, 1)

    def _count(self, item: Entity, value: Value, step: int) -> None:
        if isinstance(value, Unknown):
            if step > 0:
                self.unknown[item] = value
            else:
                del self.unknown[item]
            return
        if value is None:
            self.nulls += step
            return
        if self.counts is not None:
            self.counts[value] += step
            if not self.counts[value]:
                del self.counts[value]
        self._add(value, step)
        if self.sorted is not None:
            (self.sorted.add if step > 0 else self.sorted.remove)(_sortable(value))

    def _add(self, value: Value, step: int) -> None:
        unit, amount = _amount(value)
        if amount is None:
            return
        self.units[unit] = self.units.get(unit, 0) + step
        if not self.units[unit]:
            del self.units[unit], self.sums[unit]
        elif unit == _TIME:
            self.sums[unit] = self.sums.get(unit, timedelta()) + amount * step
        else:
            self.sums[unit] = _EXACT.add(self.sums.get(unit, _ZERO), amount if step > 0 else -amount)

    def result(self, function: str) -> Value:
        """Return the value of `count`, `sum` ... as FEEL defines it; Unknown while an item is unresolved."""
        if self.unknown:
            return next(iter(self.unknown.values()))
        if function == "count":
            return Decimal(len(self.items))
        if function == "distinct":
            return Decimal(len(self.counts or ()) + (1 if self.nulls else 0))
        if function in {"some", "any"}:
            return self._any()
        if function in {"every", "all"}:
            return self._all()
        if self.nulls or not self.items:
            return None
        if len(self.units) > 1:
            return Unknown(f"{' and '.join(sorted(self.units))} cannot be added or compared", "faulty")
        if function in {"min", "max"}:
            assert self.sorted is not None
            return _unsorted(self.sorted[0 if function == "min" else -1])
        return self._sum(function == "mean")

    def _any(self) -> Value:
        counts = self.counts or Counter()
        if counts[True]:
            return True
        return None if self.nulls else False

    def _all(self) -> Value:
        counts = self.counts or Counter()
        if counts[False]:
            return False
        return None if self.nulls else True

    def _sum(self, mean: bool) -> Value:
        unit, total = next(iter(self.sums.items()), ("", None))
        if total is None:
            return None
        if unit == _TIME:
            return total / len(self.items) if mean else total
        number = NUMBERS.divide(total, Decimal(len(self.items))) if mean else NUMBERS.plus(total)
        return Money(number, unit) if unit else number


_TIME = "durations"
_ZERO = Decimal(0)


def _amount(value: Value) -> tuple[str, Any]:
    if isinstance(value, Decimal):
        return "", value
    if isinstance(value, Money):
        return value.currency, value.amount
    if isinstance(value, timedelta):
        return _TIME, value
    return "", None


def _sortable(value: Value) -> Value:
    return (value.currency, value.amount) if isinstance(value, Money) else value


def _unsorted(value: Value) -> Value:
    return Money(value[1], value[0]) if isinstance(value, tuple) else value


def contribution(node: Aggregated, item: Entity) -> Value:
    """Return what an item gives to an aggregate as it stands, ABSENT when its filter does not let it in."""
    values = item.values
    if item.circles is not None and node.slot[1] in item.circles:
        return Unknown(circling(item, node.slot[1]))
    if node.where is not None:
        passes = values.get(node.where)
        if passes is not True:
            return passes if isinstance(passes, Unknown) else ABSENT
    if node.value is None:
        return True
    value = values.get(node.value)
    if isinstance(value, Link):
        return (
            value.entity
            if value.entity is not None
            else Unknown(f"{item.ref} refers to {value.key}, which is not known")
        )
    return value
