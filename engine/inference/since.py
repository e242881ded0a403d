"""Since when the clock has made a condition true: the last moment at which time alone changed anything it rests on.

A condition rests on its own comparisons, and through computed fields on those of others. Where it reads what a rule
concludes that had itself waited for a source, the moment since which that rule waited counts, so that a chain of
absences needs no word more than one absence does. What cannot be told is taken as late as it can be: at the last
midnight where only days count, else at present.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from engine.feel import Env
from engine.inference.flips import midnight
from engine.inference.network import Network, expressions
from engine.inference.nodes import Aggregated, Compiled, Concluded, Condition, Derived, Node, Slot
from engine.inference.state import Entity, Link

if TYPE_CHECKING:
    from engine.inference.rulebook import Rulebook

_MOST = 500
"""Computed things that are looked at for one answer; with more it is not known."""
_Found: TypeAlias = Iterator[datetime | None]
"""When each thing that the clock has a part in flipped last, None for never."""


class _Unknown(Exception):
    """The moment cannot be told."""


def moved(network: Network) -> dict[int, bool]:
    """Return the nodes that the clock has a part in, near or far: True where at any instant, else from day to day."""
    readers: dict[int, list[int]] = defaultdict(list)
    for index, reads in network.reads.items():
        for writer in chain.from_iterable(network.writers.get(read.slot, ()) for read in reads):
            readers[writer.index].append(index)
    for node in network.nodes:
        if isinstance(node, Condition):
            for writer in chain.from_iterable(network.writers.get((node.type, name), ()) for name in node.sets):
                readers[node.index].append(writer.index)
    if network.rated is not None:
        readers[network.rated.index] += network.converting
    found: dict[int, bool] = {}
    for clock, instants in (("today", False), ("now", True)):
        waiting = [
            node.index
            for node in network.nodes
            if any(compiled.program.time == clock for compiled in expressions(node))
        ]
        while waiting:
            index = waiting.pop()
            if found.get(index) is not instants:
                found[index] = instants
                waiting += readers[index]
    return found


class Since:
    """Walks from a condition to whatever time moves beneath it."""

    def __init__(self, rulebook: "Rulebook", released: Mapping[tuple[Condition, Entity], datetime]) -> None:
        """`released`: conditions that waited and are true from this batch on, and since when they would have been."""
        self._rulebook = rulebook
        self._released = released
        self._env: Env
        self._seen: set[tuple[Node, Entity]] = set()

    def of(self, condition: Condition, entity: Entity, env: Env) -> datetime | None:
        """Return the moment in UTC since which time alone has changed nothing; None where it has no part at all."""
        instants = self._rulebook.moved.get(condition.index)
        if instants is None or not self._clocked(condition):
            return None
        self._env, self._seen = env, set()
        try:
            found = [*self._expression(condition, condition.when, entity)]
        except _Unknown:
            found = []
        known = [moment.astimezone(UTC) for moment in found if moment is not None]
        late = env.now if instants else midnight(env.today, env.zone)
        return max(known, default=late.astimezone(UTC))

    def _clocked(self, condition: Condition) -> bool:
        """Whether the clock has a part in when it is true, and not only in what it sets."""
        program = condition.when.program
        return program.time != "none" or any(self._moves(condition.type, path) for path in program.reads)

    def _expression(self, asker: Condition, compiled: Compiled, entity: Entity) -> _Found:
        if compiled.flips.atoms or compiled.flips.daily:
            yield compiled.flips.last(entity, self._env)
        for path in compiled.program.reads:
            yield from self._path(asker, entity, path)

    def _path(self, asker: Condition, entity: Entity, path: tuple[str, ...]) -> _Found:
        """Follow a path as far as it leads; through a collection to each that is in it."""
        name, rest = path[0], path[1:]
        yield from self._field(asker, entity, name)
        value = entity.values.get(name)
        if isinstance(value, Link):
            if rest and value.entity is not None:
                yield from self._path(asker, value.entity, rest)
        elif rest and (slot := entity.collections.get(name)) is not None and self._moves(slot[0], rest):
            for item in self._items(asker, entity, slot):
                yield from self._path(asker, item, rest)

    def _field(self, asker: Condition, entity: Entity, name: str) -> _Found:
        for node in self._rulebook.network.writers.get((entity.type, name), ()):
            if node.index in self._rulebook.moved and self._new(node, entity):
                yield from self._node(asker, node, entity)

    def _node(self, asker: Condition, node: Node, entity: Entity) -> _Found:
        match node:
            case Derived(compiled=compiled):
                yield from self._expression(asker, compiled, entity)
            case Concluded(field=field, default=default):
                if default is not None:
                    yield from self._expression(asker, default, entity)
                for each in self._rulebook.setting.get((entity.type, field), ()):
                    if each.index in self._rulebook.moved and self._new(each, entity):
                        yield from self._condition(each, field, entity)
            case Aggregated(slot=slot, where=where, value=value):
                for item in self._items(asker, entity, slot):
                    for name in (where, value):
                        if name is not None:
                            yield from self._field(asker, item, name)
            case _:
                raise _Unknown

    def _condition(self, condition: Condition, field: str, entity: Entity) -> _Found:
        released = self._released.get((condition, entity))
        if released is not None:
            yield released
        else:
            yield from self._expression(condition, condition.when, entity)
        yield from self._expression(condition, condition.sets[field], entity)

    def _items(self, asker: Condition, entity: Entity, slot: Slot) -> Iterator[Entity]:
        """Yield who is in a collection; unknown where the asker waits for more in it, for time moves these as well."""
        if slot[0] in self._rulebook.wanting.get(asker.index, ()):
            raise _Unknown
        yield from entity.members(slot)

    def _new(self, node: Node, entity: Entity) -> bool:
        if (node, entity) in self._seen:
            return False
        self._seen.add((node, entity))
        if len(self._seen) > _MOST:
            raise _Unknown
        return True

    def _moves(self, type: str, path: tuple[str, ...]) -> bool:
        """Whether the clock has a part in anything along a path."""
        at: str | None = type
        for name in path:
            if at is None:
                return False
            if any(node.index in self._rulebook.moved for node in self._rulebook.network.writers.get((at, name), ())):
                return True
            field = self._rulebook.model.entities[at].fields.get(name)
            slot = self._rulebook.collections.get(at, {}).get(name)
            at = field.ref if field is not None and field.ref else slot[0] if slot is not None else None
        return False
