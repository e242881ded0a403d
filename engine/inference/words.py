"""Filling `{expression}` in a rule's `because` with values as a person reads them."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from engine.feel import Money, Value

_HOLE = re.compile(r"\{([^{}]*)\}")


def fill(text: str, value: Callable[[str], Value]) -> str:
    """Replace each `{expression}` by its value."""
    return _HOLE.sub(lambda hole: say(value(hole[1])), text).strip()


def say(value: Value) -> str:
    """Return a value in plain words: numbers rounded to two places, dates as ISO, nothing as a dash."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return _number(value)
        case Money():
            return f"{value.amount:,.2f} {value.currency}"
        case datetime():
            return value.isoformat(" ", "minutes")
        case date():
            return value.isoformat()
        case timedelta():
            return f"{value.days} days" if value.days else str(value)
        case list():
            return ", ".join(map(say, value))
        case dict():
            return str(
                value.get("name") or value.get("id") or "; ".join(f"{name} {say(each)}" for name, each in value.items())
            )
    return str(value)


def _number(value: Decimal) -> str:
    rounded = round(value, 2)
    return f"{int(rounded)}" if rounded == int(rounded) else f"{rounded:f}".rstrip("0")
