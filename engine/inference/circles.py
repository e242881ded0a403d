"""Circles in data: a reference declared acyclic that leads back all the same is unresolved for everyone on the way.

So rules that recur over the reference wait instead of running for ever, and go on when a record breaks the circle.
"""

from collections.abc import Iterable, Iterator

from engine.inference.settle import Settler
from engine.inference.state import Entity, Link


class Circles:
    """Marks the entities that stand on a circle, and frees them."""

    def __init__(self, settler: Settler) -> None:
        self.settler = settler

    def release(self, entity: Entity, name: str) -> None:
        """Free a circle through an entity's reference, which is about to change."""
        if entity.circles is not None and name in entity.circles:
            self._mark(tuple(_way(entity, name)), name, on=False)

    def close(self, entity: Entity, name: str) -> None:
        """Mark a circle that an entity's reference closes."""
        members = tuple(_way(entity, name))
        if _target(members[-1], name) is entity:
            self._mark(members, name, on=True)

    def _mark(self, members: Iterable[Entity], name: str, *, on: bool) -> None:
        for entity in members:
            kept = (entity.circles or frozenset()) - {name}
            entity.circles = (kept | {name} if on else kept) or None
            target = _target(entity, name)
            self.settler.agenda.moved((entity.type, name), entity, target, target)
            self.settler.agenda.touch(entity, name)


def _way(entity: Entity, name: str) -> Iterator[Entity]:
    """Yield the entities that a reference leads over, each once."""
    seen: set[Entity] = set()
    at: Entity | None = entity
    while at is not None and at not in seen:
        seen.add(at)
        yield at
        at = _target(at, name)


def _target(entity: Entity, name: str) -> Entity | None:
    link = entity.values.get(name)
    return link.entity if isinstance(link, Link) else None
