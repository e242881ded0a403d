"""Built-ins on the calendar and the clock (DMN 1.5, 10.3.4.10 to 10.3.4.12)."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from engine.feel.env import Env
from engine.feel.runtime.kinds import Place, kind
from engine.feel.temporal.arithmetic import months_between
from engine.feel.temporal.wide import date_part, day_number, make_date
from engine.feel.values import Value

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _day(value: Value) -> Value:
    return value if kind(value) == "date" else date_part(value)


def _same_calendar(value: Value) -> date:
    """A date of the standard library in a year with the same calendar."""
    day = _day(value)
    if isinstance(day, date) and day.year > 1:
        return day
    near = make_date(2000 + day.year % 400, day.month, day.day)
    assert isinstance(near, date)
    return near


def day_of_year(_env: Env, _at: Place, value: Value) -> Decimal:
    """The built-in `day of year`."""
    return Decimal(_same_calendar(value).timetuple().tm_yday)


def day_of_week(_env: Env, _at: Place, value: Value) -> str:
    """The built-in `day of week`, in English."""
    return _DAYS[(day_number(_day(value)) - 1) % 7]


def month_of_year(_env: Env, _at: Place, value: Value) -> str:
    """The built-in `month of year`, in English."""
    return _MONTHS[_day(value).month - 1]


def week_of_year(_env: Env, _at: Place, value: Value) -> Decimal:
    """The built-in `week of year`, ISO 8601."""
    return Decimal(_same_calendar(value).isocalendar().week)


def months_duration(_env: Env, _at: Place, start: Value, end: Value) -> Value:
    """The built-in `years and months duration`."""
    return months_between(_day(start), _day(end))


def now(env: Env, _at: Place) -> Value:
    """The built-in `now`."""
    return env.now


def today(env: Env, _at: Place) -> Value:
    """The built-in `today`."""
    return env.today


CALENDAR: Mapping[str, Callable[..., Value]] = {
    "day of year": day_of_year,
    "day of week": day_of_week,
    "month of year": month_of_year,
    "week of year": week_of_year,
    "years and months duration": months_duration,
    "now": now,
    "today": today,
}
