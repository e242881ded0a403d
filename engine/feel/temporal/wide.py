"""What the standard library cannot hold exactly, and one integer form for both.

Wide values exist only for years outside 1 to 9999, fractions finer than a microsecond, times in an IANA zone, and
durations past timedelta's range; everything else is a date, time, datetime or timedelta.
"""

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import total_ordering
from typing import TypeAlias
from zoneinfo import ZoneInfo

SECOND = 1_000_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86400 * SECOND
MAX_YEAR = 999_999_999
_CYCLE = 400 * 365 + 97
_CALENDAR_YEAR = 2000
_MAX_TIMEDELTA = 999_999_999 * DAY


@total_ordering
@dataclass(frozen=True, slots=True)
class WideDate:
    """A date of the proleptic Gregorian calendar with year 0 and negative years."""

    year: int
    month: int
    day: int

    def __lt__(self, other: "AnyDate") -> bool:
        return day_number(self) < day_number(other)


@total_ordering
@dataclass(frozen=True, slots=True)
class WideTime:
    """A time of day in nanoseconds since midnight."""

    nanos: int
    zone: tzinfo | None

    def __lt__(self, other: "AnyTime") -> bool:
        return time_value(self) < time_value(other)


@total_ordering
@dataclass(frozen=True, slots=True)
class WideDateTime:
    """A day number (1 January of year 1 is 1), nanoseconds since its midnight, and the zone."""

    days: int
    nanos: int
    zone: tzinfo | None

    def __lt__(self, other: "AnyDateTime") -> bool:
        return instant(self) < instant(other)


@total_ordering
@dataclass(frozen=True, slots=True)
class WideDuration:
    """A days and time duration in nanoseconds."""

    nanos: int

    def __lt__(self, other: "AnyDuration") -> bool:
        return self.nanos < duration_nanos(other)


WIDE = (WideDate, WideTime, WideDateTime, WideDuration)
AnyDate: TypeAlias = date | WideDate
AnyTime: TypeAlias = time | WideTime
AnyDateTime: TypeAlias = datetime | WideDateTime
AnyDuration: TypeAlias = timedelta | WideDuration


