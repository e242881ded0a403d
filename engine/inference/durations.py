"""ISO 8601 durations as rules write them: `P14D`, `PT2H`, `P1M`."""

from datetime import datetime, timedelta
from functools import cache

from engine.feel import YearsMonths, evaluate


@cache
def duration(text: str) -> timedelta | YearsMonths:
    """Return the duration a text names; raises ValueError."""
    value = evaluate("duration(text)", {"text": text})
    if isinstance(value, timedelta | YearsMonths):
        return value
    raise ValueError(f"`{text}` is no ISO 8601 duration; write it like P14D or PT2H")


def after(moment: datetime, text: str) -> datetime:
    """Return the moment that lies a duration later."""
    later = evaluate("moment + duration(text)", {"moment": moment, "text": text})
    if isinstance(later, datetime):
        return later
    raise ValueError(f"`{text}` is no ISO 8601 duration; write it like P14D or PT2H")
