"""Taking inputs in: what a record says becomes fields, links and memberships, and wakes what reads them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from engine.events import ChangeEvent, Merge, Split
from engine.inference.activation import Pair, Step
from engine.inference.activations import Activations
from engine.inference.circles import Circles
from engine.inference.entities import Kind, State
from engine.inference.freshness import Freshness
from engine.inference.identity import divide, unite
from engine.inference.nodes import Slot
from engine.inference.rulebook import Rulebook
from engine.inference.settle import Settler
from engine.inference.shapes import First, Shape, Shapes, value_of
from engine.inference.state import Entity, Link, Part
from engine.model.structs import Field


class Intake:
    """Applies inputs to the state and tells the settler what changed."""

    def __init__(self, rulebook: Rulebook, state: State, settler: Settler, activations: Activations) -> None:
        self.state = state
        self.settler = settler
        self.activations = activations
        self.circles = Circles(settler)
        self.freshness = Freshness(rulebook, settler, settler.absence.watermarks)
        self.use(rulebook)
        self._shapes = {type: Shapes(entity.fields) for type, entity in rulebook.model.entities.items()}

    def use(self, rulebook: Rulebook) -> None:
        """Take inputs in for a rulebook: the first, or one over the same model."""
        self.rulebook = rulebook

    def change(self, event: ChangeEvent, now: datetime) -> None:
        """Let a record speak for its entity, replacing what it said before."""
        type, record, fields = event.entity, event.record, event.fields
        kind = self.state.kinds[type]
        entity = kind.named(record) or kind.entity(event.id)
        if event.deleted:
            if entity is not None:
                self._forget(entity, record)
            return
        made = entity is None
        if entity is None:
            entity = self._create(kind, event.id)
        self._attach(kind, record, entity)
        for key in event.keys:
            self._attach(kind, key, entity)
        shape = self._shapes[type].of(tuple(fields))
        row = tuple([value_of(fields[name]) for name in shape.names])
        before = entity.told(Part(record, shape.names, row, event.version, event.valid_at, now))
        if len(entity.parts) == 1 and (before is None or before.names is shape.names):
            self._tell(entity, shape, row, made)
        else:
            self._write(entity, {*shape.names, *before.names} if before else shape.names)
        self.freshness.noted(entity)

    def heard(self, source: str, at: datetime) -> None:
        """Let a source's watermark confirm what it told, and what it did not tell."""
        known = self.settler.absence.watermarks
        known[source] = max(known.get(source, at), at)
        for entity, name in self.freshness.heard(source):
            self._write(entity, (name,))
            self.freshness.noted(entity)
        self.freshness.due(self.settler.env.now)
        for condition, entity in self.settler.absence.heard(source):
            self.settler.agenda.wake(condition, entity)

    def spoke(self, record: str, now: datetime) -> None:
        """Take a record of a source that never says how far it has told as its word up to now."""
        for condition, entity in self.settler.absence.spoke(record.split("/", 1)[0], now):
            self.settler.agenda.wake(condition, entity)

    def _create(self, kind: Kind, id: str) -> Entity:
        entity = kind.create(id)
        gone = self.state.gone.pop((kind.name, id), None) if self.state.gone else None
        if gone is not None:
            self.activations.move(gone, entity)
            self._look_again(entity)
        self._attach(kind, id, entity)
        self.settler.agenda.created(entity)
        return entity

    def _tell(self, entity: Entity, shape: Shape, row: tuple[Any, ...], made: bool) -> None:
        """Write what the only record of an entity says.

        Of one just made all is pending, and whatever looks at it from afar wakes as references come to lead to it.
        """
        values = entity.values
        for name, field, value in zip(shape.names, shape.references, row):  # noqa: B905  # a row has its shape's length
            if field is not None:
                self._refer(entity, name, field, value)
                continue
            if made:
                if value is not None:
                    values[name] = value
                continue
            old = values.get(name)
            if old is not value and (type(old) is not type(value) or old != value):
                values[name] = value
                self.settler.agenda.touch(entity, name)

    def _write(self, entity: Entity, names: Iterable[str]) -> None:
        references = self._shapes[entity.type].references
        values = entity.values
        told = entity.parts[0] if len(entity.parts) == 1 else First(entity, self.rulebook.precedence)
        for name in sorted(names):
            value = told.get(name)
            if name in references:
                self._refer(entity, name, references[name], value)
                continue
            old = values.get(name)
            if old is not value and (type(old) is not type(value) or old != value):
                values[name] = value
                self.settler.agenda.touch(entity, name)

    def _refer(self, entity: Entity, name: str, field: Field, key: object) -> None:
        assert field.ref is not None
        old = entity.values.get(name)
        new = None if key is None else self.state.kinds[field.ref].link(str(key))
        if old is new:
            return
        slot = (entity.type, name)
        if field.acyclic:
            self.circles.release(entity, name)
        if isinstance(old, Link):
            assert old.users is not None
            old.users[slot].pop(entity, None)
        if new is not None:
            if new.users is None:
                new.users = {}
            new.users.setdefault(slot, {})[entity] = None
        entity.values[name] = new
        self.settler.agenda.moved(
            slot, entity, old.entity if isinstance(old, Link) else None, new.entity if new else None
        )
        self._rejoined(slot, entity)
        if field.acyclic:
            self.circles.close(entity, name)

    def _attach(self, kind: Kind, key: str, entity: Entity | None) -> None:
        """Let a key lead to an entity, and everything that refers by it follow."""
        known = kind.keys.get(key)
        old = known.entity if isinstance(known, Link) else known
        if old is entity:
            return
        if isinstance(known, Link) and known.users is not None:
            self._redirect(kind, known, known.users, entity)
        else:
            kind.lead(key, known, entity)

    def _redirect(self, kind: Kind, link: Link, users: Mapping[Slot, Iterable[Entity]], entity: Entity | None) -> None:
        old = link.entity
        found = [(slot, user) for slot, referring in users.items() for user in referring]
        acyclic = [(user, slot[1]) for slot, user in found if slot in self.rulebook.acyclic]
        for user, name in acyclic:
            self.circles.release(user, name)
        kind.lead(link.key, link, entity)
        for slot, user in found:
            self.settler.agenda.moved(slot, user, old, entity)
            self._rejoined(slot, user)
        for user, name in acyclic:
            self.circles.close(user, name)

    def _rejoined(self, slot: Slot, entity: Entity) -> None:
        """Wake what reads a reference that leads elsewhere, and what rested for the account that it led to."""
        self.settler.agenda.touch(entity, slot[1])
        if self.rulebook.root_fields.get(slot[0]) == slot[1]:
            self.activations.stir(entity)

    def _forget(self, entity: Entity, record: str) -> None:
        part = entity.untold(record)
        if part is None:
            return
        if entity.parts:
            self._write(entity, part.names)
            self.freshness.noted(entity)
        else:
            self._remove(entity, part.names)

    def _remove(self, entity: Entity, fields: Iterable[str]) -> None:
        declared = self.rulebook.model.entities[entity.type].fields
        for name in fields:
            if declared[name].ref:
                self._refer(entity, name, declared[name], None)
        kind = self.state.kinds[entity.type]
        for name in entity.names:
            self._attach(kind, name, None)
        del kind.entities[entity.id]
        self.settler.removed(entity)
        if self.activations.of(entity):
            self.state.gone[entity.type, entity.id] = entity

    # --- identity ---------------------------------------------------------------------------------------------

    def merge(self, event: Merge) -> tuple[list[Step], list[Pair]]:
        """Let two entities be one; returns what must be withdrawn or reviewed."""
        kind = self.state.kinds[event.entity]
        kept, other = kind.entity(event.id), kind.entity(event.other)
        if kept is None or other is None or kept is other:
            return [], []
        self._move(other.parts, other, kept)
        for name in other.names:
            self._attach(kind, name, kept)
        found = unite(self.activations, other, kept)
        self._look_again(kept)
        self._remove(other, ())
        return found

    def split(self, event: Split) -> list[Pair]:
        """Let records leave an entity and form another; returns what must be reviewed."""
        kind = self.state.kinds[event.entity]
        entity = kind.entity(event.id)
        if entity is None:
            return []
        known = kind.entities.get(event.other)
        other = known or self._create(kind, event.other)
        if other is entity:
            return []
        parts = tuple(part for record in event.records if (part := entity.part(record)) is not None)
        for part in parts:
            self._attach(kind, part.record, other)
        self._move(parts, entity, other)
        pairs = divide(self.activations, entity, other) if known is None else []
        for each in (entity, other):
            if not each.parts:
                self._remove(each, ())
        return pairs

    def _look_again(self, entity: Entity) -> None:
        """Look at conditions of actions that the index may pass over: only a definite false ends them."""
        for act, _ in self.activations.of(entity):
            self.settler.agenda.wake(act.condition, entity)

    def _move(self, parts: tuple[Part, ...], source: Entity, target: Entity) -> None:
        names: set[str] = set()
        for part in parts:
            source.untold(part.record)
            target.told(part)
            names.update(part.names)
        for entity in (source, target):
            self._write(entity, names)
            self.freshness.noted(entity)
