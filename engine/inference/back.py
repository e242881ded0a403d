"""The way back along a path: from what changed to those who read it."""

from collections.abc import Iterable, Iterator

from engine.inference.nodes import Hop, Slot
from engine.inference.state import Entity, Link
from engine.model.types import joined, partner


def owners(item: Entity, slot: Slot) -> tuple[Entity, ...]:
    """Return those whose collection holds an item."""
    link = item.values.get(slot[1])
    if isinstance(link, Link):
        return () if link.entity is None else (link.entity,)
    return tuple(item.members(partner(slot))) if joined(slot) else ()


def walk(entity: Entity, hops: tuple[Hop, ...]) -> Iterator[Entity]:
    """Yield the subjects at the end of a way back."""
    kind, slot = hops[0]
    if kind == "users":
        found: Iterable[Entity] = tuple(entity.members(slot))
    else:
        found = owners(entity, slot)
    if len(hops) == 1:
        yield from found
        return
    for each in found:
        yield from walk(each, hops[1:])
