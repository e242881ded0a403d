"""Changed facts tried on one account, in a session of its own that is thrown away."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from api.insight.port import Trial, Tried, TriedFact
from api.layer.parts import Part
from api.outcomes import Refused
from api.reasons import Conjunct
from engine.events import ChangeEvent
from engine.feel import Money, Value
from engine.inference.carry import remember
from engine.inference.clock import HeldClock
from engine.inference.memory import SessionMemory
from engine.inference.nodes import Condition
from engine.inference.proof import Prover, plain
from engine.inference.session import Session
from engine.inference.state import Entity, Link, Unknown
from engine.inference.whynot import why_not
from engine.mapping.coerce import Misfit, coerce
from engine.model.structs import Field
from engine.model.types import ACTION
from engine.source.problem import Problem

_MEMBERS = 400
_SHOWN = 60
_TRUE = {"true": True, "false": False}


class Trying(Part):
    """The part of api.insight.port.Insight that tries things."""

    async def trial(
        self, ruleset: str, subject: str, changes: Mapping[str, str], at: datetime | None = None
    ) -> Trial | Refused:
        """See api.insight.port.Insight."""
        present = self.parts.pipeline.session
        entity = present.state.find(subject)
        if entity is None:
            return Refused((Problem("unknown-subject", f"nothing is called `{subject}`", hint="Name it as TYPE:ID."),))
        now = self.parts.clock.now().astimezone(UTC)
        memory = neighbourhood(present, entity)
        before = _session(present, memory, now)
        after = _session(present, memory, now)
        problems: list[str] = []
        decisions = []
        for event in self._events(before, changes, problems):
            decisions += after.apply(event)
        if at is not None and at > now:
            decisions += after.advance(at)
        was, now_is = before.state.find(entity.ref), after.state.find(entity.ref)
        assert was is not None
        assert now_is is not None
        rules = [
            _tried(before, was, after, now_is, each)
            for each in present.rulebook.nodes
            if isinstance(each, Condition) and each.ruleset.id == ruleset and each.type == entity.type
            if not each.action
        ]
        return Trial(
            subject=entity.ref,
            at=after.now,
            rules=tuple(rules),
            facts=tuple(_facts(before, was, after)),
            decisions=tuple(decisions),
            problems=tuple(problems),
        )

    def _events(self, session: Session, changes: Mapping[str, str], problems: list[str]) -> Iterator[ChangeEvent]:
        """Yield what the changes say, one event for each entity; what does not fit is told instead."""
        wanted: dict[str, dict[str, Value]] = {}
        for path, text in changes.items():
            ref, _, name = path.rpartition(".")
            entity = session.state.find(ref)
            field = session.rulebook.model.entities[entity.type].fields.get(name) if entity else None
            if entity is None or field is None or field.derived or field.concluded:
                problems.append(f"{path} cannot be changed")
                continue
            value = self._fitted(field, text, entity)
            if isinstance(value, Misfit):
                problems.append(f"{path} takes {value.expected}, not “{text}”")
            else:
                wanted.setdefault(entity.ref, {})[name] = value
        for ref, fields in wanted.items():
            entity = session.state.find(ref)
            assert entity is not None
            yield from _told(entity, fields)

    def _fitted(self, field: Field, text: str, entity: Entity) -> Any:  # noqa: ANN401  (a FEEL value)
        if field.ref or not text.strip():
            return text.strip() or None
        currency = entity.values.get(field.currency_field or "") or field.currency or self.parts.home.app.currency
        zone = self.parts.pipeline.session.rulebook.settings.zone
        given = _TRUE.get(text.strip().casefold(), text) if field.type == "boolean" else text
        return coerce(given, field, zone, currency if isinstance(currency, str) else None)


def neighbourhood(session: Session, entity: Entity) -> SessionMemory:
    """Return a memory of the entity's account alone: its members, and whatever they refer to."""
    root = session.state.find(session.activations.root(entity)) or entity
    kept: dict[str, Entity] = {}
    _gather(root, kept, depth=3)
    _gather(entity, kept, depth=3)
    whole = _Partial(session, tuple(kept.values()))
    return remember(whole)  # type: ignore[arg-type]  # reads what a part of a session has


