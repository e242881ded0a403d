"""Values as they are written to people, in English and Turkish; other languages are written as English."""

# ruff: noqa: RUF001  (Turkish letters and typographic marks are meant)

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from engine.feel import Money, Record, YearsMonths

_MONTHS: Mapping[str, tuple[str, ...]] = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
    "tr": ("Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım",
           "Aralık"),
}  # fmt: skip
_DECIMALS: Mapping[str, int] = {
    "JPY": 0,
    "KRW": 0,
    "CLP": 0,
    "VND": 0,
    "ISK": 0,
    "BHD": 3,
    "KWD": 3,
    "OMR": 3,
    "TND": 3,
}
"""ISO 4217 minor units where they are not two."""

_LONGEST = 2000


def show(value: Any, language: str) -> str:  # noqa: ANN401, C901  (any FEEL value, one case for each type)
    """Return one line of text for a value; "" for null, an entity by its name or number."""
    match value:
        case None:
            return ""
        case bool():
            return _yes_no(language)[not value]
        case int() | Decimal():
            return number(Decimal(value), language)
        case Money():
            return money(value, language)
        case datetime():
            return f"{day(value.date(), language)} {value:%H:%M}"
        case date():
            return day(value, language)
        case time():
            return f"{value:%H:%M}"
        case timedelta():
            return duration(value, language)
        case YearsMonths():
            return _counted(value.months, ("month", "months"), "ay", language)
        case Record() | Mapping():
            return _label(value, language)
        case list() | tuple():
            return listing([show(item, language) for item in value], language)
    return one_line(str(value))


def number(value: Decimal, language: str) -> str:
    """Return `1,234.5`, in Turkish `1.234,5`."""
    plain = format(value.normalize(), ",f")
    return plain.translate(_SWAPPED) if language == "tr" else plain


def money(value: Money, language: str) -> str:
    """Return `TRY 1,234.50`, in Turkish `1.234,50 TL`."""
    unit = Decimal(1).scaleb(-_DECIMALS.get(value.currency, 2))
    amount = format(value.amount.quantize(unit, ROUND_HALF_EVEN), ",f")
    if language == "tr":
        return f"{amount.translate(_SWAPPED)} {'TL' if value.currency == 'TRY' else value.currency}"
    return f"{value.currency} {amount}"


def day(value: date, language: str) -> str:
    """Return `5 March 2026`, in Turkish `5 Mart 2026`."""
    return f"{value.day} {_MONTHS.get(language, _MONTHS['en'])[value.month - 1]} {value.year}"


def duration(value: timedelta, language: str) -> str:
    """Return whole days, or hours when shorter than a day."""
    if value.days:
        return _counted(value.days, ("day", "days"), "gün", language)
    return _counted(int(value.total_seconds() // 3600), ("hour", "hours"), "saat", language)


def listing(items: list[str], language: str) -> str:
    """Return `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {'ve' if language == 'tr' else 'and'} {items[-1]}"


def one_line(text: str) -> str:
    """Return the text without line breaks and invisible characters, so that a fact cannot lay out a message."""
    seen = "".join(" " if char.isspace() else char for char in text if char.isspace() or _visible(char))
    return re.sub(r" +", " ", seen).strip()[:_LONGEST]


def _visible(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def _label(value: Any, language: str) -> str:  # noqa: ANN401  (a Record or a context)
    named = (value.get(name) for name in ("name", "title", "number", "id"))
    return show(next((each for each in named if each is not None), None), language)


def _counted(count: int, english: tuple[str, str], turkish: str, language: str) -> str:
    return f"{count} {turkish}" if language == "tr" else f"{count} {english[abs(count) != 1]}"


def _yes_no(language: str) -> tuple[str, str]:
    return ("evet", "hayır") if language == "tr" else ("yes", "no")


_SWAPPED = str.maketrans(",.", ".,")
