"""Repeatable chance: every draw is named, so adding one never moves another."""

from datetime import date, timedelta
from random import Random


def chance(*name: object) -> Random:
    """Return the generator of the draws called `name`; the same name gives the same draws everywhere."""
    return Random("/".join(map(str, name)))  # noqa: S311  (a simulation wants repeatable draws, not secret ones)


def business_day(day: date, *, earlier: bool = False) -> date:
    """Return `day`, or the nearest Monday to Friday after (or before) it."""
    step = timedelta(days=-1 if earlier else 1)
    while day.weekday() > 4:
        day += step
    return day
