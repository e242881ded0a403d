"""Absence waits for its source: "no payment by T" may become true only when who would have told has told up to T.

A condition that one more item or value could make false (see `missing`), become true by time alone, waits for the
watermarks of the sources that would tell of it. A source that never gave a watermark keeps nothing waiting.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from engine.inference.nodes import Condition
from engine.inference.state import Entity
from engine.inference.truth import Held, Truth, definite

Waiting = tuple[Condition, Entity]


class Absence:
    """The conditions that wait, and since when."""

    def __init__(self, tellers: Mapping[int, tuple[str, ...]]) -> None:
        self.tellers = tellers
        self.watermarks: dict[str, datetime] = {}
        self.by_time = False
        self.waiting: dict[Waiting, datetime] = {}

    def judge(self, condition: Condition, entity: Entity, truth: Truth, now: datetime) -> Truth:
        """Return the truth as it may be taken at present: what waits for its source is unresolved."""
        since = self.waiting.get((condition, entity))
        if truth is not True:
            if since is not None and truth is False:
                del self.waiting[condition, entity]
            return truth
        if since is None:
            if not self.by_time or definite(entity.truths.get(condition.index, False)):
                return truth
            since = now.astimezone(UTC)
        late = self._late(condition, since)
        if late is None:
            self.waiting.pop((condition, entity), None)
            return truth
        self.waiting[condition, entity] = since
        told = self.watermarks[late].astimezone(now.tzinfo)
        return Held(False, "unresolved", f"something is missing, but {late} has told up to {told:%Y-%m-%d %H:%M} only")

    def heard(self, source: str) -> list[Waiting]:
        """Return the conditions that need not wait for a source any longer."""
        return [each for each, since in self.waiting.items() if self._waits(each[0], source, since)]

    def _waits(self, condition: Condition, source: str, since: datetime) -> bool:
        return source in self.tellers.get(condition.index, ()) and self._late(condition, since) is None

    def _late(self, condition: Condition, since: datetime) -> str | None:
        for source in self.tellers[condition.index]:
            told = self.watermarks.get(source)
            if told is not None and told < since:
                return source
        return None
