"""Figures over lines: what was proposed, decided, sent and saved in a period."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median

import msgspec

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


def tally(lines: Iterable[Line], since: datetime, until: datetime) -> Tally:
    """Count each thing at the moment it happened."""
    found = Tally(waits=[], money={})
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    for each in lines:
        created, decided, ended = each.created_at, each.decided_at, each.ended_at
        if since <= created < until:
            found.flagged += 1
        if decided is not None and since <= decided < until:
            _decided(found, each)
        if ended is not None and since <= ended < until:
            _ended(found, each)
        if each.outcome_at is not None and since <= each.outcome_at < until:
            found.good += each.outcome == "good"
            found.bad += each.outcome == "bad"
            found.unsettled += each.outcome == "open"
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
    return {name: tally(own, since, until) for name, own in sorted(_grouped(lines, lambda each: each.ruleset).items())}


def by_rule(lines: Sequence[Line], ruleset: str, since: datetime, until: datetime) -> Mapping[str, Tally]:
    """Count for each rule of a ruleset."""
    own = _grouped((each for each in lines if each.ruleset == ruleset), lambda each: each.rule)
    return {rule: tally(lines, since, until) for rule, lines in sorted(own.items())}


def _grouped(lines: Iterable[Line], name: Callable[[Line], str]) -> Mapping[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for each in lines:
        found.setdefault(name(each), []).append(each)
    return found


def weeks(lines: Sequence[Line], since: datetime, until: datetime) -> list[tuple[datetime, Tally]]:
    """Count for each week from `since`, the last one cut at `until`."""
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    count = -(-(until - since) // WEEK)
    weekly: list[set[int]] = [set() for _ in range(count)]
    for place, each in enumerate(lines):
        for at in (each.created_at, each.decided_at, each.ended_at, each.outcome_at):
            if at is not None and since <= at < until:
                weekly[(at - since) // WEEK].add(place)
    starts = [since + number * WEEK for number in range(count)]
    return [
        (start, tally((lines[place] for place in places), start, min(start + WEEK, until)))
        for start, places in zip(starts, weekly, strict=True)
    ]


def waiting_for(lines: Iterable[Line]) -> Mapping[str, int]:
    """Return how many open actions wait for whom; "" for anyone."""
    counts: dict[str, int] = {}
    for each in lines:
        if each.state == "pending":
            counts[each.hands] = counts.get(each.hands, 0) + 1
    return counts
