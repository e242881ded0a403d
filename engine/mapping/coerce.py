"""From what a FEEL expression gives to what a field of the model holds; exact, nothing is guessed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from engine.feel import Money, YearsMonths, from_json
from engine.model.structs import Field

_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that does not fit: what was expected."""

    expected: str


def coerce(value: Any, field: Field, zone: tzinfo, currency: str | None = None) -> Any:  # noqa: ANN401
    """Return the value as the field holds it, null for a blank text, or a Misfit; `currency` is what money is in."""
    if isinstance(value, str):
        value = value.strip() or None
    elif isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    if value is None:
        return None
    if field.type == "money":
        return _money(value, currency)
    if field.type == "list":
        return _list(value, field, zone)
    result = _PLAIN[field.type or "any"](value, zone)
    if field.values and isinstance(result, str) and result not in field.values:
        return Misfit(f"one of {', '.join(field.values)}")
    return result


def as_text(value: Any) -> str | None:  # noqa: ANN401  (a FEEL value)
    """Return a key or identifier as text: numbers without trailing zeros, blank as None."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value == value.to_integral_value() else f"{value:f}"
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, list):
        parts = [as_text(item) for item in value]
        return None if None in parts else "|".join(part for part in parts if part)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return None


def shown(value: Any) -> str:  # noqa: ANN401  (a FEEL value)
    """Return a value as a message shows it, shortened."""
    text = str(value)
    if isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, bool):
        text = text.lower()
    elif isinstance(value, dict | list):
        text = "a list" if isinstance(value, list) else "a context"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _text(value: Any, _zone: tzinfo) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return value
    return as_text(value) if isinstance(value, Decimal) else Misfit("text")


def _number(value: Any, _zone: tzinfo) -> Any:  # noqa: ANN401
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    return value if isinstance(value, Decimal) else Misfit("a number such as 1234.56")


def _boolean(value: Any, _zone: tzinfo) -> Any:  # noqa: ANN401
    if isinstance(value, Decimal) and value in (0, 1):
        return value == 1
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value if isinstance(value, bool) else Misfit("true or false")


def _date(value: Any, zone: tzinfo) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        if _DAY.fullmatch(value):
            return _iso(date.fromisoformat, value, "a date such as 2026-01-31")
        value = _datetime(value, zone)
    if isinstance(value, datetime):
        return (value.astimezone(zone) if value.tzinfo else value).date()
    return value if isinstance(value, date) else Misfit("a date such as 2026-01-31")


def _datetime(value: Any, zone: tzinfo) -> Any:  # noqa: ANN401
    expected = "a date and time such as 2026-01-31T09:30:00+03:00"
    if isinstance(value, str):
        value = _iso(datetime.fromisoformat, value, expected) if value[:4].isdigit() else None
    if isinstance(value, Misfit):
        return value
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    return datetime.combine(value, time(), zone) if isinstance(value, date) else Misfit(expected)


def _time(value: Any, _zone: tzinfo) -> Any:  # noqa: ANN401
    expected = "a time such as 09:30:00"
    if isinstance(value, str):
        return _iso(time.fromisoformat, value, expected)
    return value if isinstance(value, time) else Misfit(expected)


def _duration(value: Any, _zone: tzinfo) -> Any:  # noqa: ANN401
    read = _period(value)
    return read if isinstance(read, timedelta) else Misfit("a duration such as P3DT4H")


def _months(value: Any, _zone: tzinfo) -> Any:  # noqa: ANN401
    read = _period(value)
    return read if isinstance(read, YearsMonths) else Misfit("a duration such as P1Y6M")


def _period(value: Any) -> Any:  # noqa: ANN401
    return _iso(lambda text: from_json({"duration": text}), value, "") if isinstance(value, str) else value


def _iso(read: Callable[[str], Any], text: str, expected: str) -> Any:  # noqa: ANN401
    try:
        return read(text)
    except ValueError:
        return Misfit(expected)


def _money(value: Any, currency: str | None) -> Any:  # noqa: ANN401
    if isinstance(value, Money):
        return value if currency in (None, value.currency) else Misfit(f"an amount in {currency}")
    number = Decimal(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value
    if not isinstance(number, Decimal):
        return Misfit("an amount such as 1234.56")
    return Money(number, currency) if currency else Misfit("an amount with its currency; the record names none")


def _list(value: Any, field: Field, zone: tzinfo) -> Any:  # noqa: ANN401
    item_field = Field(type=field.of or "any")
    items = [coerce(item, item_field, zone) for item in (value if isinstance(value, list) else [value])]
    return next((item for item in items if isinstance(item, Misfit)), items)


_PLAIN: Mapping[str, Callable[[Any, tzinfo], Any]] = {
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "duration": _duration,
    "months": _months,
    "any": lambda value, _zone: value,
}
