"""When each computed thing has to be looked at again by time alone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from heapq import heappop, heappush

from engine.inference.nodes import Node
from engine.inference.state import Entity


class Wakes:
    """A queue of moments; an entity knows which of its own still count."""

    def __init__(self) -> None:
        self._queue: list[tuple[datetime, int, Entity, Node]] = []
        self._order = 0

    def put(self, node: Node, entity: Entity, moment: datetime | None) -> None:
        """Let a node look at a subject again at a moment, in place of any other; None for never."""
        if moment is not None:
            moment = moment.astimezone(UTC)
            entity.wakes = entity.wakes or {}
            if entity.wakes.get(node.index) != moment:
                entity.wakes[node.index] = moment
                self._order += 1
                heappush(self._queue, (moment, self._order, entity, node))
        elif entity.wakes is not None:
            entity.wakes.pop(node.index, None)

    def next(self) -> datetime | None:
        """Return the next moment at which anything can flip, in UTC."""
        while self._queue:
            moment, _, entity, node = self._queue[0]
            if entity.wakes is not None and entity.wakes.get(node.index) == moment:
                return moment
            heappop(self._queue)
        return None

    def due(self, now: datetime) -> Iterator[tuple[Node, Entity]]:
        """Yield and forget what has to be looked at by now."""
        while (moment := self.next()) is not None and moment <= now:
            _, _, entity, node = heappop(self._queue)
            assert entity.wakes is not None
            del entity.wakes[node.index]
            yield node, entity
