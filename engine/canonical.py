"""One JSON form for every value and struct: exact, readable, and the same bytes each time.

JSON has no decimals and no dates, so these are tagged: `{"number": "1.5"}`, `{"date": "2026-01-05"}`. What JSON can
hold stays as it is. A mapping that would look like a tag is wrapped: `{"context": {"number": "1.5"}}`.
"""

import hashlib
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from engine.feel import Money, Range, YearsMonths

Plain = None | bool | int | float | str | list[Any] | dict[str, Any]


def canonical_json(value: object) -> bytes:
    """The one JSON text of a value: keys sorted by code point, no white space, UTF-8.

    Takes FEEL values, structs, mappings and sequences. Raises TypeError for what has no form, ValueError for NaN,
    infinity and text that is no Unicode.
    """
    return msgspec.json.encode(to_plain(value), order="deterministic")


def digest(value: object) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def action_digest(action: str, operation: str, payload: Mapping[str, Any]) -> str:
    """What an approval binds to: this action, this operation, this payload."""
    return digest({"action": action, "operation": operation, "payload": payload})


def to_plain(value: object) -> Plain:
    """The value with only what JSON has; `from_plain` undoes it exactly, but that tuples come back as lists."""
    kind = type(value)
    if kind in _AS_IS:
        return value  # type: ignore[return-value]
    if kind is float:
        return _finite(value)  # type: ignore[arg-type]
    if kind is list or kind is tuple:
        return [to_plain(item) for item in value]  # type: ignore[attr-defined]
    if kind is dict or isinstance(value, Mapping):
        return _context(value)  # type: ignore[arg-type]
    if isinstance(value, msgspec.Struct):
        return _struct(value)
    return _tagged(value, kind)


def from_plain(value: Any) -> Any:  # noqa: ANN401  (JSON in, FEEL values out)
    """The value that `to_plain` was given; raises ValueError when a tag holds what it may not."""
    kind = type(value)
    if kind is list:
        return [from_plain(item) for item in value]
    if kind is not dict:
        return value
    if len(value) == 1:
        ((name, inner),) = value.items()
        if name == _WRAP:
            return {key: from_plain(item) for key, item in inner.items()}
        if name in _TAGS:
            return _revive(name, inner)
    return {key: from_plain(item) for key, item in value.items()}


def _finite(number: float) -> float:
    if math.isfinite(number):
        return number
    raise ValueError(f"{number} has no JSON form")


def _context(value: Mapping[Any, Any]) -> dict[str, Any]:
    plain = {_name(key): to_plain(item) for key, item in value.items()}
    if len(plain) == 1 and next(iter(plain)) in _TAGS:
        return {_WRAP: plain}
    return plain


def _name(key: object) -> str:
    if type(key) is str:
        return key
    raise TypeError(f"a key must be text, not {type(key).__name__}")


def _struct(value: msgspec.Struct) -> dict[str, Any]:
    tag, fields = _layout(type(value))
    plain: dict[str, Any] = dict(tag)
    for name, encoded, default in fields:
        item = getattr(value, name)
        if item is not default and not (type(item) is type(default) and item == default):
            plain[encoded] = to_plain(item)
    return plain


@cache
def _layout(kind: type[msgspec.Struct]) -> tuple[Mapping[str, Any], tuple[tuple[str, str, Any], ...]]:
    """The tag of a struct, and its fields with the default that may be left out."""
    config = kind.__struct_config__
    tag = {config.tag_field: config.tag} if config.tag is not None and config.tag_field else {}
    missing = msgspec.NODEFAULT
    return tag, tuple(
        (field.name, field.encode_name, field.default if config.omit_defaults else missing)
        for field in msgspec.structs.fields(kind)
    )


