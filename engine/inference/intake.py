"""Taking inputs in: what a record says becomes fields, links and memberships, and wakes what reads them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.events import ChangeEvent, Merge, Split
from engine.feel import Money, Value, to_value
from engine.inference.activation import Pair, Step
from engine.inference.activations import Activations
from engine.inference.circles import Circles
from engine.inference.freshness import Freshness
from engine.inference.identity import divide, unite
from engine.inference.nodes import Slot
from engine.inference.rulebook import Rulebook
from engine.inference.settle import Settler
from engine.inference.state import Entity, Link, Part, State
from engine.model.structs import Field

_EXACT = frozenset({str, bool, type(None), date, Money})
"""Types whose values are FEEL values as they are."""


class Intake:
    """Applies inputs to the state and tells the settler what changed."""

    def __init__(self, rulebook: Rulebook, state: State, settler: Settler, activations: Activations) -> None:
        self.rulebook = rulebook
        self.state = state
        self.settler = settler
        self.activations = activations
        self.circles = Circles(settler)
        self.freshness = Freshness(rulebook, settler, settler.absence.watermarks)
        self._declared = {type: entity.fields for type, entity in rulebook.model.entities.items()}
        self._references = {
            type: {name: field for name, field in fields.items() if field.ref}
            for type, fields in self._declared.items()
        }

    def change(self, event: ChangeEvent, now: datetime) -> None:
        """Let a record speak for its entity, replacing what it said before."""
        link = self.state.link(event.entity, event.record)
        entity = link.entity or self.state.entity(event.entity, event.id)
        if event.deleted:
            if entity is not None:
                self._forget(entity, event.record)
            return
        if entity is None:
            entity = self._create(event.entity, event.id)
        self._attach(entity, link)
        for key in event.keys:
            self._attach(entity, self.state.link(event.entity, key))
        declared = self._declared[event.entity]
        fields = {
            name: value if type(value) in _EXACT or (type(value) is Decimal and value.is_finite()) else to_value(value)
            for name, value in event.fields.items()
            if name in declared
        }
        before = entity.parts.get(event.record)
        entity.parts[event.record] = Part(fields, event.version, event.valid_at, now)
        self._write(entity, fields.keys() | before.fields.keys() if before else fields)
        self.freshness.noted(entity)

    def heard(self, source: str, at: datetime) -> None:
        """Let a source's watermark confirm what it told, and what it did not tell."""
        known = self.settler.absence.watermarks
        known[source] = max(known.get(source, at), at)
        for entity, name in self.freshness.heard(source):
            self._write(entity, (name,))
            self.freshness.noted(entity)
        for condition, entity in self.settler.absence.heard(source):
            self.settler.wake(condition, entity)

    def _create(self, type: str, id: str) -> Entity:
        entity = self.state.create(type, id)
        gone = self.state.gone.pop((type, id), None) if self.state.gone else None
        if gone is not None:
            self.activations.move(gone, entity)
            self._look_again(entity)
        self._attach(entity, self.state.link(type, id))
        self.settler.created(entity)
        return entity

    def _write(self, entity: Entity, names: Iterable[str]) -> None:
        references = self._references[entity.type]
        readers = self.rulebook.routes.readers[entity.type]
        values = entity.values
        parts = tuple(entity.parts.values())
        told = parts[0].fields if len(parts) == 1 else _First(entity, self.rulebook.precedence)
        for name in sorted(names):
            value = told.get(name)
            if name in references:
                self._refer(entity, name, references[name], value)
                continue
            old = values.get(name)
            if old is not value and (old != value or type(old) is not type(value)):
                values[name] = value
                if name in readers:
                    self.settler.touch(entity, name)

    def _refer(self, entity: Entity, name: str, field: Field, key: object) -> None:
        assert field.ref is not None
        old = entity.values.get(name)
        new = None if key is None else self.state.link(field.ref, str(key))
        if old is new:
            return
        slot = (entity.type, name)
        if field.acyclic:
            self.circles.release(entity, name)
        if isinstance(old, Link):
            old.users[slot].pop(entity, None)
        if new is not None:
            new.users.setdefault(slot, {})[entity] = None
        entity.values[name] = new
        self.settler.moved(slot, entity, old.entity if isinstance(old, Link) else None, new.entity if new else None)
        self._rejoined(slot, entity)
        if field.acyclic:
            self.circles.close(entity, name)

    def _attach(self, entity: Entity | None, link: Link) -> None:
        """Let a key name an entity, and everything that refers by it follow."""
        old = link.entity
        if old is entity:
            return
        users = [(slot, user) for slot, referring in link.users.items() for user in referring]
        acyclic = [(user, slot[1]) for slot, user in users if slot in self.rulebook.acyclic]
        for user, name in acyclic:
            self.circles.release(user, name)
        if old is not None:
            old.links.remove(link)
        link.entity = entity
        if entity is not None:
            entity.links.append(link)
        for slot, user in users:
            self.settler.moved(slot, user, old, entity)
            self._rejoined(slot, user)
        for user, name in acyclic:
            self.circles.close(user, name)

    def _rejoined(self, slot: Slot, entity: Entity) -> None:
        """Wake what reads a reference that leads elsewhere, and what rested for the account that it led to."""
        self.settler.touch(entity, slot[1])
        if self.rulebook.root_fields.get(slot[0]) == slot[1]:
            self.activations.stir(entity)

    def _forget(self, entity: Entity, record: str) -> None:
        part = entity.parts.pop(record, None)
        if part is None:
            return
        if entity.parts:
            self._write(entity, part.fields.keys())
        else:
            self._remove(entity, part.fields)

    def _remove(self, entity: Entity, fields: Mapping[str, Any]) -> None:
        declared = self.rulebook.model.entities[entity.type].fields
        for name in fields:
            if declared[name].ref:
                self._refer(entity, name, declared[name], None)
        for link in tuple(entity.links):
            self._attach(None, link)
        del self.state.entities[entity.type][entity.id]
        self.settler.removed(entity)
        if self.activations.of(entity):
            self.state.gone[entity.type, entity.id] = entity

    # --- identity ---------------------------------------------------------------------------------------------

    def merge(self, event: Merge) -> tuple[list[Step], list[Pair]]:
        """Let two entities be one; returns what must be withdrawn or reviewed."""
        kept, other = self.state.entity(event.entity, event.id), self.state.entity(event.entity, event.other)
        if kept is None or other is None or kept is other:
            return [], []
        self._move(tuple(other.parts), other, kept)
        for link in tuple(other.links):
            self._attach(kept, link)
        found = unite(self.activations, other, kept)
        self._look_again(kept)
        self._remove(other, {})
        return found

    def split(self, event: Split) -> list[Pair]:
        """Let records leave an entity and form another; returns what must be reviewed."""
        entity = self.state.entity(event.entity, event.id)
        if entity is None:
            return []
        known = self.state.entities[event.entity].get(event.other)
        other = known or self._create(event.entity, event.other)
        if other is entity:
            return []
        records = tuple(record for record in event.records if record in entity.parts)
        for record in records:
            self._attach(other, self.state.link(event.entity, record))
        self._move(records, entity, other)
        pairs = divide(self.activations, entity, other) if known is None else []
        for each in (entity, other):
            if not each.parts:
                self._remove(each, {})
        return pairs

    def _look_again(self, entity: Entity) -> None:
        """Look at conditions of actions that the index may pass over: only a definite false ends them."""
        for act, _ in self.activations.of(entity):
            self.settler.wake(act.condition, entity)

    def _move(self, records: tuple[str, ...], source: Entity, target: Entity) -> None:
        names: set[str] = set()
        for record in records:
            part = source.parts.pop(record)
            target.parts[record] = part
            names |= part.fields.keys()
        self._write(source, names)
        self._write(target, names)


class _First:
    """The first value that a record gives, records in the order of their sources."""

    def __init__(self, entity: Entity, precedence: Callable[[str], tuple[int, str]]) -> None:
        self._parts = [entity.parts[record].fields for record in sorted(entity.parts, key=precedence)]

    def get(self, name: str) -> Value:
        """Return it, None when none does."""
        return next((value for fields in self._parts if (value := fields.get(name)) is not None), None)
