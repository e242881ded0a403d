"""Example values of intervals, and intervals in words."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from engine.feel import Value, YearsMonths
from engine.feel.runtime.kinds import kind
from engine.feel.temporal.text import format_any
from engine.feel.temporal.wide import DAY, date_of, make_duration
from engine.tables.regions import HIGHEST, LOWEST, Cut, Scale

_WORDS = ("other", "something else", "a", "A", "0")
_MILLENNIUM = 730_120  # the day number of 2000-01-01


def sample(low: Cut, high: Cut, scale: Scale) -> Value:
    """Return a value between two cuts, one that people would think of where there is one."""
    return _SAMPLES[scale.name](low, high)


def _number(low: Cut, high: Cut) -> Decimal:
    if low == LOWEST:
        if high == HIGHEST:
            return Decimal(0)
        end: Decimal = high[1][0]
        return end if high[1][1] else end - 1
    start: Decimal = low[1][0]
    if not low[1][1]:
        return start
    if high == HIGHEST or start + 1 < high[1][0]:
        return start + 1
    return Decimal((start + high[1][0]) / 2)


def _text(low: Cut, high: Cut) -> str:
    start: str = low[1]
    stem = start.removesuffix("\0")
    for word in (*_WORDS, *(stem + each for each in (" ", "a", "0", " 0"))):
        if start <= word and (high == HIGHEST or word < high[1]):
            return word
    return start


def _whole(low: Cut, high: Cut, *, middle: int = 0, step: int = 1) -> int:
    if low != LOWEST:
        return int(low[1])
    return middle if high == HIGHEST else int(high[1]) - step


_SAMPLES: Mapping[str, Callable[[Cut, Cut], Value]] = {
    "number": _number,
    "string": _text,
    "boolean": lambda low, high: bool(_whole(low, high)),
    "date": lambda low, high: date_of(_whole(low, high, middle=_MILLENNIUM)),
    "days and time duration": lambda low, high: make_duration(_whole(low, high, step=DAY)),
    "years and months duration": lambda low, high: YearsMonths(_whole(low, high)),
}


def shown(value: Value) -> str:
    """Return a value as FEEL writes it."""
    match kind(value):
        case "null":
            return "null"
        case "boolean":
            return str(value).lower()
        case "number":
            return format(value, "f")
        case "string":
            return '"' + _escaped(value) + '"'
    return f'@"{format_any(value)}"'


def _escaped(text: Any) -> str:  # noqa: ANN401  (a FEEL value)
    return str(text).replace("\\", "\\\\").replace('"', '\\"').replace("\0", "\\u0000").replace("\n", "\\n")
