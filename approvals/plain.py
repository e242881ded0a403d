"""FEEL values as the plain JSON a target system takes."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from engine.feel import Money, Record, YearsMonths


class NotPlain(Exception):
    """The value is a function or a range, which no target system takes."""


def plain(value: Any) -> Any:  # noqa: ANN401  (any FEEL value in, any JSON value out)
    """Return the value in JSON's types; an entity is its id, money `{"amount": "1234.50", "currency": "TRY"}`.

    Inside a list or a context an entity becomes its own plain fields. Raises NotPlain.
    """
    if isinstance(value, Record):
        return plain(value.get("id"))
    if isinstance(value, list | tuple):
        return [_inner(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _inner(item) for name, item in value.items()}
    return _atom(value)


def _inner(value: Any) -> Any:  # noqa: ANN401  (as above)
    if not isinstance(value, Record):
        return plain(value)
    fields = {str(name): value.get(name) for name in value.keys()}  # noqa: SIM118  (a Record is no mapping)
    return {name: plain(field) for name, field in fields.items() if not isinstance(field, Record | list | Mapping)}


def _atom(value: Any) -> Any:  # noqa: ANN401  (one case for each type)
    match value:
        case None | bool() | str() | int() | float():
            return value
        case Decimal():
            return _number(value)
        case Money():
            return {"amount": format(value.amount, "f"), "currency": value.currency}
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return msgspec.to_builtins(value)
        case YearsMonths():
            sign, (years, months) = "-" if value.months < 0 else "", divmod(abs(value.months), 12)
            return f"{sign}P{years}Y{months}M"
    msg = f"a {type(value).__name__} cannot be sent"
    raise NotPlain(msg)


def _number(value: Decimal) -> int | float | str:
    """Return a JSON number where it holds the exact value, else its text."""
    if value == value.to_integral_value() and abs(value) < 2**53:
        return int(value)
    near = float(value)
    return near if Decimal(repr(near)) == value else format(value, "f")
