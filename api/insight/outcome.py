"""The report of a period: what it was before, what it is now, how sure that is, and what to do next."""

from datetime import datetime

import msgspec

from api.insight.chronicle import Chronicle
from api.insight.figures import Assumptions, Tally, by_each, tally
from evals.statistics.means import change, share


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """A share before and now, and the 95 % interval of the difference (Newcombe 1998, method 10)."""

    before: float | None
    now: float | None
    low: float = 0.0
    high: float = 0.0

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out no change."""
        return self.before is not None and self.now is not None and (self.low > 0 or self.high < 0)


class Next(msgspec.Struct, frozen=True, kw_only=True):
    """What to do next: `kind` names the advice, `rule` what it is about."""

    kind: str
    ruleset: str
    rule: str = ""
    count: int = 0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A period of all workflows, or of one."""

    since: datetime
    until: datetime
    now: Tally
    before: Tally
    acceptance: Effect
    hours: float
    hours_before: float
    next: tuple[Next, ...]


def report(chronicle: Chronicle, since: datetime, until: datetime, given: Assumptions) -> Report:
    """Compare a period with the one of the same length before it."""
    now, before = tally(chronicle, since, until), tally(chronicle, since - (until - since), since)
    return Report(
        since=since,
        until=until,
        now=now,
        before=before,
        acceptance=effect(before, now),
        hours=given.hours(now),
        hours_before=given.hours(before),
        next=tuple(advice(chronicle, since, until)),
    )


def effect(before: Tally, now: Tally) -> Effect:
    """Return the change of the acceptance with its interval."""
    if before.acceptance is None or now.acceptance is None:
        return Effect(before=before.acceptance, now=now.acceptance)
    was, found = share(before.approved, before.decided), share(now.approved, now.decided)
    assert was is not None
    assert found is not None
    moved = change(was, found)
    return Effect(before=before.acceptance, now=now.acceptance, low=moved.low, high=moved.high)


_FEW, _MANY = 5, 20
_POOR, _GOOD = 0.7, 0.95


def advice(chronicle: Chronicle, since: datetime, until: datetime) -> list[Next]:
    """Return what the figures suggest, the weightiest first; nothing where there are too few decisions to say."""
    found: list[tuple[int, Next]] = []
    for (ruleset, rule), each in by_each(chronicle, since, until).items():
        about = {"ruleset": ruleset, "rule": rule}
        if each.failed:
            found.append((0, Next(kind="failed", count=each.failed, **about)))
        if each.expired:
            found.append((1, Next(kind="expired", count=each.expired, **about)))
        if each.decided >= _FEW and each.acceptance is not None and each.acceptance < _POOR:
            found.append((2, Next(kind="rejected", count=each.rejected + each.edited, **about)))
        if each.decided >= _MANY and each.acceptance is not None and each.acceptance >= _GOOD:
            found.append((3, Next(kind="trusted", count=each.decided, **about)))
    return [each for _, each in sorted(found, key=lambda pair: pair[0])]
