"""Functions that mappings may use besides FEEL's own: reading dates and numbers as source systems write them."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from engine.feel.env import Env
from engine.feel.functions import HostFunction
from engine.feel.money import Money
from engine.feel.types import ANY, NUMBER, STRING, MoneyType

_FIELDS: Mapping[str, str] = {
    "yyyy": r"(?P<year>[0-9]{4})",
    "yy": r"(?P<short>[0-9]{2})",
    "MM": r"(?P<month>[0-9]{2})",
    "M": r"(?P<month>[0-9]{1,2})",
    "dd": r"(?P<day>[0-9]{2})",
    "d": r"(?P<day>[0-9]{1,2})",
    "HH": r"(?P<hour>[0-9]{2})",
    "H": r"(?P<hour>[0-9]{1,2})",
    "mm": r"(?P<minute>[0-9]{2})",
    "ss": r"(?P<second>[0-9]{2})",
}
_LETTERS = re.compile(r"([A-Za-z])\1*|.", re.DOTALL)
_CURRENCY = re.compile(r"[A-Z]{3}")
_CENTURY_PIVOT = 69  # two digits mean 1969 to 2068, as POSIX strptime reads %y


class Unreadable(ValueError):
    """The text does not have the form that was asked for."""


@lru_cache(maxsize=64)
def _pattern(pattern: str) -> re.Pattern[str]:
    """Compile a date pattern of Unicode TR35 letters; others stand for themselves."""
    source = ""
    for found in _LETTERS.finditer(pattern):
        word = found[0]
        if word[0].isalpha() and word not in _FIELDS and word != "T":
            known = ", ".join(_FIELDS)
            raise Unreadable(f'"{word}" in the pattern "{pattern}" is not known; use {known}')
        source += _FIELDS.get(word) or re.escape(word)
    return re.compile(source)


def parse_date(env: Env, text: str | None, pattern: str | None) -> date | datetime | None:
    """Read a date, or a date and time in the company's zone when the pattern has hours; blank is null."""
    if text is None or not text.strip() or pattern is None:
        return None
    found = _pattern(pattern).fullmatch(text.strip())
    if found is None:
        raise Unreadable(f'"{_short(text)}" has not the form {pattern}')
    part = {name: int(value) for name, value in found.groupdict().items()}
    if "short" in part:
        part["year"] = part["short"] + (1900 if part["short"] >= _CENTURY_PIVOT else 2000)
    try:
        day = date(part["year"], part["month"], part["day"])
        if "hour" not in part:
            return day
        clock = (part["hour"], part.get("minute", 0), part.get("second", 0))
        return datetime(day.year, day.month, day.day, *clock, tzinfo=env.zone)
    except KeyError as error:
        raise Unreadable(f'the pattern "{pattern}" has no {error.args[0]}') from error
    except ValueError as error:
        raise Unreadable(f'"{_short(text)}" is no date of the calendar') from error


def parse_number(_env: Env, text: object, decimal: str | None = ".", group: str | None = "") -> Decimal | None:
    """Read a number whose decimal and grouping characters are given; blank is null."""
    if isinstance(text, Decimal):
        return text
    if text is None or text == "":
        return None
    if not isinstance(text, str) or not decimal:
        raise Unreadable(f'"{_short(str(text))}" is no text of a number')
    if not text.strip():
        return None
    compact = text.strip().replace("\u00a0", " ")
    mark = re.escape(group) if group else "(?!)"
    if not re.fullmatch(
        rf"[-+]?([0-9]+|[0-9]{{1,3}}({mark}[0-9]{{2,3}})*)?({re.escape(decimal)}[0-9]+)?", compact
    ) or not any(letter.isdigit() for letter in compact):
        form = f"1{group or ''}234{decimal}56"
        raise Unreadable(f'"{_short(text)}" has not the form {form}')
    return Decimal((compact.replace(group, "") if group else compact).replace(decimal, "."))


def money(_env: Env, amount: Decimal | str | Money | None, currency: str | None) -> Money | None:
    """Return an amount in a currency; null when there is no amount."""
    if isinstance(amount, str):
        amount = parse_number(_env, amount)
    if amount is None:
        return None
    code = (currency or "").strip().upper()
    if not _CURRENCY.fullmatch(code):
        raise Unreadable(f'"{_short(currency or "")}" is no ISO 4217 currency code such as EUR')
    if isinstance(amount, Money):
        if amount.currency != code:
            raise Unreadable(f"{amount} is not in {code}")
        return amount
    return Money(amount, code)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


_ALL = (
    HostFunction("parse date", (("text", STRING), ("pattern", STRING)), ANY, parse_date, raises=(Unreadable,)),
    HostFunction(
        "parse number",
        (("text", ANY), ("decimal", STRING), ("group", STRING)),
        NUMBER,
        parse_number,
        required=1,
        raises=(Unreadable,),
    ),
    HostFunction("money", (("amount", ANY), ("currency", STRING)), MoneyType(), money, raises=(Unreadable,)),
)
FUNCTIONS: Mapping[str, HostFunction] = {function.name: function for function in _ALL}
"""What mappings may call, by name."""