def days_in_month(year: int, month: int) -> int:
    """Length of a month."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def day_number(day: AnyDate) -> int:
    """Days since 31 December of year 0."""
    if isinstance(day, date):
        return day.toordinal()
    cycles, year = divmod(day.year, 400)
    return date(year + 400, day.month, day.day).toordinal() + (cycles - 1) * _CYCLE


def date_of(number: int) -> AnyDate:
    """The inverse of `day_number`."""
    if 1 <= number <= 3_652_059:
        return date.fromordinal(number)
    cycles, inside = divmod(number - 1, _CYCLE)
    near = date.fromordinal(inside + 1)
    return WideDate(near.year + 400 * cycles, near.month, near.day)


def make_date(year: int, month: int, day: int) -> AnyDate | None:
    """A date, or None when there is no such day."""
    if not (1 <= month <= 12 and abs(year) <= MAX_YEAR and 1 <= day <= days_in_month(year, month)):
        return None
    return date(year, month, day) if MINYEAR <= year <= MAXYEAR else WideDate(year, month, day)


def time_nanos(moment: time | datetime) -> int:
    """Nanoseconds since midnight on the clock."""
    seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
    return seconds * SECOND + moment.microsecond * 1000


def make_time(nanos: int, zone: tzinfo | None) -> AnyTime:
    """A time of day from nanoseconds since midnight."""
    if nanos % 1000 or isinstance(zone, ZoneInfo):
        return WideTime(nanos, zone)
    return _clock(nanos, zone)


def _clock(nanos: int, zone: tzinfo | None) -> time:
    seconds, fraction = divmod(nanos, SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return time(hour, minute, second, fraction // 1000, zone)


def time_parts(moment: AnyTime) -> tuple[int, tzinfo | None]:
    """Nanoseconds since midnight and the zone."""
    if isinstance(moment, WideTime):
        return moment.nanos, moment.zone
    return time_nanos(moment), moment.tzinfo


def time_value(moment: AnyTime) -> int:
    """Nanoseconds since midnight UTC; without a zone, since midnight."""
    nanos, zone = time_parts(moment)
    return nanos - offset_nanos(zone, None)


def make_datetime(days: int, nanos: int, zone: tzinfo | None) -> AnyDateTime:
    """A date and time from a day number and nanoseconds, which may lie past the day."""
    more, nanos = divmod(nanos, DAY)
    day = date_of(days + more)
    if isinstance(day, WideDate) or nanos % 1000:
        return WideDateTime(days + more, nanos, zone)
    return datetime.combine(day, _clock(nanos, zone))


def datetime_parts(moment: AnyDateTime) -> tuple[int, int, tzinfo | None]:
    """Day number, nanoseconds since midnight and zone."""
    if isinstance(moment, WideDateTime):
        return moment.days, moment.nanos, moment.zone
    return moment.toordinal(), time_nanos(moment), moment.tzinfo


def zone_of(moment: AnyDateTime | AnyTime) -> tzinfo | None:
    """The offset or zone, None for a local time."""
    return moment.zone if isinstance(moment, WideTime | WideDateTime) else moment.tzinfo


def in_zone(moment: AnyDateTime | AnyTime, zone: tzinfo | None) -> AnyDateTime | AnyTime:
    """The same clock in another zone."""
    if isinstance(moment, WideTime | time):
        return make_time(time_parts(moment)[0], zone)
    days, nanos, _ = datetime_parts(moment)
    return make_datetime(days, nanos, zone)


def date_part(moment: AnyDateTime) -> AnyDate:
    """The date of a date and time."""
    return moment.date() if isinstance(moment, datetime) else date_of(moment.days)


def offset_nanos(zone: tzinfo | None, moment: AnyDateTime | None) -> int:
    """The zone's offset at a moment on its clock; a time of day without date takes the zone's of January 2000."""
    if zone is None:
        return 0
    if moment is None:
        near = datetime(_CALENDAR_YEAR, 1, 1, tzinfo=zone)
    elif isinstance(moment, datetime):
        near = moment
    else:
        near = _same_calendar(moment, zone)
    offset = zone.utcoffset(near) or timedelta(0)
    return (offset.days * 86400 + offset.seconds) * SECOND


def _same_calendar(moment: WideDateTime, zone: tzinfo) -> datetime:
    day = date_of(moment.days)
    year = day.year if MINYEAR < day.year < MAXYEAR else _CALENDAR_YEAR + day.year % 400
    return datetime.combine(date(year, day.month, day.day), _clock(moment.nanos, zone))


def instant(moment: AnyDateTime) -> int:
    """Nanoseconds since the beginning of day 0, UTC; a local time is read as UTC."""
    days, nanos, zone = datetime_parts(moment)
    return days * DAY + nanos - offset_nanos(zone, moment)


def from_instant(nanos: int, zone: tzinfo | None) -> AnyDateTime:
    """The date and time that a zone's clock shows at an instant."""
    if zone is None:
        return make_datetime(0, nanos, None)
    utc = make_datetime(0, nanos, UTC)
    if isinstance(utc, datetime) and MINYEAR < utc.year < MAXYEAR:
        return utc.astimezone(zone)
    return make_datetime(0, nanos + offset_nanos(zone, make_datetime(0, nanos, zone)), zone)


def make_duration(nanos: int) -> AnyDuration:
    """A days and time duration."""
    if nanos % 1000 or abs(nanos) > _MAX_TIMEDELTA:
        return WideDuration(nanos)
    return timedelta(microseconds=nanos // 1000)


def duration_nanos(length: AnyDuration) -> int:
    """The length in nanoseconds."""
    if isinstance(length, WideDuration):
        return length.nanos
    return (length.days * 86400 + length.seconds) * SECOND + length.microseconds * 1000


def fixed_offset(nanos: int) -> timezone:
    """A zone with an offset of whole seconds."""
    return timezone(timedelta(seconds=nanos // SECOND)) if nanos else UTC
