"""Figures over chronicle: what was proposed, decided, sent and saved in a period."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

import msgspec

from api.insight.chronicle import Chronicle, Happened, utc
from api.insight.line import Line
from engine.settings.app import Minutes
from evals.scoring import wilson

WEEK = timedelta(days=7)


class Tally(msgspec.Struct, kw_only=True):
    """What happened in a period.

    `alone` were sent without a person's word. Of what was sent, `good` and `bad` ended so; of `unsettled` neither was
    seen until its horizon.
    """

    flagged: int = 0
    approved: int = 0
    edited: int = 0
    rejected: int = 0
    withdrawn: int = 0
    expired: int = 0
    sent: int = 0
    alone: int = 0
    failed: int = 0
    good: int = 0
    bad: int = 0
    unsettled: int = 0
    waits: list[float] = []
    money: dict[str, Decimal] = {}

    @property
    def decided(self) -> int:
        """How many a person decided."""
        return self.approved + self.edited + self.rejected

    @property
    def acceptance(self) -> float | None:
        """Share of the decided that was approved as it was."""
        return self.approved / self.decided if self.decided else None

    @property
    def band(self) -> tuple[float, float]:
        """95 % interval of the acceptance (Wilson 1927)."""
        return wilson(self.approved, self.decided)

    @property
    def watched(self) -> int:
        """Of how many it is known what became of them."""
        return self.good + self.bad + self.unsettled

    @property
    def success(self) -> float | None:
        """Share of the watched that ended well."""
        return self.good / self.watched if self.watched else None

    @property
    def success_band(self) -> tuple[float, float]:
        """95 % interval of the success (Wilson 1927)."""
        return wilson(self.good, self.watched)

    @property
    def wait(self) -> timedelta | None:
        """Half were decided faster than this."""
        return timedelta(seconds=median(self.waits)) if self.waits else None


class Assumptions(Minutes, frozen=True, kw_only=True):
    """What hours saved rest on, as config/app.yaml states it or a reader tries it."""

    @classmethod
    def of(cls, stated: Minutes, **tried: float | None) -> "Assumptions":
        """Return what is stated, with what is tried in its place, from 0 to 600 minutes."""
        kept = {name: min(max(value, 0.0), 600.0) for name, value in tried.items() if value is not None}
        return cls(**(msgspec.structs.asdict(stated) | kept))

    def hours(self, tally: Tally) -> float:
        """Return the hours people did not spend: what was sent, by hand, less what deciding took."""
        spent = tally.decided * self.decision + tally.edited * self.edit
        return max(0.0, (tally.sent * self.by_hand - spent) / 60)


def tally(chronicle: Chronicle, since: datetime, until: datetime) -> Tally:
    """Count each thing at the moment it happened."""
    return _counted(chronicle.rules().values(), since, until)


def _counted(rules: Iterable[Happened], since: datetime, until: datetime) -> Tally:
    found = Tally(waits=[], money={})
    since, until = utc(since), utc(until)
    for each in rules:
        found.flagged += each.created(since, until)
        for line in each.within("decided_at", since, until):
            _decided(found, line)
        for line in each.within("ended_at", since, until):
            _ended(found, line)
        for line in each.within("outcome_at", since, until):
            found.good += line.outcome == "good"
            found.bad += line.outcome == "bad"
            found.unsettled += line.outcome == "open"
    return found


def _decided(found: Tally, line: Line) -> None:
    found.approved += line.word == "approved"
    found.edited += line.word == "edited"
    found.rejected += line.word == "rejected"
    if line.waited is not None:
        found.waits.append(line.waited.total_seconds())


def _ended(found: Tally, line: Line) -> None:
    found.withdrawn += line.state == "withdrawn"
    found.expired += line.state == "expired"
    found.failed += line.state in ("failed", "unknown")
    if line.state != "sent":
        return
    found.sent += 1
    found.alone += not line.word
    if line.amount is not None:
        found.money[line.amount.currency] = found.money.get(line.amount.currency, Decimal(0)) + line.amount.amount


def by_workflow(chronicle: Chronicle, since: datetime, until: datetime) -> Mapping[str, Tally]:
    """Count for each ruleset."""
    own: dict[str, list[Happened]] = {}
    for (ruleset, _), each in chronicle.rules().items():
        own.setdefault(ruleset, []).append(each)
    return {ruleset: _counted(rules, since, until) for ruleset, rules in own.items()}


def by_each(chronicle: Chronicle, since: datetime, until: datetime) -> Mapping[tuple[str, str], Tally]:
    """Count for each rule of each ruleset."""
    return {name: _counted([each], since, until) for name, each in chronicle.rules().items()}


def by_rule(chronicle: Chronicle, ruleset: str, since: datetime, until: datetime) -> Mapping[str, Tally]:
    """Count for each rule of a ruleset."""
    return {rule: each for (_, rule), each in by_each(chronicle.only({ruleset}), since, until).items()}


def weeks(chronicle: Chronicle, since: datetime, until: datetime) -> list[tuple[datetime, Tally]]:
    """Count for each week from `since`, the last one cut at `until`."""
    since, until = utc(since), utc(until)
    starts = [since + number * WEEK for number in range(-(-(until - since) // WEEK))]
    return [(start, tally(chronicle, start, min(start + WEEK, until))) for start in starts]


def waiting_for(lines: Iterable[Line]) -> Mapping[str, int]:
    """Return how many open actions wait for whom; "" for anyone."""
    counts: dict[str, int] = {}
    for each in lines:
        if each.state == "pending":
            counts[each.hands] = counts.get(each.hands, 0) + 1
    return counts
