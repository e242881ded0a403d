"""The recipient's business hours: when a letter may reach somebody without waking them; pure functions."""

from collections.abc import Container
from datetime import date, datetime, time, timedelta, tzinfo

import msgspec

_DAY = timedelta(days=1)
_AHEAD = 30
"""Days that are looked at for one that works; no calendar has as many holidays in a row."""


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """From when to when on which days (0 is Monday); `zone` is FEEL over the subject, "" the company's zone."""

    opens: time
    closes: time
    days: frozenset[int] = frozenset(range(5))
    off: Container[date] = ()
    zone: str = ""


def next_open(hours: Hours, now: datetime, zone: tzinfo) -> datetime:
    """Return the moment itself when it is within the hours, else when they begin next, in the moment's own zone.

    Hours that never begin, as on no day of the week, are looked for again after a month: nobody is woken by a mistake.
    """
    local = now.astimezone(zone)
    for ahead in range(_AHEAD):
        day = local.date() + ahead * _DAY
        if day.weekday() not in hours.days or day in hours.off:
            continue
        opens = datetime.combine(day, hours.opens, zone)
        closes = datetime.combine(day, hours.closes, zone)
        if now < closes:
            return max(now, opens.astimezone(now.tzinfo))
    return now + _AHEAD * _DAY
