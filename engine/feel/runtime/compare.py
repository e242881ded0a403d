"""`= != < <= > >= between` (DMN 1.5, 10.3.2.13 and tables 52, 53)."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from engine.feel.env import Env
from engine.feel.money import Money
from engine.feel.runtime.kinds import Place, kind
from engine.feel.temporal.wide import SECOND, day_number, duration_nanos, in_zone, instant, time_value, zone_of
from engine.feel.values import Range, Record, Value


def key(value: Value, kind_: str) -> Value:
    """What a value of this kind is ordered and found equal by."""
    match kind_:
        case "date":
            return day_number(value)
        case "time":
            return time_value(value)
        case "date and time":
            return instant(value)
        case "days and time duration":
            return duration_nanos(value)
    return value


def same_clock(a: Value, b: Value) -> bool:
    """Whether both have a time zone or none has."""
    return (zone_of(a) is None) == (zone_of(b) is None)


def equal(a: Value, b: Value, env: Env) -> bool | None:
    """Equality; None when the kinds cannot be compared.

    Times are equal when they are in the same second, as the DMN TCK has it (0068, datetime_003).
    """
    if a is b:
        return True
    if a is None or b is None:
        return False
    first, second = kind(a), kind(b)
    if first != second:
        return _money_equal(a, b) if {first, second} == {"money", "number"} else None
    return _EQUALITY[first](a, b, env) if first in _EQUALITY else bool(key(a, first) == key(b, first))


def _money_equal(a: Value, b: Value) -> bool:
    return bool((a.amount if isinstance(a, Money) else a) == (b.amount if isinstance(b, Money) else b))


def _same_context(a: Value, b: Value, env: Env) -> bool:
    if isinstance(a, Record) or isinstance(b, Record):
        return bool(a == b)
    env.spend(len(a))
    return a.keys() == b.keys() and all(equal(a[name], b[name], env) is True for name in a)


def _same_range(a: Range, b: Range, env: Env) -> bool:
    shape = (a.low_included, a.high_included, a.operator) == (b.low_included, b.high_included, b.operator)
    return shape and equal(a.low, b.low, env) is True and equal(a.high, b.high, env) is True


def _same_list(a: Value, b: Value, env: Env) -> bool:
    env.spend(len(a))
    return len(a) == len(b) and all(equal(x, y, env) is True for x, y in zip(a, b, strict=True))


def _same_money(a: Money, b: Money, _env: Env) -> bool | None:
    return a.amount == b.amount if a.currency == b.currency else None


def _same_second(a: Value, b: Value, _env: Env) -> bool:
    kind_ = kind(a)
    return same_clock(a, b) and bool(key(a, kind_) // SECOND == key(b, kind_) // SECOND)


_EQUALITY: Mapping[str, Callable[[Value, Value, Env], bool | None]] = {
    "list": _same_list,
    "context": _same_context,
    "range": _same_range,
    "money": _same_money,
    "function": lambda _a, _b, _env: False,
    "time": _same_second,
    "date and time": _same_second,
}


_PLAIN = frozenset((str, Decimal))


def contains(items: Sequence[Value], wanted: Value, env: Env) -> bool:
    """Whether one of the items equals the wanted value."""
    if type(wanted) in _PLAIN and set(map(type, items)) == {type(wanted)}:
        env.spend(len(items))
        return wanted in items
    for item in items:
        env.spend(1)
        if equal(item, wanted, env):
            return True
    return False


def eq(a: Value, b: Value, env: Env, at: Place) -> bool | None:
    """`a = b`."""
    result = equal(a, b, env)
    if result is None:
        env.fault(f"cannot compare {_described(a)} with {_described(b)}", at)
    return result


def ne(a: Value, b: Value, env: Env, at: Place) -> bool | None:
    """`a != b`."""
    result = eq(a, b, env, at)
    return None if result is None else not result


def _described(value: Value) -> str:
    return f"money in {value.currency}" if isinstance(value, Money) else kind(value)


def ordered(a: Value, b: Value) -> tuple[Value, Value] | None:
    """What orders two values, None when they have no order."""
    first, second = kind(a), kind(b)
    if first != second:
        if {first, second} != {"money", "number"}:
            return None
        return (a.amount if isinstance(a, Money) else a), (b.amount if isinstance(b, Money) else b)
    match first:
        case "number" | "string" | "years and months duration":
            return a, b
        case "money":
            return (a.amount, b.amount) if a.currency == b.currency else None
        case "date" | "days and time duration":
            return key(a, first), key(b, first)
    return _moments(a, b, first) if first in ("time", "date and time") else None


def _moments(a: Value, b: Value, kind_: str) -> tuple[int, int]:
    """Two times in nanoseconds; one without a zone is read in the zone of the other (DMN 1.5, table 54)."""
    if zone_of(a) is None and zone_of(b) is not None:
        a = in_zone(a, zone_of(b))
    elif zone_of(b) is None and zone_of(a) is not None:
        b = in_zone(b, zone_of(a))
    return key(a, kind_), key(b, kind_)


def _keys(a: Value, b: Value, env: Env, at: Place) -> tuple[Value, Value] | None:
    if a is None or b is None:
        return None
    keys = ordered(a, b)
    if keys is None:
        env.fault(f"cannot compare {_described(a)} with {_described(b)}", at)
    return keys


def lt(a: Value, b: Value, env: Env, at: Place) -> bool | None:
    """`a < b`."""
    keys = _keys(a, b, env, at)
    return None if keys is None else keys[0] < keys[1]


def le(a: Value, b: Value, env: Env, at: Place) -> bool | None:
    """`a <= b`."""
    keys = _keys(a, b, env, at)
    return None if keys is None else keys[0] <= keys[1]


def gt(a: Value, b: Value, env: Env, at: Place) -> bool | None:
    """`a > b`."""
    keys = _keys(a, b, env, at)
    return None if keys is None else keys[0] > keys[1]


def ge(a: Value, b: Value, env: Env, at: Place) -> bool | None:
    """`a >= b`."""
    keys = _keys(a, b, env, at)
    return None if keys is None else keys[0] >= keys[1]


def both(a: bool | None, b: bool | None) -> bool | None:
    """Three-valued conjunction of truth values."""
    if a is False or b is False:
        return False
    return True if a and b else None


def between(value: Value, low: Value, high: Value, env: Env, at: Place) -> bool | None:
    """`value between low and high`."""
    return both(ge(value, low, env, at), le(value, high, env, at))
