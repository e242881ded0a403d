"""Staleness: a value older than its field's `max_age` is unresolved until its source is heard again.

A value is as old as what its record said last, or as the source's watermark if that is later: a source that has told
everything up to a moment has confirmed all that it told before.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from engine.inference.durations import after
from engine.inference.rulebook import Rulebook
from engine.inference.settle import Settler
from engine.inference.state import Entity, Unknown

_TICK = timedelta(microseconds=1)
Value = tuple[Entity, str]


class Freshness:
    """Knows when values grow stale, and marks them."""

    def __init__(self, rulebook: Rulebook, settler: Settler, watermarks: Mapping[str, datetime]) -> None:
        self.settler = settler
        self.watermarks = watermarks
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
        """Queue the moments at which the aging fields of an entity grow stale."""
        for name in self._aging.get(entity.type, ()):
            self._push(entity, name)

    def next(self) -> datetime | None:
        """Return the next moment at which a value may grow stale, in UTC."""
        return self._queue[0][0] if self._queue else None

    def due(self, now: datetime) -> None:
        """Mark what has grown stale by now."""
        while self._queue and self._queue[0][0] <= now:
            _, _, entity, name = heappop(self._queue)
            until = self._until(entity, name)
            if until is None:
                continue
            if until > now:
                self._push(entity, name)
            elif not isinstance(entity.values.get(name), Unknown):
                self._mark(entity, name)

    def heard(self, source: str) -> list[Value]:
        """Return the stale values that a source has confirmed, to be written again."""
        return [(entity, name) for entity, name in self._stale.pop(source, ()) if self._giver(entity, name)]

    def _mark(self, entity: Entity, name: str) -> None:
        record = self._giver(entity, name) or ""
        source = record.partition("/")[0]
        self._stale[source][entity, name] = None
        limit = self._aging[entity.type][name]
        reason = f"{name} of {entity.ref} is older than {limit}: {source} has not been heard since"
        entity.values[name] = Unknown(reason)
        self.settler.touch(entity, name)

    def _push(self, entity: Entity, name: str) -> None:
        until = self._until(entity, name)
        if until is not None:
            self._order += 1
            heappush(self._queue, (until, self._order, entity, name))

    def _until(self, entity: Entity, name: str) -> datetime | None:
        record = self._giver(entity, name)
        part = None if record is None else entity.part(record)
        told = part.recorded_at if part else None
        if record is None or told is None:
            return None
        told = told.astimezone(UTC)
        heard = self.watermarks.get(record.partition("/")[0])
        as_of = told if heard is None else max(told, heard.astimezone(UTC))
        return after(as_of, self._aging[entity.type][name]) + _TICK

    def _giver(self, entity: Entity, name: str) -> str | None:
        given = [part.record for part in entity.parts if part.get(name) is not None]
        return min(given, key=self._precedence, default=None)