def _tagged(value: object, kind: type) -> dict[str, Any]:
    if kind is Decimal:
        return {"number": _number(value)}  # type: ignore[arg-type]
    if kind is datetime:
        return {"date and time": _moment(value)}  # type: ignore[arg-type]
    if kind is date:
        return {"date": value.isoformat()}  # type: ignore[attr-defined]
    if kind is time:
        return {"time": _time(value)}  # type: ignore[arg-type]
    if kind is timedelta:
        return {"duration": _duration(value)}  # type: ignore[arg-type]
    return _of_feel(value)


def _of_feel(value: object) -> dict[str, Any]:
    match value:
        case Money():
            return {"money": {"amount": _number(value.amount), "currency": value.currency}}
        case YearsMonths():
            years, months = divmod(abs(value.months), 12)
            return {"duration": f"{'-' if value.months < 0 else ''}P{years}Y{months}M"}
        case Range():
            bounds = {"start": to_plain(value.low), "end": to_plain(value.high), "operator": value.operator}
            return {"range": bounds | {"start included": value.low_included, "end included": value.high_included}}
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _number(value: Decimal) -> str:
    if value.is_finite():
        return str(value)
    raise ValueError(f"{value} has no JSON form")


def _moment(value: datetime) -> str:
    """As FEEL writes it, `...@Europe/Istanbul`; the later of two equal readings of a clock has its offset too."""
    if isinstance(value.tzinfo, ZoneInfo):
        shown = value if value.fold else value.replace(tzinfo=None)
        return f"{shown.isoformat()}@{value.tzinfo.key}"
    return value.isoformat()


def _time(value: time) -> str:
    if isinstance(value.tzinfo, ZoneInfo):
        return f"{value.replace(tzinfo=None).isoformat()}@{value.tzinfo.key}"
    return value.isoformat()


def _duration(value: timedelta) -> str:
    sign, length = ("-", -value) if value.days < 0 else ("", value)
    days = f"{length.days}D" if length.days else ""
    fraction = f".{length.microseconds:06}".rstrip("0") if length.microseconds else ""
    seconds = f"T{length.seconds}{fraction}S" if length.seconds or fraction or not days else ""
    return f"{sign}P{days}{seconds}"


def _revive(name: str, inner: Any) -> Any:  # noqa: ANN401  (JSON in, a FEEL value out)
    if type(inner) is not _FORM.get(name, str):
        raise ValueError(f"{inner!r} is no {name}")
    try:
        return _READ[name](inner)
    except (ArithmeticError, LookupError, OSError, TypeError, ValueError) as fault:
        raise ValueError(f"{inner!r} is no {name}") from fault


def _read_moment(text: str) -> datetime:
    local, _, zone = text.partition("@")
    moment = datetime.fromisoformat(local)
    if not zone:
        return moment
    return moment.replace(tzinfo=ZoneInfo(zone), fold=int(moment.tzinfo is not None))


def _read_time(text: str) -> time:
    local, _, zone = text.partition("@")
    moment = time.fromisoformat(local)
    return moment.replace(tzinfo=ZoneInfo(zone)) if zone else moment


def _read_duration(text: str) -> timedelta | YearsMonths:
    if not text.endswith("M"):
        return msgspec.convert(text, timedelta)
    years, months = text.removeprefix("-").removeprefix("P").removesuffix("M").split("Y")
    length = 12 * int(years) + int(months)
    return YearsMonths(-length if text.startswith("-") else length)


def _read_money(inner: Mapping[str, str]) -> Money:
    return Money(Decimal(inner["amount"]), inner["currency"])


def _read_range(inner: Mapping[str, Any]) -> Range:
    low, high = from_plain(inner["start"]), from_plain(inner["end"])
    return Range(low, high, inner["start included"], inner["end included"], inner["operator"])


_AS_IS: Final = frozenset({str, bool, int, type(None)})
_WRAP: Final = "context"
_FORM: Final[Mapping[str, type]] = {"money": dict, "range": dict}
_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "number": Decimal,
    "date": date.fromisoformat,
    "time": _read_time,
    "date and time": _read_moment,
    "duration": _read_duration,
    "money": _read_money,
    "range": _read_range,
}
_TAGS: Final = frozenset({*_READ, _WRAP})
