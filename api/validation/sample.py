"""What is known of some entities drawn at random, each value with who says it and by which line of which mapping."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from api.layer.parts import Part
from engine.canonical import digest
from engine.inference.state import Entity, Link, Unknown
from engine.inference.words import say
from engine.ports import Entry
from engine.source.problem import Place


class Said(msgspec.Struct, frozen=True):
    """What one record says of a field, and where its mapping stands."""

    record: str
    value: str
    place: str
    link: str = ""


class Value(msgspec.Struct, frozen=True):
    """One field as it is known; `origin` where no record says it."""

    field: str
    value: str
    said: tuple[Said, ...] = ()
    origin: str = ""


class Item(msgspec.Struct, frozen=True):
    """One entity; `digest` stands for what was shown of it."""

    id: str
    label: str
    digest: str
    values: tuple[Value, ...]


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """So many of all entities of a type."""

    entity: str
    of: int
    seed: int
    at: datetime
    items: tuple[Item, ...]


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the owner says of one."""

    id: str
    digest: str
    right: bool
    note: str = ""


class Answers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the owner says of a sample."""

    entity: str
    of: int
    seed: int
    answers: tuple[Answer, ...]


class Validating(Part):
    """Draws samples, and records what is said of them."""

    def draw(self, type: str, count: int, seed: int) -> Sample:
        """Return a sample of a type that the model has; the same seed draws the same of the same entities."""
        entities = self.parts.pipeline.session.state.entities[type]
        chosen = random.Random(seed).sample(sorted(entities), min(count, len(entities)))  # noqa: S311  (no secret)
        items = tuple(self._item(entities[id]) for id in chosen)
        return Sample(entity=type, of=len(entities), seed=seed, at=self.parts.clock.now(), items=items)

    async def record(self, answers: Answers, by: str) -> Sequence[str]:
        """Journal what somebody said of a sample; returns the ids whose values have changed since they were shown."""
        entities = self.parts.pipeline.session.state.entities[answers.entity]
        moved = [
            each.id
            for each in answers.answers
            if each.id not in entities or self._item(entities[each.id]).digest != each.digest
        ]
        async with self.parts.pipeline.transaction() as tx:
            now = self.parts.pipeline.held.now()
            for each in answers.answers:
                body = {
                    "validated": f"{answers.entity}:{each.id}", "right": each.right, "note": each.note,
                    "digest": each.digest, "seed": answers.seed, "of": answers.of, "moved": each.id in moved,
                }  # fmt: skip
                subject = f"{answers.entity}:{each.id}"
                entry = Entry(kind="note", recorded_at=now, actor=by, subjects=(subject,), person=subject, body=body)
                await tx.append(entry)
        return moved

    def _item(self, entity: Entity) -> Item:
        values = tuple(self._values(entity))
        shown_of = digest([[each.field, each.value] for each in values if each.said])  # time alone changes the others
        label = self.parts.home.model.entities[entity.type].label
        shown = next((each.value for each in values if each.field == label), "")
        return Item(entity.id, shown or entity.id, shown_of, values)

    def _values(self, entity: Entity) -> Iterator[Value]:
        for name, field in self.parts.home.model.entities[entity.type].fields.items():
            value = entity.values.get(name)
            if value is None:
                continue
            said = tuple(
                Said(part.record, _words(part.get(name)), self._place(entity.type, name, part.record),
                     self.parts.live.link(part.record))
                for part in entity.parts if part.get(name) is not None
            )  # fmt: skip
            origin = "derived" if field.derived else "concluded by rules" if field.concluded else ""
            yield Value(name, _words(value), said, origin)

    def _place(self, type: str, name: str, record: str) -> str:
        source, stream, _ = record.split("/", 2)
        mapping = self.parts.home.mappings.get(source)
        for each in mapping.streams.get(stream, ()) if mapping else ():
            if each.entity == type and name in each.fields:
                given = each.fields[name].value or each.fields[name].key
                return str(given.place if given else Place(f"mappings/{source}.yaml"))
        return f"mappings/{source}.yaml"


def _words(value: object) -> str:
    if isinstance(value, Unknown):
        return f"({value.state}: {value.reason})"
    if isinstance(value, Link):
        return value.entity.ref if value.entity is not None else f"({value.key}, not known)"
    return value if isinstance(value, str) else say(value)
