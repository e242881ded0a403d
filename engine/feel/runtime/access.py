"""Paths, properties, filters and iteration over values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.feel.env import Env
from engine.feel.runtime import compare
from engine.feel.runtime.kinds import Place, kind
from engine.feel.temporal.wide import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    date_of,
    date_part,
    datetime_parts,
    day_number,
    duration_nanos,
    make_duration,
    offset_nanos,
    time_parts,
    zone_of,
)
from engine.feel.values import NUMBERS, RECORDS, SEQUENCES, Range, Value

MISSING = object()
"""What `get` answers when asked for a name that a context does not have."""
_Property = Callable[[Value], Value]


def _number(value: int) -> Decimal:
    return Decimal(value)


def _date_property(name: str) -> _Property:
    return lambda moment: _number(getattr(_day(moment), name))


def _day(moment: Value) -> Value:
    return moment if kind(moment) == "date" else date_part(moment)


def _weekday(moment: Value) -> Decimal:
    return _number((day_number(_day(moment)) - 1) % 7 + 1)


def _clock(unit: int, size: int) -> _Property:
    return lambda moment: _number(_nanos(moment) // unit % size)


def _nanos(moment: Value) -> int:
    return time_parts(moment)[0] if kind(moment) == "time" else datetime_parts(moment)[1]


def _seconds(moment: Value) -> Decimal:
    return NUMBERS.divide(Decimal(_nanos(moment) % MINUTE), Decimal(SECOND))


def _offset(moment: Value) -> Value:
    zone = zone_of(moment)
    if zone is None:
        return None
    return make_duration(offset_nanos(zone, None if kind(moment) == "time" else moment))


def _zone_name(moment: Value) -> Value:
    zone = zone_of(moment)
    return zone.key if isinstance(zone, ZoneInfo) else None


def _part(unit: int, size: int) -> _Property:
    def part(length: Value) -> Decimal:
        nanos = duration_nanos(length)
        found = abs(nanos) // unit
        found = found % size if size else found
        return _number(-found if nanos < 0 else found)

    return part


def _part_seconds(length: Value) -> Decimal:
    nanos = duration_nanos(length)
    found = NUMBERS.divide(Decimal(abs(nanos) % MINUTE), Decimal(SECOND))
    return -found if nanos < 0 else found


def _months_part(length: Value) -> Decimal:
    return _number(abs(length.months) % 12 * (-1 if length.months < 0 else 1))


def _years_part(length: Value) -> Decimal:
    return _number(abs(length.months) // 12 * (-1 if length.months < 0 else 1))


_DATE = {**{name: _date_property(name) for name in ("year", "month", "day")}, "weekday": _weekday}
_TIME = {
    "hour": _clock(HOUR, 24),
    "minute": _clock(MINUTE, 60),
    "second": _seconds,
    "time offset": _offset,
    "timezone": _zone_name,
}
PROPERTIES: Mapping[str, Mapping[str, _Property]] = {
    "date": _DATE,
    "time": _TIME,
    "date and time": {**_DATE, **_TIME},
    "days and time duration": {
        "days": _part(DAY, 0),
        "hours": _part(HOUR, 24),
        "minutes": _part(MINUTE, 60),
        "seconds": _part_seconds,
    },
    "years and months duration": {"years": _years_part, "months": _months_part},
    "range": {
        "start": lambda interval: interval.low,
        "end": lambda interval: interval.high,
        "start included": lambda interval: interval.low_included,
        "end included": lambda interval: interval.high_included,
    },
    "money": {"amount": lambda money: money.amount, "currency": lambda money: money.currency},
}


_NONE: Mapping[str, _Property] = {}


def path(source: Value, name: str, env: Env, at: Place) -> Value:
    """`source.name`."""
    if isinstance(source, RECORDS):
        return source.get(name)
    if source is None:
        return None
    if isinstance(source, SEQUENCES):
        env.spend(len(source))
        return [item.get(name) if isinstance(item, RECORDS) else path(item, name, env, at) for item in source]
    found = PROPERTIES.get(kind(source), _NONE).get(name)
    if found is None:
        env.fault(f"{kind(source)} has no `{name}`", at)
        return None
    return found(source)


def unknown(name: str, env: Env, at: Place) -> None:
    """A variable that the scope does not have."""
    env.fault(f"nothing here is called `{name}`", at)


def items(source: Value, env: Env) -> Sequence[Value]:
    """What a filter goes through: a list's elements, nothing of null, else the value itself."""
    if isinstance(source, SEQUENCES):
        env.spend(len(source))
        return source
    return () if source is None else (source,)


def domain(source: Value, env: Env, at: Place) -> Iterable[Value] | None:
    """What an iterator runs over; None, with a fault unless it is null, when it cannot."""
    if isinstance(source, SEQUENCES):
        env.spend(len(source))
        return source
    if source is None:
        return None
    if isinstance(source, Range) and not source.operator:
        return _range_items(source, env, at)
    return (source,)


def _range_items(interval: Range, env: Env, at: Place) -> Iterable[Value] | None:
    found = span(interval.low, interval.high, env, at)
    if found is None:
        return None
    if not interval.low_included and found and compare.equal(found[0], interval.low, env):
        found = found[1:]
    if not interval.high_included and found and compare.equal(found[-1], interval.high, env):
        found = found[:-1]
    return found


def span(low: Value, high: Value, env: Env, at: Place) -> Sequence[Value] | None:
    """`low..high` of whole numbers or dates, upwards or downwards."""
    if low is None or high is None:
        return None
    match kind(low), kind(high):
        case "number", "number" if low == low.to_integral_value() and high == high.to_integral_value():
            return [Decimal(number) for number in _run(int(low), int(high), env)]
        case "date", "date":
            if isinstance(low, date) and isinstance(high, date) and low <= high:
                days = (high - low).days + 1
                env.spend(days)
                return [low + timedelta(count) for count in range(days)]
            return [date_of(number) for number in _run(day_number(low), day_number(high), env)]
    env.fault(f"cannot iterate from {kind(low)} to {kind(high)}; whole numbers and dates can be", at)
    return None


def _run(low: int, high: int, env: Env) -> range:
    env.spend(abs(high - low) + 1)
    return range(low, high + 1) if low <= high else range(low, high - 1, -1)


def index(source: Value, number: Decimal, env: Env, at: Place) -> Value:
    """`list[number]`, from 1, negative from the end; null outside."""
    if source is None:
        return None
    elements = source if isinstance(source, SEQUENCES) else [source]
    if number != number.to_integral_value() or number == 0:
        env.fault(f"{number} is no index; the first element has index 1", at)
        return None
    if abs(number) > len(elements):
        return None
    return elements[int(number) - 1 if number > 0 else int(number)]


def entry(source: Value, name: str) -> Value:
    """The entry of a filter's item, MISSING when it has none."""
    return source.get(name, MISSING) if isinstance(source, RECORDS) else MISSING


def no_condition(value: Value, env: Env, at: Place) -> None:
    """A value that stands where a truth value should."""
    if value is not None:
        env.fault(f"{kind(value)} is no truth value", at)
