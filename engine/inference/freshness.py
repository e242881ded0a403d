"""Staleness: a value older than its field's `max_age` is unresolved until its source is heard again.

A value is as old as what its record said last, or as the source's watermark if that is later: a source that has told
everything up to a moment has confirmed all that it told before. A source's own `stale_after` is a limit for all values
that it has told, references apart; it begins with the source's first watermark.
"""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from engine.inference.durations import after
from engine.inference.rulebook import Rulebook
from engine.inference.settle import Settler
from engine.inference.state import Entity, Link, Unknown

_TICK = timedelta(microseconds=1)
Value = tuple[Entity, str]


class Freshness:
    """Knows when values grow stale, and marks them."""

    def __init__(self, rulebook: Rulebook, settler: Settler, watermarks: Mapping[str, datetime]) -> None:
        self.settler = settler
        self.watermarks = watermarks
        self._limits = rulebook.settings.stale_after
        self._ends: dict[str, datetime] = {}
        self._silent: set[str] = set()
        self._precedence = rulebook.precedence
        self._aging: dict[str, dict[str, str]] = defaultdict(dict)
        for type, entity in rulebook.model.entities.items():
            for name, field in entity.fields.items():
                if field.max_age and not field.ref:
                    self._aging[type][name] = field.max_age
        self._queue: list[tuple[datetime, int, Entity, str]] = []
        self._order = 0
        self._stale: dict[str, dict[Value, None]] = defaultdict(dict)

    def noted(self, entity: Entity) -> None:
        """Mark what an entity's records say that is stale already, queue the moments at which the rest grows so."""
        aging = self._aging.get(entity.type)
        if aging is None and not self._silent:
            return
        for name in {**dict.fromkeys(aging or ()), **dict.fromkeys(self._given(entity, self._silent))}:
            self._look(entity, name, self.settler.env.now)

    def next(self) -> datetime | None:
        """Return the next moment at which a value may grow stale, in UTC."""
        first = self._queue[0][0] if self._queue else None
        if not self._ends:
            return first
        end = min(self._ends.values())
        return end if first is None else min(first, end)

    def due(self, now: datetime) -> None:
        """Mark what has grown stale by now."""
        while self._queue and self._queue[0][0] <= now:
            _, _, entity, name = heappop(self._queue)
            self._look(entity, name, now)
        over = {source for source, end in self._ends.items() if end <= now}
        if over:
            self._silent |= over
            self._ends = {source: end for source, end in self._ends.items() if source not in over}
            for entity in self.settler.state:
                for name in self._given(entity, over):
                    self._look(entity, name, now)

    def heard(self, source: str) -> list[Value]:
        """Return the stale values that a source has confirmed, to be written again."""
        limit = self._limits.get(source)
        if limit is not None:
            self._silent.discard(source)
            self._ends[source] = after(self.watermarks[source].astimezone(UTC), limit) + _TICK
        return [(entity, name) for entity, name in self._stale.pop(source, ()) if self._giver(entity, name)]

    def _given(self, entity: Entity, sources: Container[str]) -> Iterator[str]:
        """Yield the fields whose values these sources give, references apart."""
        for part in entity.parts:
            if part.record.partition("/")[0] in sources:
                for name in part.names:
                    kept = not isinstance(entity.values.get(name), Link)
                    if kept and self._giver(entity, name) == part.record:
                        yield name

    def _look(self, entity: Entity, name: str, now: datetime) -> None:
        until, limit = self._until(entity, name)
        if until is None:
            return
        if until > now:
            self._order += 1
            heappush(self._queue, (until, self._order, entity, name))
        elif not isinstance(entity.values.get(name), Unknown):
            self._mark(entity, name, limit)

    def _mark(self, entity: Entity, name: str, limit: str) -> None:
        record = self._giver(entity, name) or ""
        source = record.partition("/")[0]
        self._stale[source][entity, name] = None
        reason = f"{name} of {entity.ref} is older than {limit}: {source} has not been heard since"
        entity.values[name] = Unknown(reason)
        self.settler.agenda.touch(entity, name)

    def _until(self, entity: Entity, name: str) -> tuple[datetime | None, str]:
        """Return when a value grows stale, with the limit that makes it so."""
        record = self._giver(entity, name)
        part = None if record is None else entity.part(record)
        told = part.recorded_at if part else None
        if record is None or told is None:
            return None, ""
        source = record.partition("/")[0]
        told, heard = told.astimezone(UTC), self.watermarks.get(source)
        as_of = told if heard is None else max(told, heard.astimezone(UTC))
        limits = (self._aging.get(entity.type, {}).get(name), self._limits.get(source) if heard is not None else None)
        return min(((after(as_of, each) + _TICK, each) for each in limits if each), default=(None, ""))

    def _giver(self, entity: Entity, name: str) -> str | None:
        given = [part.record for part in entity.parts if part.get(name) is not None]
        return min(given, key=self._precedence, default=None)
