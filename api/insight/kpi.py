"""A ruleset's key figures: what they are now, what they were before, and how sure the change is."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import accumulate
from math import sqrt
from statistics import fmean

import msgspec

from evals.statistics.means import Change, Estimate, change, mean_of, share

WEEK = timedelta(days=7)


class Observed(msgspec.Struct, frozen=True):
    """One observation: its day, and a number, or a yes or no."""

    day: date
    value: float | bool


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A key figure: `now` over the period, `before` over the baseline's, `change` from one to the other.

    `weeks` are (first day, estimate); `shares`: the values are shares of 1. An estimate is None without observations.
    """

    id: str
    ruleset: str
    title: str
    about: str = ""
    unit: str = ""
    lower: bool = True
    shares: bool = False
    since: date
    until: date
    before_from: date | None = None
    before_until: date
    now: Estimate | None = None
    before: Estimate | None = None
    change: Change | None = None
    weeks: tuple[tuple[date, Estimate], ...] = ()

    @property
    def verdict(self) -> str:
        """Return `better`, `worse`, `unsure`, or "" where there is nothing to compare."""
        if self.change is None:
            return ""
        if not self.change.sure:
            return "unsure"
        return "better" if (self.change.value < 0) == self.lower else "worse"


class Series:
    """Observations in order of their days with running sums, so that any period costs two look-ups."""

    def __init__(self, seen: Iterable[Observed]) -> None:
        ordered = sorted(seen, key=lambda each: each.day)
        self.shares = any(isinstance(each.value, bool) for each in ordered)
        values = [float(each.value) for each in ordered]
        self._days = [each.day for each in ordered]
        self._middle = fmean(values) if values else 0.0
        away = [value - self._middle for value in values]  # sums of squares stay small
        self._sums = [0.0, *accumulate(away)]
        self._squares = [0.0, *accumulate(each * each for each in away)]

    def estimate(self, since: date | None, until: date) -> Estimate | None:
        """Return what was seen from a day up to, not including, another; from the first on without one."""
        first = bisect_left(self._days, since) if since is not None else 0
        count = bisect_left(self._days, until) - first
        if count < 1:
            return None
        total = self._sums[first + count] - self._sums[first]
        if self.shares:
            return share(round(total + self._middle * count), count)
        spread = self._squares[first + count] - self._squares[first] - total * total / count
        return mean_of(self._middle + total / count, sqrt(max(0.0, spread) / max(1, count - 1)), count)


def figure(empty: Figure, seen: Series | Iterable[Observed]) -> Figure:
    """Return a figure with what its observations tell; days are taken from the first up to, not including, the last."""
    series = seen if isinstance(seen, Series) else Series(seen)
    now, was = series.estimate(empty.since, empty.until), series.estimate(empty.before_from, empty.before_until)
    return msgspec.structs.replace(
        empty,
        shares=series.shares,
        now=now,
        before=was,
        change=change(was, now) if was is not None and now is not None and min(was.count, now.count) > 1 else None,
        weeks=tuple(_weeks(series, empty.since, empty.until)),
    )


def _weeks(series: Series, since: date, until: date) -> Iterable[tuple[date, Estimate]]:
    start = since
    while start < until:
        estimate = series.estimate(start, min(start + WEEK, until))
        if estimate is not None and estimate.count > 1:
            yield start, estimate
        start += WEEK