class _Partial:
    """As much of a session as is remembered, with some of its entities."""

    def __init__(self, session: Session, entities: tuple[Entity, ...]) -> None:
        chosen = set(entities)
        self.rulebook = session.rulebook
        self.now = session.now
        self.state = entities
        self.activations = _Some(
            {
                index: {entity: activation for entity, activation in found.items() if entity in chosen}
                for index, found in session.activations.by_act.items()
            }
        )
        self.watermarks = session.watermarks
        self.settler = session.settler


class _Some:
    def __init__(self, by_act: dict[int, Any]) -> None:
        self.by_act = by_act
        self.cooling: dict[Any, Any] = {}


def _gather(entity: Entity, kept: dict[str, Entity], depth: int) -> None:
    if entity.ref in kept or depth < 0 or len(kept) > _MEMBERS:
        return
    kept[entity.ref] = entity
    for value in entity.values.values():
        if isinstance(value, Link) and value.entity is not None:
            _gather(value.entity, kept, depth=0 if depth else -1)
    for slot in entity.collections.values() if depth > 1 or entity.type != ACTION else ():
        for member in entity.members(slot):
            _gather(member, kept, depth - 1)


def _session(present: Session, memory: SessionMemory, now: datetime) -> Session:
    session, _ = Session.adopt(present.rulebook, HeldClock(now), memory)
    session.advance(now)
    return session


def _told(entity: Entity, fields: Mapping[str, Value]) -> Iterator[ChangeEvent]:
    """Yield what the entity's records would say; a field that none of them tells comes from the last."""
    parts = sorted(entity.parts, key=lambda each: each.record)
    for part in parts:
        own = {name: value for name, value in fields.items() if name in part.names}
        if part is parts[-1]:
            told = {name for each in parts for name in each.names}
            own |= {name: value for name, value in fields.items() if name not in told}
        if own:
            keys = entity.names
            yield ChangeEvent(
                entity=entity.type, id=entity.id, record=part.record, fields={**part.fields, **own}, keys=keys,
                version=part.version, valid_at=part.valid_at,
            )  # fmt: skip


def _tried(before: Session, was: Entity, after: Session, entity: Entity, condition: Condition) -> Tried:
    former, present = why_not(before, condition, was), why_not(after, condition, entity)
    conjuncts = tuple(
        Conjunct(
            text=part.text, truth=part.outcome, reason=part.reason, values=part.values, advice=part.advice,
            holds_from=part.holds_from,
        )
        for part in present.parts
    )  # fmt: skip
    return Tried(
        rule=condition.rule.id,
        before=former.outcome,
        after=present.outcome,
        conjuncts=conjuncts,
        proof=Prover(after.settler).condition(condition, entity),
    )


def _facts(before: Session, entity: Entity, after: Session) -> Iterator[TriedFact]:
    yield from _of(before, entity, after)
    shown = 0
    for name, slot in entity.collections.items():
        if name == "actions":
            continue
        for member in sorted(entity.members(slot), key=lambda each: each.id, reverse=True):
            if shown < _SHOWN:
                shown += 1
                yield from _of(before, member, after, given_only=True)


def _of(before: Session, entity: Entity, after: Session, *, given_only: bool = False) -> Iterator[TriedFact]:
    twin = after.state.find(entity.ref)
    for name, field in before.rulebook.model.entities[entity.type].fields.items():
        derived = bool(field.derived or field.concluded)
        if field.match or (given_only and derived):
            continue
        value = _value(before, entity, name)
        then = _value(after, twin, name) if twin is not None else None
        yield TriedFact(
            path=f"{entity.ref}.{name}", value=value, after=then, kind=field.type or ("text" if field.ref else "any"),
            text="" if derived else _text(value), changed=value != then, derived=derived,
        )  # fmt: skip


def _value(session: Session, entity: Entity, name: str) -> Any:  # noqa: ANN401  (a FEEL value)
    virtual = session.rulebook.virtual.get((entity.type, name))
    value = session.settler.compute(virtual, entity) if virtual is not None else entity.values.get(name)
    if isinstance(value, Link):
        return value.key
    return None if isinstance(value, Unknown) else plain(value)


def _text(value: Any) -> str:  # noqa: ANN401  (a FEEL value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Money):
        return f"{value.amount:f}"
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
