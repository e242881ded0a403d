"""FEEL's values that Python has no exact type for, and the border where host values become FEEL values."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from functools import total_ordering
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from engine.feel.money import Money
from engine.feel.temporal.wide import WIDE, make_time, time_nanos

Value: TypeAlias = Any
"""None, bool, str, Decimal, date, time, datetime, timedelta, list, dict or Record, or a type of this package."""

NUMBERS = Context(
    prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[DivisionByZero, InvalidOperation, Overflow]
)
"""IEEE 754-2008 decimal128, which DMN 1.5 (10.3.2.3.1) prescribes."""


class Record:
    """Base of host objects that behave as contexts; subclasses answer `get` and, to be listed, `keys`."""

    __slots__ = ()

    def get(self, name: str, default: Value = None) -> Value:
        """The entry of that name; may raise Suspend."""
        raise NotImplementedError

    def keys(self) -> Iterable[str]:
        """Names of the entries, in order."""
        raise NotImplementedError


RECORDS = (dict, Record)
SEQUENCES = (list, tuple)


def keys(context: Value) -> Iterable[str]:
    """The names of a context's entries, in order."""
    names: Iterable[str] = context.keys()
    return names


@total_ordering
@dataclass(frozen=True, slots=True)
class YearsMonths:
    """A years and months duration, as its number of months."""

    months: int

    def __lt__(self, other: "YearsMonths") -> bool:
        return self.months < other.months


@dataclass(frozen=True, slots=True)
class Range:
    """An interval as a value.

    `operator` is set for the unbounded forms such as `(> 5)`; their operand is `low`, for `<` and `<=` it is `high`.
    """

    low: Value
    high: Value
    low_included: bool
    high_included: bool
    operator: str = ""

    def __hash__(self) -> int:
        return hash((self.low_included, self.high_included, self.operator))


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function as a value: a built-in, a host function or a function literal.

    `call(env, at, *arguments)` runs it; `names` are the parameters that can be named, `required` how many of them a
    call must give, `variadic` whether it takes more than it names.
    """

    names: tuple[str, ...]
    call: Callable[..., Value]
    required: int
    variadic: bool = False
    name: str = ""
    type: Any = None


def to_value(value: object) -> Value:
    """A Python value as a FEEL value: numbers become Decimals, tuples lists; raises TypeError for what has no place."""
    kind = type(value)
    if kind is int:
        return Decimal(value)  # type: ignore[arg-type]
    if kind in (list, tuple):
        return [to_value(item) for item in value]  # type: ignore[attr-defined]
    if isinstance(value, Record) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(key): to_value(item) for key, item in value.items()}
    if kind in _EXACT:
        return value
    for base, convert in _CONVERSIONS:
        if isinstance(value, base):
            return convert(value)
    msg = f"{kind.__name__} is no FEEL value"
    raise TypeError(msg)


_EXACT = frozenset((bool, str, date, timedelta, YearsMonths, Money, Range, Function, *WIDE))


def _number(value: Decimal | float) -> Decimal | None:
    """A number as a Decimal of the digits it shows; null for what is none."""
    number = Decimal(value) if isinstance(value, int | Decimal) else Decimal(repr(float(value)))
    return number if number.is_finite() else None


def _moment(value: datetime) -> datetime:
    """With an IANA zone or a fixed offset, whatever library the zone is from."""
    zone, offset = value.tzinfo, value.utcoffset()
    known = zone is None or type(zone) in (timezone, ZoneInfo)
    if known and type(value) is datetime:
        return value
    if not known:
        zone = timezone(offset) if offset is not None else None
    return datetime.combine(value.date(), value.time(), tzinfo=zone)


def _clock(value: time) -> Value:
    offset = value.utcoffset()
    zone = value.tzinfo if isinstance(value.tzinfo, ZoneInfo) else timezone(offset) if offset is not None else None
    return make_time(time_nanos(value), zone)


_CONVERSIONS: tuple[tuple[Any, Callable[[Any], Value]], ...] = (
    ((int, float, Decimal), _number),
    (str, str.__str__),
    (datetime, _moment),
    (date, lambda value: date(value.year, value.month, value.day)),
    (time, _clock),
    (timedelta, lambda value: timedelta(value.days, value.seconds, value.microseconds)),
)
