"""Sets of values of one kind as intervals between cuts, for the index and for the analysis of tables.

A cut stands before a value of the kind's scale. On a discrete scale "after x" is "before the next value", so intervals
between two different cuts always hold a value: texts have a next one (with U+0000 appended), dates a next day.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

from engine.feel import Range, Value
from engine.feel.runtime.kinds import kind
from engine.feel.temporal.wide import day_number, duration_nanos
from engine.tables.literals import LiteralTest

Cut: TypeAlias = tuple[Any, ...]
Region: TypeAlias = tuple[tuple[Cut, Cut], ...]
"""Disjoint intervals, in order; each from a cut up to another."""

LOWEST: Cut = (-1,)
HIGHEST: Cut = (1,)
EVERYTHING: Region = ((LOWEST, HIGHEST),)
NOTHING: Region = ()


class Scale(NamedTuple):
    """What orders the values of a kind: the key of a value, and the position after a key."""

    name: str
    key: Callable[[Value], Any]
    after: Callable[[Any], Any]
    before: Callable[[Any], Any] = lambda key: key
    whole: Region = EVERYTHING
    ordered: bool = True


def _next(key: int) -> int:
    return key + 1


_NUMBERS = Scale("number", lambda value: value, lambda key: (key, 1), lambda key: (key, 0))
SCALES: Mapping[str, Scale] = {
    "number": _NUMBERS,
    "money": _NUMBERS._replace(key=lambda value: value.amount),
    "string": Scale("string", lambda value: value, lambda key: key + "\0", whole=(((0, ""), HIGHEST),)),
    "boolean": Scale("boolean", int, _next, whole=(((0, 0), (0, 2)),), ordered=False),
    "date": Scale("date", day_number, _next),
    "days and time duration": Scale("days and time duration", duration_nanos, _next),
    "years and months duration": Scale("years and months duration", lambda value: value.months, _next),
}
"""By kind; times and dates and times have none, as their equality is no order's."""


def scale_of(value: Value) -> Scale | None:
    """Return the scale of a value's kind."""
    return SCALES.get(kind(value))


def position(value: Value, scale: Scale) -> Cut:
    """Return the cut before a value."""
    return (0, scale.before(scale.key(value)))


class Unordered(Exception):
    """The tests are no set on the scale."""


def region(tests: Iterable[LiteralTest], scale: Scale, *, negated: bool = False) -> Region:
    """Return the values of a scale for which one of the tests holds, or none when negated; raises Unordered."""
    found = union(*(_of_test(test, scale) for test in tests))
    return complement(found, scale) if negated else found


def _of_test(test: LiteralTest, scale: Scale) -> Region:
    operator, operand = test
    if isinstance(operand, list) and not operator:
        return union(*(_of_test(LiteralTest("", item), scale) for item in operand))
    if isinstance(operand, Range) and not operator:
        return _of_range(operand, scale)
    if operand is None and operator in ("", "="):
        return NOTHING
    low, high = _point(operand, scale)
    match operator:
        case "" | "=":
            return ((low, high),)
        case "!=":
            return complement(((low, high),), scale)
    if not scale.ordered:
        raise Unordered
    bounds = {"<": (LOWEST, low), "<=": (LOWEST, high), ">": (high, HIGHEST), ">=": (low, HIGHEST)}
    return intersection((bounds[operator],), scale.whole)


def _of_range(interval: Range, scale: Scale) -> Region:
    if not scale.ordered or interval.operator:
        raise Unordered
    low = _point(interval.low, scale)[0 if interval.low_included else 1]
    high = _point(interval.high, scale)[1 if interval.high_included else 0]
    return ((low, high),) if low < high else NOTHING


def _point(value: Value, scale: Scale) -> tuple[Cut, Cut]:
    own = scale_of(value)
    if own is None or own.name != scale.name:
        raise Unordered
    key = own.key(value)
    return (0, scale.before(key)), (0, scale.after(key))


def union(*regions: Region) -> Region:
    """Return what is in any of the regions."""
    merged: list[tuple[Cut, Cut]] = []
    for low, high in sorted(interval for each in regions for interval in each):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def intersection(first: Region, second: Region) -> Region:
    """Return what is in both regions."""
    found: list[tuple[Cut, Cut]] = []
    a = b = 0
    while a < len(first) and b < len(second):
        low, high = max(first[a][0], second[b][0]), min(first[a][1], second[b][1])
        if low < high:
            found.append((low, high))
        if first[a][1] <= second[b][1]:
            a += 1
        else:
            b += 1
    return tuple(found)


def complement(inside: Region, scale: Scale) -> Region:
    """Return what is on the scale and not in the region."""
    found: list[tuple[Cut, Cut]] = []
    low = LOWEST
    for start, end in inside:
        if low < start:
            found.append((low, start))
        low = end
    if low < HIGHEST:
        found.append((low, HIGHEST))
    return intersection(tuple(found), scale.whole)
