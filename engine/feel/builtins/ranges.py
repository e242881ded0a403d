"""Interval built-ins: Allen's relations between points and ranges (DMN 1.5, 10.3.4.9, table 78)."""

from collections.abc import Callable, Mapping

from engine.feel.env import Env
from engine.feel.runtime.compare import ordered
from engine.feel.runtime.kinds import Place, kind
from engine.feel.values import SEQUENCES, Range, Value

Relation = Callable[[Range, Range], bool]


class _NoOrder(Exception):
    def __init__(self, first: Value, second: Value) -> None:
        self.first, self.second = first, second


def _compare(a: Value, b: Value) -> int:
    keys = ordered(a, b) if a is not None and b is not None else None
    if keys is None:
        raise _NoOrder(a, b)
    return int(keys[0] > keys[1]) - int(keys[0] < keys[1])


def _before(a: Range, b: Range) -> bool:
    order = _compare(a.high, b.low)
    return order < 0 or (order == 0 and not (a.high_included and b.low_included))


def _meets(a: Range, b: Range) -> bool:
    return a.high_included and b.low_included and _compare(a.high, b.low) == 0


def _overlaps(a: Range, b: Range) -> bool:
    return not _before(a, b) and not _before(b, a)


def _starts_first(a: Range, b: Range) -> bool:
    order = _compare(a.low, b.low)
    return order < 0 or (order == 0 and a.low_included and not b.low_included)


def _ends_within(a: Range, b: Range) -> bool:
    order = _compare(a.high, b.high)
    return order < 0 or (order == 0 and (not a.high_included or b.high_included))


def _starts_within(a: Range, b: Range) -> bool:
    order = _compare(a.low, b.low)
    return order > 0 or (order == 0 and (not a.low_included or b.low_included))


def _overlaps_before(a: Range, b: Range) -> bool:
    return _starts_first(a, b) and _ends_within(a, b) and not _before(a, b)


def _finishes(a: Range, b: Range) -> bool:
    return a.high_included == b.high_included and _compare(a.high, b.high) == 0 and _starts_within(a, b)


def _starts(a: Range, b: Range) -> bool:
    return a.low_included == b.low_included and _compare(a.low, b.low) == 0 and _ends_within(a, b)


def _during(a: Range, b: Range) -> bool:
    return _starts_within(a, b) and _ends_within(a, b)


def _coincides(a: Range, b: Range) -> bool:
    included = a.low_included == b.low_included and a.high_included == b.high_included
    return included and _compare(a.low, b.low) == 0 and _compare(a.high, b.high) == 0


def _function(relation: Relation) -> Callable[..., Value]:
    """A relation of ranges as a built-in; a point is the range of itself alone."""

    def related(env: Env, at: Place, first: Value, second: Value) -> bool | None:
        if first is None or second is None:
            return None
        try:
            return relation(_interval(first), _interval(second))
        except _NoOrder as pair:
            if pair.first is not None and pair.second is not None:
                env.fault(f"{kind(pair.first)} and {kind(pair.second)} have no order", at)
            return None

    return related


def _interval(value: Value) -> Range:
    if isinstance(value, SEQUENCES) and len(value) == 1:
        return _interval(value[0])
    return value if isinstance(value, Range) else Range(value, value, low_included=True, high_included=True)


def _inverse(relation: Relation) -> Relation:
    return lambda a, b: relation(b, a)


RANGES: Mapping[str, Callable[..., Value]] = {
    name: _function(relation)
    for name, relation in {
        "before": _before,
        "after": _inverse(_before),
        "meets": _meets,
        "met by": _inverse(_meets),
        "overlaps": _overlaps,
        "overlaps before": _overlaps_before,
        "overlaps after": _inverse(_overlaps_before),
        "finishes": _finishes,
        "finished by": _inverse(_finishes),
        "includes": _inverse(_during),
        "during": _during,
        "starts": _starts,
        "started by": _inverse(_starts),
        "coincides": _coincides,
    }.items()
}
