"""Absence waits for its source: "no payment by T" may become true only when who would have told has told up to T.

A condition that one more item or value could make false (see `missing`) and that time has a part in waits for the
sources that would tell of it: until their watermark has passed the moment since which the clock makes it true. A source
that only pushes and never says how far it has told is taken to have told all up to its last word. Only what was true
before, and what no clock has a part in, is taken as it is.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import TypeAlias

from engine.inference.nodes import Condition
from engine.inference.state import Entity
from engine.inference.truth import Held, Truth, definite

Waiting: TypeAlias = tuple[Condition, Entity]
Since: TypeAlias = Callable[[Condition, Entity], datetime | None]
"""The moment in UTC since which the clock has made a condition true, at the latest; None when it has no part in it."""


class Absence:
    """The conditions that wait, and since when; `seeds` are those that began to at a first load or under new rules."""

    def __init__(self, tellers: Mapping[int, tuple[str, ...]], since: Since) -> None:
        self.use(tellers)
        self.since = since
        self.watermarks: dict[str, datetime] = {}
        self.last_words: dict[str, datetime] = {}
        """When a source without a watermark told something last, whether or not anything rested on it by then."""
        self.by_time = False
        self.seeding = False
        self.waiting: dict[Waiting, datetime] = {}
        self.seeds: dict[Waiting, None] = {}
        self.seeded: dict[Waiting, None] = {}
        """What was true all along, as is known only now."""
        self.released: dict[Waiting, datetime] = {}
        """What has waited until this batch, and since when."""
        self._queues: dict[str, list[tuple[datetime, int, Waiting]]] = defaultdict(list)
        self._order = 0

    def use(self, tellers: Mapping[int, tuple[str, ...]]) -> None:
        """Take the conditions that rest on something missing, each with the sources that would tell of it."""
        self.tellers = tellers

    def judge(self, condition: Condition, entity: Entity, truth: Truth, now: datetime) -> Truth:
        """Return the truth as it may be taken at present: what waits for its source is unresolved."""
        asked = (condition, entity)
        since = self.waiting.get(asked)
        if truth is not True:
            if since is not None and truth is False:
                self.drop(condition, entity)
            return truth
        if since is None:
            since = self._begun(condition, entity, now)
            if since is None:
                return truth
        late = self._late(condition, since)
        if late is None:
            if asked in self.waiting:
                self.released[asked] = since
            if asked in self.seeds:
                self.seeded[asked] = None
            self.drop(condition, entity)
            return truth
        if asked not in self.waiting and self.seeding:
            self.seeds[asked] = None
        self.wait(asked, since)
        told = self._told(late)
        until = "has not told anything yet" if told is None else f"has told up to {_said(told, now)} only"
        return Held(False, "unresolved", f"something is missing, but {late} {until}")

    def _begun(self, condition: Condition, entity: Entity, now: datetime) -> datetime | None:
        """Return since when what has just become true has to be told of, None when it need not be."""
        if definite(entity.truths.get(condition.index, False)):
            return None
        if self.by_time:
            return now.astimezone(UTC)
        return self.since(condition, entity)

    def wait(self, asked: Waiting, since: datetime) -> None:
        """Let a condition wait for the first of its sources that is late; for none if only its outcome is not known."""
        self.waiting[asked] = since
        late = self._late(asked[0], since)
        if late is not None:
            self._order += 1
            heappush(self._queues[late], (since, self._order, asked))

    def drop(self, condition: Condition, entity: Entity) -> None:
        """Let a condition wait no longer."""
        self.waiting.pop((condition, entity), None)
        self.seeds.pop((condition, entity), None)

    def heard(self, source: str) -> list[Waiting]:
        """Return the conditions that need not wait for a source any longer; those that wait for others still do."""
        queue, told = self._queues[source], self._told(source)
        found: dict[Waiting, None] = {}
        while queue and told is not None and queue[0][0] <= told:
            since, _, asked = heappop(queue)
            if self.waiting.get(asked) == since:
                if self._late(asked[0], since) is None:
                    found[asked] = None
                else:
                    self.wait(asked, since)
        return list(found)

    def spoke(self, source: str, at: datetime) -> list[Waiting]:
        """Take a record from a source that has no watermark as its word up to then; returns what need not wait."""
        if source in self.watermarks:
            return []
        self.last_words[source] = at
        return self.heard(source) if source in self._queues else []

    def _told(self, source: str) -> datetime | None:
        told = self.watermarks.get(source, self.last_words.get(source))
        return None if told is None else told.astimezone(UTC)

    def _late(self, condition: Condition, since: datetime) -> str | None:
        for source in self.tellers[condition.index]:
            told = self._told(source)
            if told is None or told < since:
                return source
        return None


def _said(moment: datetime, now: datetime) -> str:
    return f"{moment.astimezone(now.tzinfo):%Y-%m-%d %H:%M}"
