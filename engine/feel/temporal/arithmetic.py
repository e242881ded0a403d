"""Adding to and subtracting from dates, times and durations (DMN 1.5, table 57)."""

from datetime import UTC, date, datetime, timedelta

from engine.feel.temporal.wide import (
    DAY,
    MAX_YEAR,
    AnyDate,
    AnyDateTime,
    AnyDuration,
    AnyTime,
    WideDateTime,
    date_of,
    date_part,
    datetime_parts,
    day_number,
    days_in_month,
    duration_nanos,
    from_instant,
    instant,
    make_date,
    make_datetime,
    make_duration,
    make_time,
    time_parts,
    time_value,
    zone_of,
)
from engine.feel.values import YearsMonths

_MAX_DAYS = 366 * MAX_YEAR


def add_months_to_date(day: AnyDate, length: YearsMonths) -> AnyDate | None:
    """The same day of a later month, or that month's last."""
    years, month = divmod(day.year * 12 + day.month - 1 + length.months, 12)
    if abs(years) > MAX_YEAR:
        return None
    return make_date(years, month + 1, min(day.day, days_in_month(years, month + 1)))


def add_months(moment: AnyDateTime, length: YearsMonths) -> AnyDateTime | None:
    """The same clock time on the same day of a later month."""
    day = add_months_to_date(date_part(moment), length)
    _, nanos, zone = datetime_parts(moment)
    return make_datetime(day_number(day), nanos, zone) if day else None


def add_to_date(day: AnyDate, length: AnyDuration) -> AnyDate | None:
    """The date of the day's midnight plus the duration."""
    return _within(day_number(day) + duration_nanos(length) // DAY)


def _within(number: int) -> AnyDate | None:
    if abs(number) > _MAX_DAYS:
        return None
    found = date_of(number)
    return found if abs(found.year) <= MAX_YEAR else None


def add_to_datetime(moment: AnyDateTime, length: AnyDuration) -> AnyDateTime | None:
    """The moment that much later, in the same zone."""
    zone = zone_of(moment)
    nanos = instant(moment) + duration_nanos(length)
    return from_instant(nanos, zone) if _within(nanos // DAY) else None


def add_to_time(moment: AnyTime, length: AnyDuration) -> AnyTime:
    """The clock time that much later, past midnight from the start."""
    nanos, zone = time_parts(moment)
    return make_time((nanos + duration_nanos(length)) % DAY, zone)


def between_times(later: AnyTime, earlier: AnyTime) -> AnyDuration | None:
    """The duration between two times; None when only one has a zone."""
    if (zone_of(later) is None) != (zone_of(earlier) is None):
        return None
    return make_duration(time_value(later) - time_value(earlier))


def as_datetime(moment: AnyDateTime | AnyDate) -> AnyDateTime:
    """A date as its midnight in UTC (DMN 1.5, 10.3.2.3.6), a date and time as itself."""
    if isinstance(moment, datetime):
        return moment
    if isinstance(moment, date):
        return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    if isinstance(moment, WideDateTime):
        return moment
    return make_datetime(day_number(moment), 0, UTC)


def between_moments(later: AnyDateTime | AnyDate, earlier: AnyDateTime | AnyDate) -> AnyDuration | None:
    """The duration between two moments; None when only one has a zone."""
    if type(later) is date and type(earlier) is date:
        return later - earlier
    first, second = as_datetime(later), as_datetime(earlier)
    if (zone_of(first) is None) != (zone_of(second) is None):
        return None
    return make_duration(instant(first) - instant(second))


def negated(length: AnyDuration | YearsMonths) -> AnyDuration | YearsMonths:
    """The duration in the other direction."""
    if isinstance(length, YearsMonths):
        return YearsMonths(-length.months)
    return -length if isinstance(length, timedelta) else make_duration(-length.nanos)


def months_between(start: AnyDate, end: AnyDate) -> YearsMonths:
    """Whole months from one date to another."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        months -= 1
    elif months < 0 and end.day > start.day:
        months += 1
    return YearsMonths(months)
