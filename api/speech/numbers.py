"""Numbers, money, days and spans as a language writes them (CLDR, through Babel).

The same values are written again and again, on every page that is looked at twice: what was written is kept.
"""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

_KEPT = 4096


class Forms:
    """Writes values for people of one language, in the company's time zone."""

    def __init__(self, locale: Locale, timezone: str) -> None:
        self.locale = locale
        self.zone = ZoneInfo(timezone)

    def moment(self, at: datetime) -> str:
        """`27 Mar 2026, 11:00`."""
        return _moment(at, "d MMM y, HH:mm", self.zone, self.locale)

    def clock(self, at: datetime) -> str:
        """`11:00`."""
        return _moment(at, "HH:mm", self.zone, self.locale)

    def day(self, day: date) -> str:
        """`27 March 2026`."""
        return format_date(day, "d MMMM y", locale=self.locale)

    def short_day(self, day: date) -> str:
        """`27 Mar`."""
        return format_date(day, "d MMM", locale=self.locale)

    def weekday(self, at: datetime) -> str:
        """`Friday, 27 March 2026`; in Turkish `27 Mart 2026 Cuma`."""
        pattern = "d MMMM y EEEE" if self.locale.language == "tr" else "EEEE, d MMMM y"
        return _moment(at, pattern, self.zone, self.locale)

    def money(self, amount: Decimal, currency: str) -> str:
        """`184,250.00 TRY`."""
        return f"{_decimal(amount or 0, '#,##0.00', self.locale)} {currency}"

    def number(self, value: Decimal | float) -> str:
        """`1,250` or `12.5`: rounded to two places, without zeros at the end."""
        return _decimal(value or 0, "#,##0.##", self.locale)

    def percent(self, share: float) -> str:
        """`97.5 %` of a share of 0.975; in Turkish `%97,5`."""
        pattern = "%#,##0.#" if self.locale.language == "tr" else "#,##0.#\u00a0%"
        return str(format_percent(share, pattern, locale=self.locale))


@lru_cache(maxsize=_KEPT)
def _moment(at: datetime, pattern: str, zone: ZoneInfo, locale: Locale) -> str:
    return format_datetime(at, pattern, tzinfo=zone, locale=locale)


@lru_cache(maxsize=_KEPT)
def _decimal(value: Decimal | float, pattern: str, locale: Locale) -> str:
    return str(format_decimal(value, pattern, locale=locale))
