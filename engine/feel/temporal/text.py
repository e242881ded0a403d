"""Dates, times and durations from and to text (DMN 1.5, 10.3.4.1; XML Schema part 2)."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.feel.temporal.wide import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    AnyDate,
    AnyDateTime,
    AnyDuration,
    AnyTime,
    WideDate,
    WideDateTime,
    WideDuration,
    WideTime,
    date_of,
    datetime_parts,
    day_number,
    duration_nanos,
    fixed_offset,
    make_date,
    make_datetime,
    make_duration,
    make_time,
    time_parts,
)
from engine.feel.values import Value, YearsMonths

_DATE = re.compile(r"(-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?([Zz]|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z0-9_+/-]+)?"
)
_DURATION = re.compile(
    r"(-?)P(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?(T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]*))?S)?)?"
)
_MAX_OFFSET = 14 * 3600
_MAX_DIGITS = 18


def parse_date(text: str) -> AnyDate | None:
    """A date in ISO form, such as 2026-01-05."""
    match = _DATE.fullmatch(text)
    return make_date(int(match[1]), int(match[2]), int(match[3])) if match else None


def parse_time(text: str) -> AnyTime | None:
    """A time in ISO form, with nothing, an offset or `@` and a zone behind it."""
    parts = _clock(text)
    return make_time(parts[0] % DAY, parts[1]) if parts else None


def parse_datetime(text: str) -> AnyDateTime | None:
    """A date and time in ISO form; a date alone is its midnight."""
    day, separator, rest = text.partition("T")
    when = parse_date(day)
    clock = _clock(rest) if separator else (0, None)
    if when is None or clock is None:
        return None
    return make_datetime(day_number(when), *clock)


def parse_duration(text: str) -> AnyDuration | YearsMonths | None:
    """A duration in ISO form, of years and months or of days and less."""
    match = _DURATION.fullmatch(text)
    if match is None or text[-1] in "PT" or any(part and len(part) > _MAX_DIGITS for part in match.groups()):
        return None
    sign, years, months, days, _, hours, minutes, seconds, fraction = match.groups()
    factor = -1 if sign else 1
    if years or months:
        if days or match[5]:
            return None
        return YearsMonths(factor * (int(years or 0) * 12 + int(months or 0)))
    nanos = int(days or 0) * DAY + int(hours or 0) * HOUR + int(minutes or 0) * MINUTE
    nanos += int(seconds or 0) * SECOND + _fraction(fraction)
    return make_duration(factor * nanos)


def parse_any(text: str) -> Value:
    """The date, time, date and time or duration that an `@` literal names, or None."""
    if "P" in text[:2]:
        return parse_duration(text)
    if "T" in text.partition("@")[0][1:]:
        return parse_datetime(text)
    return parse_date(text) or parse_time(text)


def _fraction(digits: str | None) -> int:
    return int((digits or "0")[:9].ljust(9, "0"))


def _clock(text: str) -> tuple[int, tzinfo | None] | None:
    """Nanoseconds since midnight and zone; 24:00:00 is a whole day."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    nanos = hour * HOUR + minute * MINUTE + second * SECOND + _fraction(match[4])
    if hour > 24 or minute > 59 or second > 59 or nanos > DAY:
        return None
    if not match[5]:
        return nanos, None
    zone = parse_zone(match[5])
    return (nanos, zone) if zone else None


def parse_zone(text: str) -> tzinfo | None:
    """`Z`, an offset up to 14 hours, or `@` and the name of an IANA zone."""
    if text in ("Z", "z"):
        return UTC
    if text[0] == "@":
        return _named_zone(text[1:])
    hours, minutes, *seconds = map(int, text[1:].split(":"))
    offset = hours * 3600 + minutes * 60 + sum(seconds)
    if minutes > 59 or sum(seconds) > 59 or offset > _MAX_OFFSET:
        return None
    return fixed_offset((-offset if text[0] == "-" else offset) * SECOND)


def _named_zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def format_date(day: AnyDate) -> str:
    """ISO form, with at least four digits of year."""
    sign = "-" if day.year < 0 else ""
    return f"{sign}{abs(day.year):04}-{day.month:02}-{day.day:02}"


def format_time(moment: AnyTime) -> str:
    """ISO form, no trailing zeros in the fraction."""
    nanos, zone = time_parts(moment)
    return _format_clock(nanos) + format_zone(zone)


def format_datetime(moment: AnyDateTime) -> str:
    """ISO form of date and time."""
    days, nanos, zone = datetime_parts(moment)
    return f"{format_date(date_of(days))}T{_format_clock(nanos)}{format_zone(zone)}"


def _format_clock(nanos: int) -> str:
    seconds, fraction = divmod(nanos, SECOND)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return text + (f".{fraction:09}".rstrip("0") if fraction else "")


def format_zone(zone: tzinfo | None) -> str:
    """`Z`, an offset, `@` and a zone's name, or nothing."""
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    offset = zone.utcoffset(None) or timedelta(0)
    seconds = offset.days * 86400 + offset.seconds
    if seconds == 0:
        return "Z"
    sign, seconds = ("-", -seconds) if seconds < 0 else ("+", seconds)
    text = f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}"
    return text + (f":{seconds % 60:02}" if seconds % 60 else "")


def format_duration(length: AnyDuration | YearsMonths) -> str:
    """ISO form; nothing at all is PT0S or P0M."""
    if isinstance(length, YearsMonths):
        years, months = divmod(abs(length.months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
        return ("-P" if length.months < 0 else "P") + text
    nanos = duration_nanos(length)
    days, rest = divmod(abs(nanos), DAY)
    hours, rest = divmod(rest, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    seconds = format((Decimal(rest) / SECOND).normalize(), "f") if rest else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + (f"{seconds}S" if seconds else "")
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return ("-P" if nanos < 0 else "P") + (text or "T0S")


def format_any(value: Value) -> str:
    """ISO form of any date, time, date and time or duration."""
    if isinstance(value, datetime | WideDateTime):
        return format_datetime(value)
    if isinstance(value, date | WideDate):
        return format_date(value)
    if isinstance(value, time | WideTime):
        return format_time(value)
    assert isinstance(value, timedelta | WideDuration | YearsMonths)
    return format_duration(value)
