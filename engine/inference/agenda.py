"""Who has to look again: from a field that changed to all that reads it, nearby and far away, lower ranks first."""

from heapq import heappop, heappush
from typing import Any

from engine.inference.back import owners, walk
from engine.inference.entities import State
from engine.inference.network import EXISTS
from engine.inference.nodes import Aggregated, Concluded, Node, Slot
from engine.inference.rulebook import Rulebook
from engine.inference.state import Entity


class Agenda:
    """What is pending in a batch: nodes, and the subjects that each has to look at."""

    def __init__(self, rulebook: Rulebook, state: State) -> None:
        self.state = state
        self._pending: dict[int, dict[Entity, Any]] = {}
        self._ranked: list[tuple[int, int]] = []
        self.use(rulebook)

    def use(self, rulebook: Rulebook) -> None:
        """Follow the routes of a rulebook: the first, or one that shares the nodes of the one before."""
        self._members = rulebook.routes.members
        self._inverses = rulebook.inverses
        self._readers = rulebook.routes.readers
        self._by_type = rulebook.routes.by_type
        self._counting = rulebook.routes.totals

    def touch(self, entity: Entity, field: str) -> None:
        """Wake whatever reads a field of this entity."""
        readers = self._readers[entity.type].get(field)
        if readers is None:
            return
        for node in readers.own:
            self._waiting(node)[entity] = None
        for total in readers.totals:
            for owner in owners(entity, total.slot):
                self._recount(total, owner, entity)
        for effect in readers.far:
            for subject in walk(entity, effect.hops):
                self._waiting(effect.node)[subject] = None
        for selector in readers.selectors:
            waiting = self._waiting(selector)
            if entity not in waiting:
                waiting[entity] = {field}
            elif waiting[entity] is not None:
                waiting[entity].add(field)

    def wake(self, node: Node, entity: Entity) -> None:
        """Let a node look at a subject again in this batch."""
        self._waiting(node)[entity] = None

    def created(self, entity: Entity) -> None:
        """Wake all that is computed for a new entity, and those who refer to it."""
        for node in self._by_type[entity.type]:
            if type(node) is not Concluded or node.default is not None:  # nothing is concluded of it yet
                self._waiting(node)[entity] = None
        for total in self._counting[entity.type]:
            self._waiting(total).setdefault(entity, {})
        self.touch(entity, EXISTS)

    def begin(self, node: Node) -> None:
        """Let a node that is new look at all its subjects."""
        for entity in self.state.entities[node.type].values():
            self._waiting(node).setdefault(entity, {} if isinstance(node, Aggregated) else None)
        if isinstance(node, Aggregated):
            for item in self.state.entities[node.slot[0]].values():
                for owner in owners(item, node.slot):
                    self._recount(node, owner, item)

    def moved(self, slot: Slot, item: Entity, old: Entity | None, new: Entity | None) -> None:
        """Let the old owner's and the new one's collections be looked at, which an item has left and joined."""
        for node in self._members.get(slot, ()):
            for owner in (old, new):
                if owner is not None:
                    self._recount(node, owner, item)
        collection = self._inverses.get(slot)
        if collection is not None:
            for owner in (old, new):
                if owner is not None:
                    self.touch(owner, collection)

    def forget(self, entity: Entity) -> None:
        """Let nothing look at an entity that is no more."""
        for pending in self._pending.values():
            pending.pop(entity, None)

    def take(self) -> tuple[int, dict[Entity, Any]] | None:
        """Return and forget a pending node of the lowest rank, by its index, with its subjects; None for none."""
        if not self._ranked:
            return None
        _, index = heappop(self._ranked)
        return index, self._pending.pop(index)

    def _waiting(self, node: Node) -> dict[Entity, Any]:
        """Return the subjects that a node has to look at, each with what changed: fields, or items; None for all."""
        waiting = self._pending.get(node.index)
        if waiting is None:
            waiting = self._pending[node.index] = {}
            heappush(self._ranked, (node.rank, node.index))
        return waiting

    def _recount(self, node: Aggregated, owner: Entity, item: Entity) -> None:
        """Let an owner's aggregate look at an item once all that it reads of the item is settled."""
        self._waiting(node).setdefault(owner, {})[item] = None
