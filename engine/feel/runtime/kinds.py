"""The FEEL kind of a value."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias

from engine.feel.money import Money
from engine.feel.temporal.wide import WideDate, WideDateTime, WideDuration, WideTime
from engine.feel.values import Function, Range, Record, Value, YearsMonths

Place: TypeAlias = tuple[int, int]
"""Line and column of the expression that a fault is about."""

KINDS: Mapping[type, str] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    Money: "money",
    str: "string",
    date: "date",
    WideDate: "date",
    time: "time",
    WideTime: "time",
    datetime: "date and time",
    WideDateTime: "date and time",
    timedelta: "days and time duration",
    WideDuration: "days and time duration",
    YearsMonths: "years and months duration",
    list: "list",
    tuple: "list",
    dict: "context",
    Range: "range",
    Function: "function",
}
ARTICLES = {"date and time": "a date and time", "null": "null"}


def kind(value: Value) -> str:
    """The kind's name, as in `instance of`."""
    found = KINDS.get(type(value))
    if found is None:
        return "context" if isinstance(value, Record) else f"foreign {type(value).__name__}"
    return found
