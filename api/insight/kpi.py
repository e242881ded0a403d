"""A ruleset's key figures: what they are now, what they were before, and how sure the change is."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import msgspec

from evals.statistics.means import Change, Estimate, change, mean, share

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


def figure(empty: Figure, seen: Iterable[Observed]) -> Figure:
    """Return a figure with what its observations tell; days are taken from the first up to, not including, the last."""
    all = sorted(seen, key=lambda each: each.day)
    shares = any(isinstance(each.value, bool) for each in all)
    before = [
        each
        for each in all
        if each.day < empty.before_until and (empty.before_from is None or each.day >= empty.before_from)
    ]
    own = [each for each in all if empty.since <= each.day < empty.until]
    now, was = _estimate(own, shares=shares), _estimate(before, shares=shares)
    return msgspec.structs.replace(
        empty,
        shares=shares,
        now=now,
        before=was,
        change=change(was, now) if was is not None and now is not None and min(was.count, now.count) > 1 else None,
        weeks=tuple(_weeks(own, empty.since, shares=shares)),
    )


def _weeks(own: Sequence[Observed], since: date, *, shares: bool) -> Iterable[tuple[date, Estimate]]:
    found: dict[int, list[Observed]] = {}
    for each in own:
        found.setdefault((each.day - since) // WEEK, []).append(each)
    for number, seen in sorted(found.items()):
        estimate = _estimate(seen, shares=shares)
        if estimate is not None and estimate.count > 1:
            yield since + number * WEEK, estimate


def _estimate(seen: Sequence[Observed], *, shares: bool) -> Estimate | None:
    values = [each.value for each in seen]
    return share(sum(map(bool, values)), len(values)) if shares else mean([float(each) for each in values])
