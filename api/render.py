"""FEEL values as plain JSON, the form every response and `--json` uses.

A number is a JSON number where that is exact (an integer up to 2**53, a decimal that a double prints unchanged), else a
string; money is `{"amount": "12.50", "currency": "TRY"}`; dates, times and durations are ISO 8601 strings.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from engine.feel import Money, Record, YearsMonths

_EXACT = 2**53


def plain(value: object) -> Any:  # noqa: ANN401  (JSON)
    """Turn a FEEL value, a struct, or any nesting of them into what JSON can hold."""
    if value is None or isinstance(value, bool | str | int | float):
        return value
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(item) for item in value)
    return _special(value)


def _special(value: object) -> Any:  # noqa: ANN401  (JSON)
    if isinstance(value, Money):
        return {"amount": amount(value.amount), "currency": value.currency}
    if isinstance(value, YearsMonths):
        return months(value.months)
    if isinstance(value, Record):
        return {str(key): plain(value.get(key)) for key in value.keys()}  # noqa: SIM118  (not a dict)
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    return str(value)


def number(value: Decimal) -> int | float | str:
    """Return a JSON number when that says exactly `value`, else its digits as a string."""
    if not value.is_finite():
        return str(value)
    if value == value.to_integral_value():
        return int(value) if abs(value) <= _EXACT else format(value, "f")
    near = float(value)
    return near if Decimal(repr(near)) == value else format(value, "f")


def amount(value: Decimal) -> str:
    """Return an amount with two decimals, or more where it has them."""
    exponent = value.as_tuple().exponent
    return format(value, "f" if isinstance(exponent, int) and exponent < -2 else ".2f")


def duration(value: timedelta) -> str:
    """Return an ISO 8601 days and time duration, e.g. `P1DT2H`."""
    sign = "-" if value < timedelta() else ""
    value = abs(value)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{value.microseconds:06d}".rstrip("0").rstrip(".")
    clock = [(hours, "H"), (minutes, "M")]
    text = "".join(f"{count}{unit}" for count, unit in clock if count)
    if seconds or fraction:
        text += f"{seconds}{fraction}S"
    day = f"{value.days}D" if value.days else ""
    return f"{sign}P{day}{'T' + text if text else ''}" if day or text else "PT0S"


def months(count: int) -> str:
    """Return an ISO 8601 years and months duration, e.g. `P1Y2M`."""
    years, rest = divmod(abs(count), 12)
    text = (f"{years}Y" if years else "") + (f"{rest}M" if rest else "")
    return f"{'-' if count < 0 else ''}P{text or '0M'}"


def to_bytes(value: object) -> bytes:
    """Return plain JSON as bytes, indented for people."""
    return msgspec.json.format(msgspec.json.encode(plain(value)), indent=2)


def literal(value: object) -> str:
    """Return a FEEL value as FEEL writes it."""
    value = plain(value) if isinstance(value, Money) else value
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, str):
        return msgspec.json.encode(value).decode()
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {literal(item)}" for key, item in value.items()) + "}"
    return f'@"{plain(value)}"'
