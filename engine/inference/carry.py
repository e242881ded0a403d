"""Writing a session down and reading it back, also under changed rules: what had fired never fires again for that."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Final, TypeAlias

from engine.events import ChangeEvent
from engine.inference.activation import Activation, Step
from engine.inference.conclude import NOTHING, conclusion, stand
from engine.inference.memory import (
    ActivationMemory,
    AwaitMemory,
    EntityMemory,
    HoldMemory,
    PartMemory,
    SessionMemory,
    pack,
    unpack,
)
from engine.inference.nodes import Act, Condition
from engine.inference.state import Entity
from engine.inference.truth import Held, definite

if TYPE_CHECKING:
    from engine.inference.session import Session

_Named: TypeAlias = tuple[str, str, str]
"""Ruleset, rule and action."""

STOOD: Final = Held(was=True, state="unresolved", reason="not looked at since the session was read back")


def remember(session: "Session") -> SessionMemory:
    """Return all that a session was told and has decided, in an order that depends on nothing else."""
    acts = session.rulebook.act
    return SessionMemory(
        now=session.now,
        entities=tuple(sorted(map(_entity, session.state), key=lambda each: (each.type, each.id))),
        activations=tuple(
            sorted(
                (
                    activation_memory(activation, acts[index], entity)
                    for index, activations in session.activations.by_act.items()
                    for entity, activation in activations.items()
                ),
                key=lambda each: (each.key, each.subject),
            )
        ),
        holds=tuple(sorted(_holds(session), key=lambda each: (each.rule, each.subject))),
        cooling={
            f"{acts[index].condition.name}/{acts[index].spec.id}|{root}": until
            for (index, root), until in sorted(session.activations.cooling.items())
        },
        watermarks=dict(sorted(session.watermarks.items())),
        last_words={source: at.astimezone(UTC) for source, at in sorted(session.settler.absence.last_words.items())},
        awaiting=tuple(sorted(_awaiting(session), key=lambda each: (each.rule, each.subject))),
    )


def _entity(entity: Entity) -> EntityMemory:
    parts = tuple(
        PartMemory(
            part.record, pack(dict(sorted(part.fields.items()))), part.version, pack(part.valid_at), part.recorded_at
        )
        for part in sorted(entity.parts, key=lambda each: each.record)
    )
    return EntityMemory(entity.type, entity.id, tuple(sorted(entity.names)), parts)


def activation_memory(activation: Activation, act: Act, entity: Entity) -> ActivationMemory:
    """Return what is remembered of one action and subject."""
    return ActivationMemory(
        activation.key, act.condition.rule.id, entity.ref, activation.episode, activation.proposal, activation.live,
        activation.fired, activation.true, activation.ended, activation.false_since, activation.proposed_at,
        activation.until, activation.sent_at,
    )  # fmt: skip


def _holds(session: "Session") -> Iterator[HoldMemory]:
    for entity in session.state:
        for index, truth in entity.truths.items():
            node = session.rulebook.nodes[index]
            if isinstance(node, Condition) and definite(truth):
                given = ((field, conclusion(node, field, entity)) for field in sorted(node.sets))
                kept = {field: pack(value) for field, value in given if value is not NOTHING}
                yield HoldMemory(name_of(node, node.rule.id), entity.ref, kept)


def _awaiting(session: "Session") -> Iterator[AwaitMemory]:
    absence = session.settler.absence
    for (condition, entity), since in absence.waiting.items():
        yield AwaitMemory(
            name_of(condition, condition.rule.id), entity.ref, since, (condition, entity) in absence.seeds
        )


def name_of(condition: Condition, rule: str) -> str:
    """Return the name that a condition has in a memory, its rule being called so."""
    return "/".join((condition.ruleset.id, rule, *filter(None, (condition.action,))))


def recall(session: "Session", memory: SessionMemory) -> list[Step]:
    """Fill a fresh session; returns what the rules, if they are others, make of it: withdrawals and proposals."""
    zone = session.rulebook.settings.zone
    session.now = memory.now.astimezone(zone)
    session.settler.look_at(memory.now)
    session.watermarks.update(memory.watermarks)
    session.settler.absence.last_words.update(memory.last_words)
    for entity in memory.entities:
        if entity.type in session.rulebook.model.entities:
            _tell(session, entity)
    _hold(session, memory)
    acts = names_of(session.rulebook.acts)
    _look_again(session, acts, memory)
    for source in memory.watermarks:
        session.intake.freshness.heard(source)
    session.intake.freshness.due(session.now)
    absence = session.settler.absence
    absence.seeding = True
    session.settler.settle()
    absence.seeding, absence.seeded = False, {}
    changed = session.settler.turned()
    gone = [each for each in memory.activations if not _activate(session, acts, each)]
    _cool(session, acts, memory)
    pairs = session.activations.affected(changed)
    steps = session.activations.review(
        (*pairs, *session.activations.unsettled(session.rulebook.acts)), session.now.astimezone(UTC), seeding=True
    )
    session.orphans = tuple(each for each in gone if each.live)
    return steps


def _tell(session: "Session", entity: EntityMemory) -> None:
    for part in entity.parts:
        event = ChangeEvent(
            entity=entity.type, id=entity.id, record=part.record, fields=unpack(part.fields), keys=entity.keys,
            version=part.version, valid_at=unpack(part.valid_at),
        )  # fmt: skip
        session.intake.change(event, (part.recorded_at or session.now).astimezone(session.now.tzinfo))


def _hold(session: "Session", memory: SessionMemory) -> None:
    """Let conditions begin as they stood, with what they concluded: should one be held, that goes on."""
    conditions = dict(_conditions(session))
    for each in memory.awaiting:
        condition, entity = conditions.get(each.rule), session.state.find(each.subject)
        if condition is not None and entity is not None and condition.index in session.rulebook.tellers:
            session.settler.absence.wait((condition, entity), each.since)
            if each.seed:
                session.settler.absence.seeds[condition, entity] = None
    for hold in memory.holds:
        condition, entity = conditions.get(hold.rule), session.state.find(hold.subject)
        if condition is None or entity is None:
            continue
        entity.note(condition.index, STOOD)
        stand(condition, entity, {field: unpack(value) for field, value in hold.conclusions.items()})
        for concluded in condition.concludes:
            session.settler.agenda.wake(concluded.meets, entity)


def _look_again(session: "Session", acts: Mapping[_Named, Act], memory: SessionMemory) -> None:
    """Look at conditions that the index may pass over: what a merge has left true ends only by a definite false."""
    for kept in memory.activations:
        act = acts.get((kept.key.ruleset, kept.rule, kept.key.action)) if kept.true else None
        type, _, id = kept.subject.partition(":")
        entity = session.state.entities[type].get(id) if act is not None and type in session.state.entities else None
        if act is not None and entity is not None and type == act.condition.type:
            session.settler.agenda.wake(act.condition, entity)


def _conditions(session: "Session") -> Iterator[tuple[str, Condition]]:
    """Yield the conditions by the names that a memory may know them by, former ones first."""
    nodes = [node for node in session.rulebook.nodes if isinstance(node, Condition)]
    for node in nodes:
        if node.rule.was:
            yield name_of(node, node.rule.was), node
    for node in nodes:
        yield name_of(node, node.rule.id), node


def _activate(session: "Session", acts: Mapping[_Named, Act], kept: ActivationMemory) -> bool:
    """Carry one activation over by its key; False when no rule answers to it any more."""
    act = acts.get((kept.key.ruleset, kept.rule, kept.key.action))
    type, _, id = kept.subject.partition(":")
    if act is None or type not in session.state.entities:
        return False
    entity = session.state.entities[type].get(id)
    if entity is None:
        entity = session.state.gone.setdefault((type, id), Entity(type, id, session.state.kinds[type].collections))
    activation = Activation(kept.key, kept.episode)
    activation.proposal, activation.ended = kept.proposal, kept.ended
    activation.live, activation.fired, activation.true = kept.live, kept.fired, kept.true
    activation.false_since, activation.proposed_at = kept.false_since, kept.proposed_at
    activation.until, activation.sent_at = kept.until, kept.sent_at
    session.activations.place(act, entity, activation)
    return True


def names_of(acts: Iterable[Act]) -> Mapping[_Named, Act]:
    """Return the actions by all names that a memory may know them by: a rule's own name before another's former one."""
    acts = tuple(acts)
    former = {(act.condition.ruleset.id, act.condition.rule.was or "", act.spec.id): act for act in acts}
    return {**former, **{act.names: act for act in acts}}


def _cool(session: "Session", acts: Mapping[_Named, Act], memory: SessionMemory) -> None:
    for name, until in memory.cooling.items():
        known, _, root = name.partition("|")
        ruleset, rule, action = known.split("/")
        act = acts.get((ruleset, rule, action))
        if act is not None:
            session.activations.cooling[act.index, root] = until
