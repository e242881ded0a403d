"""Sets of values that a condition leaves to what it reads: intervals, a few values, all but a few; null or not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from engine.feel import Value

Scalar: TypeAlias = tuple[str, Any]
"""A value under the name of its kind, so that 1 and true differ and any two have an order."""

End: TypeAlias = tuple[Scalar, bool]
"""One end of an interval, and whether it belongs to it."""

_DAY = timedelta(days=1)


def scalar(value: Value) -> Scalar | None:
    """Return a value that sets can hold; None for any other, such as a list or an instant."""
    match value:
        case bool():
            return "boolean", value
        case Decimal():
            return "number", value
        case str():
            return "text", value
        case datetime():
            return None
        case date():
            return "date", value
        case timedelta():
            return "duration", value
    return None


@dataclass(frozen=True, slots=True)
class Allowed:
    """The values that something may have; without arguments, any."""

    null: bool = True
    some: bool = True
    low: End | None = None
    high: End | None = None
    only: frozenset[Scalar] | None = None
    excluding: frozenset[Scalar] = frozenset()

    @property
    def empty(self) -> bool:
        """Whether no value is left."""
        return not self.null and not self._valued()

    def _valued(self) -> bool:
        if not self.some:
            return False
        if self.only is not None:
            return any(map(self.holds, self.only))
        if self.low is None or self.high is None or self.low[0] < self.high[0]:
            return True
        return self.low[0] == self.high[0] and self.low[1] and self.high[1] and self.holds(self.low[0])

    def holds(self, value: Scalar) -> bool:
        """Whether a value is one of them."""
        return (
            self.some
            and (self.only is None or value in self.only)
            and value not in self.excluding
            and (self.low is None or value > self.low[0] or (value == self.low[0] and self.low[1]))
            and (self.high is None or value < self.high[0] or (value == self.high[0] and self.high[1]))
        )

    def also(self, other: "Allowed") -> "Allowed":
        """Return the values that belong to both."""
        only = other.only if self.only is None else self.only if other.only is None else self.only & other.only
        lows = [end for end in (self.low, other.low) if end is not None]
        highs = [end for end in (self.high, other.high) if end is not None]
        return Allowed(
            null=self.null and other.null,
            some=self.some and other.some,
            low=max(lows, key=lambda end: (end[0], not end[1]), default=None),
            high=min(highs, key=lambda end: (end[0], end[1]), default=None),
            only=only,
            excluding=self.excluding | other.excluding,
        )

    def examples(self) -> Iterator[Value]:
        """Yield values that belong to the set, plain ones first; it may know none of many."""
        for candidate in sorted(self.only or ()) or self._candidates():
            if self.holds(candidate):
                yield candidate[1]
        if self.null:
            yield None

    def _candidates(self) -> Iterator[Scalar]:
        ends = [end[0] for end in (self.low, self.high) if end is not None]
        if len(ends) == 2 and ends[0][0] == ends[1][0] == "number":
            yield "number", (ends[0][1] + ends[1][1]) / 2
        yield from ends
        for kind, value in (*ends, *sorted(self.excluding)):
            if kind == "text":
                yield kind, f"not {value}"
            elif kind in _STEPS:
                yield kind, value + _STEPS[kind]
                yield kind, value - _STEPS[kind]


_STEPS: dict[str, Any] = {"number": Decimal(1), "date": _DAY, "duration": _DAY}

ANYTHING = Allowed()
NOTHING_KNOWN = Allowed(some=False)
"""Null alone."""


def equal(value: Scalar | None) -> Allowed:
    """Return the values equal to a constant; None stands for null."""
    return NOTHING_KNOWN if value is None else Allowed(null=False, only=frozenset({value}))


def among(values: frozenset[Scalar]) -> Allowed:
    """Return the given values."""
    return Allowed(null=False, only=values)


def other(values: frozenset[Scalar]) -> Allowed:
    """Return all but the given values, null among them."""
    if values and all(kind == "boolean" for kind, _ in values):
        return Allowed(only=frozenset({("boolean", True), ("boolean", False)}) - values)
    return Allowed(excluding=values)


def ordered(operator: str, value: Scalar) -> Allowed:
    """Return the values on one side of a constant; days have neighbours, so `> 1 March` is from the 2nd on."""
    included = len(operator) > 1
    kind, at = value
    if kind == "date" and not included:
        at, included = _neighbour(at, up=operator[0] == ">")
    end = ((kind, at), included)
    return Allowed(null=False, high=end) if operator[0] == "<" else Allowed(null=False, low=end)


def _neighbour(day: date, *, up: bool) -> tuple[date, bool]:
    try:
        return (day + _DAY if up else day - _DAY), True
    except OverflowError:
        return day, False


def nullable(values: Allowed) -> Allowed:
    """Return the values and null."""
    return replace(values, null=True)
