"""What is kept about one person: shown whole, and destroyed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from api.layer.parts import Part
from engine.events import Action
from engine.inference.proof import plain
from engine.inference.state import Entity
from engine.memory import Erasure
from engine.ports import Stored

_PAGE = 1000
Note = Callable[[Iterable[str]], None]
"""Writes names that are being erased down, outside of the database."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What one record of a source says of the person."""

    record: str
    version: str
    told_at: datetime | None
    fields: Mapping[str, Any]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One entity that speaks of the person, with the records it rests on."""

    entity: str
    id: str
    keys: tuple[str, ...]
    records: tuple[Told, ...]


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """All that is kept about a person."""

    person: str
    entities: tuple[Held, ...]
    actions: tuple[Action, ...]
    journal: tuple[Stored, ...]


class Persons(Part):
    """Export and erasure by `type:id`, or by any key of the entity (`customer:email:ada@example.org`)."""

    def find(self, subject: str) -> Entity | None:
        """Return the person; None when it is unknown, or of a type that no field of is personal."""
        entity = self.parts.pipeline.session.state.find(subject)
        return entity if entity is not None and self._is_person(entity.type) else None

    def _is_person(self, type: str) -> bool:
        model = self.parts.home.model.entities[type]
        return model.person in {None, "self"} and any(field.personal for field in model.fields.values())

    def names(self, person: Entity) -> tuple[str, ...]:
        """Return the names under which something may be kept: the person's keys, and what belongs to the person.

        Other persons are left out, though they belong to the same account.
        """
        keys = (f"{person.type}:{name}" for name in person.names)
        theirs = (each.ref for each in self._around(person) if not self._is_person(each.type))
        return tuple(dict.fromkeys((person.ref, *keys, *theirs)))

    def _around(self, person: Entity) -> Iterable[Entity]:
        root = self.parts.pipeline.session.activations.root
        for entity in self.parts.pipeline.session.state:
            if entity is not person and root(entity) == person.ref:
                yield entity

    async def export(self, person: Entity) -> Export:
        """Return all that is kept about a person."""
        around = [each for each in self._around(person) if not self._is_person(each.type)]
        names = self.names(person)
        journal = {each.seq: each for name in names for each in await self._entries(name)}
        actions = {each.id: each for name in names for each in await self._actions(name)}
        return Export(
            person=person.ref,
            entities=tuple(_held(each) for each in (person, *around)),
            actions=tuple(actions.values()),
            journal=tuple(journal[seq] for seq in sorted(journal)),
        )

    async def erase(self, person: Entity, by: str, because: str, note: Note) -> Erasure:
        """Destroy what is kept about a person; what the sources tell from now on is new."""
        names, now = self.names(person), self.parts.clock.now()
        note(names)
        erasure = await self.parts.store.erase(person.ref, now, by, also=names, because=because)
        await self.parts.pipeline.open()
        return erasure

    async def _entries(self, subject: str) -> Sequence[Stored]:
        found: list[Stored] = []
        while page := await self.parts.store.entries(found[-1].seq if found else 0, subject=subject, limit=_PAGE):
            found += page
        return found

    async def _actions(self, subject: str) -> Sequence[Action]:
        found: list[Action] = []
        while page := await self.parts.store.actions(subject=subject, after=found[-1].id if found else ""):
            found += page
        return found


def _held(entity: Entity) -> Held:
    records = tuple(
        Told(
            record=part.record, version=part.version, told_at=part.recorded_at,
            fields={name: plain(value) for name, value in part.fields.items()},
        )
        for part in entity.parts
    )  # fmt: skip
    return Held(entity=entity.type, id=entity.id, keys=entity.names, records=records)
