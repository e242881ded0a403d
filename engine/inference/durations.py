"""ISO 8601 durations as rules write them: `P14D`, `PT2H`, `P1M`."""

from datetime import UTC, datetime, timedelta
from functools import cache

from engine.feel import Env, Program, YearsMonths, compile, evaluate


@cache
def duration(text: str) -> timedelta | YearsMonths:
    """Return the duration a text names; raises ValueError."""
    value = evaluate("duration(text)", {"text": text})
    if isinstance(value, timedelta | YearsMonths):
        return value
    raise ValueError(f"`{text}` is no ISO 8601 duration; write it like P14D or PT2H")


def after(moment: datetime, text: str) -> datetime:
    """Return the moment that lies a duration later: a day is 24 hours, a month its name in the calendar."""
    span = duration(text)
    if isinstance(span, timedelta):
        return (moment.astimezone(UTC) + span).astimezone(moment.tzinfo)
    later = _shift().run({"moment": moment, "span": span}, Env(moment))
    assert isinstance(later, datetime)
    return later


@cache
def _shift() -> Program:
    return compile("moment + span")
