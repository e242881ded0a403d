"""Functions that rules and models may use besides FEEL's own: the company's working days.

Holidays are those of the `holidays` library for the country of config/app.yaml, with its version on record; without a
country every day from Monday to Friday works.
"""

from collections.abc import Callable, Container, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from engine.feel import Env, HostFunction
from engine.feel.types import BOOLEAN, DATE, NUMBER

BETWEEN = "business days between"
ADD = "add business days"
IS = "is business day"
_DAY = timedelta(days=1)
_FRIDAY = 4
_LONGEST = 366 * 200


class TooFar(ValueError):
    """The calendar ends before that day."""


def host_functions(country: str) -> Mapping[str, HostFunction]:
    """Return the functions for a country's calendar (ISO 3166 code, "" for no holidays)."""
    off = holidays_of(country)
    works = partial(_works, off)
    functions = (
        HostFunction(IS, (("date", DATE),), BOOLEAN, partial(_is, works)),
        HostFunction(BETWEEN, (("from", DATE), ("to", DATE)), NUMBER, partial(_between, works), raises=(TooFar,)),
        HostFunction(ADD, (("date", DATE), ("days", NUMBER)), DATE, partial(_add, works), raises=(TooFar,)),
    )
    return {function.name: function for function in functions}


def holidays_of(country: str) -> Container[date]:
    """Return the days on which a country rests (ISO 3166 code), none for a country that is not known."""
    if not country:
        return ()
    import holidays  # slow to import, and only some companies name a country

    return holidays.country_holidays(country) if country in countries() else ()


def countries() -> Mapping[str, object]:
    """Return the countries whose holidays are known, by ISO 3166 code."""
    import holidays

    return holidays.list_supported_countries()


def _works(off: Container[date], day: date) -> bool:
    return day.weekday() <= _FRIDAY and day not in off


def _is(works: Callable[[date], bool], _env: Env, day: date | None) -> bool | None:
    return None if day is None else works(day)


def _between(works: Callable[[date], bool], _env: Env, start: date | None, end: date | None) -> Decimal | None:
    """Count the working days after `start` up to and including `end`; negative when `end` is before."""
    if start is None or end is None:
        return None
    if start > end:
        count = _between(works, _env, end, start)
        return None if count is None else -count
    days = (end - start).days
    if days > _LONGEST:
        raise TooFar(f"{days} days are too many to count")
    return Decimal(sum(works(start + timedelta(days=offset)) for offset in range(1, days + 1)))


def _add(works: Callable[[date], bool], _env: Env, day: date | None, count: Decimal | None) -> date | None:
    """Return the day that lies so many working days later, or earlier for a negative number."""
    if day is None or count is None:
        return None
    left = int(abs(count))
    if left > _LONGEST:
        raise TooFar(f"{left} working days are too many to count")
    step = _DAY if count > 0 else -_DAY
    try:
        while left:
            day += step
            left -= works(day)
    except OverflowError as error:
        raise TooFar("the calendar ends before that day") from error
    return day
