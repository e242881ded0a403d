"""Figures over lines: what was proposed, decided, sent and saved in a period."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

import msgspec

from api.insight.line import Line
from evals.scoring import wilson


class Tally(msgspec.Struct, kw_only=True):
    """What happened in a period. `alone` were sent without a person's word, `untouched` approved as they were."""

    flagged: int = 0
    approved: int = 0
    edited: int = 0
    rejected: int = 0
    withdrawn: int = 0
    expired: int = 0
    sent: int = 0
    alone: int = 0
    failed: int = 0
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
    def wait(self) -> timedelta | None:
        """Half were decided faster than this."""
        return timedelta(seconds=median(self.waits)) if self.waits else None


class Assumptions(msgspec.Struct, frozen=True, kw_only=True):
    """What hours saved rest on, in minutes: one action by hand, one decision, one edit."""

    by_hand: float = 12.0
    decision: float = 0.5
    edit: float = 4.0

    def hours(self, tally: Tally) -> float:
        """Return the hours people did not spend: what was sent, by hand, less what deciding took."""
        spent = tally.decided * self.decision + tally.edited * self.edit
        return max(0.0, (tally.sent * self.by_hand - spent) / 60)


def tally(lines: Iterable[Line], since: datetime, until: datetime) -> Tally:
    """Count each thing at the moment it happened."""
    found = Tally(waits=[], money={})
    for each in lines:
        if since <= each.created_at < until:
            found.flagged += 1
        if each.decided_at is not None and since <= each.decided_at < until:
            _decided(found, each)
        if each.ended_at is not None and since <= each.ended_at < until:
            _ended(found, each)
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


def by_workflow(lines: Sequence[Line], since: datetime, until: datetime) -> Mapping[str, Tally]:
    """Count for each ruleset."""
    return {name: tally((each for each in lines if each.ruleset == name), since, until) for name in _names(lines)}


def by_rule(lines: Sequence[Line], ruleset: str, since: datetime, until: datetime) -> Mapping[str, Tally]:
    """Count for each rule of a ruleset."""
    own = [each for each in lines if each.ruleset == ruleset]
    rules = sorted({each.rule for each in own})
    return {rule: tally((each for each in own if each.rule == rule), since, until) for rule in rules}


def _names(lines: Iterable[Line]) -> list[str]:
    return sorted({each.ruleset for each in lines})


def weeks(lines: Sequence[Line], since: datetime, until: datetime) -> list[tuple[datetime, Tally]]:
    """Count for each week from `since`, the last one cut at `until`."""
    found = []
    start = since
    while start < until:
        end = min(start + timedelta(days=7), until)
        found.append((start, tally(lines, start, end)))
        start = end
    return found


def waiting_for(lines: Iterable[Line]) -> Mapping[str, int]:
    """Return how many open actions wait for whom; "" for anyone."""
    counts: dict[str, int] = {}
    for each in lines:
        if each.state == "pending":
            counts[each.hands] = counts.get(each.hands, 0) + 1
    return counts
