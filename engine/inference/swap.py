"""Other rules for a session that stays: where few differ and stand by themselves, only these are looked at.

What follows is what reading the session's memory under the new rules would make of it (see `carry`); a test holds each
against the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC
from heapq import heapify
from typing import TYPE_CHECKING, TypeAlias

from engine.inference.activation import Step
from engine.inference.carry import STOOD, activation_memory, name_of, names_of
from engine.inference.conclude import conclusion, stand
from engine.inference.memory import ActivationMemory
from engine.inference.nodes import Act, Condition
from engine.inference.rulebook import Change, Rulebook
from engine.inference.select import Selector
from engine.inference.state import Entity
from engine.inference.truth import definite

if TYPE_CHECKING:
    from engine.inference.session import Session

_Replaced: TypeAlias = tuple[Condition, Condition | None]
"""A condition that went, and the one in its place."""


def swap(session: "Session", rulebook: Rulebook) -> list[Step] | None:
    """Let a session go on under a rulebook made from its own; None when too much differs for that."""
    change = rulebook.change
    if change is None or change.before() is not session.rulebook:
        return None
    before = session.rulebook
    session.settler.look_at(session.now)
    session.rulebook = rulebook
    session.settler.use(rulebook)
    session.activations.rulebook = rulebook
    session.intake.use(rulebook)
    session.decider.use()
    _let_go(session, before, change)
    for computed in change.computed:
        session.settler.agenda.begin(computed)
    _look_at(session, change.added)
    gone = tuple(act for act in before.acts if act.condition.index in change.gone)
    acts = names_of(rulebook.acts)
    _look_again(session, gone, acts)
    absence = session.settler.absence
    absence.seeding = True
    session.settler.settle()
    absence.seeding, absence.seeded = False, {}
    left = [each for act in gone for each in _carried(session, act, acts)]
    _forget(session, gone)
    pairs = session.activations.affected(session.settler.turned())
    new = [act for act in rulebook.acts if act.condition in change.added]
    steps = session.activations.review(
        (*pairs, *session.activations.unsettled(new)), session.now.astimezone(UTC), seeding=True
    )
    session.orphans = tuple(sorted((each for each in left if each.live), key=lambda each: (each.key, each.subject)))
    return steps


def _look_at(session: "Session", added: Iterable[Condition]) -> None:
    """Let new conditions be looked at once: by each subject, those in the index by the subjects that may meet them."""
    indexed, chosen = session.rulebook.routes.indexed, defaultdict[str, list[Condition]](list)
    for node in added:
        if node.index in indexed:
            chosen[node.type].append(node)
        else:
            for entity in session.state.entities[node.type].values():
                session.settler.agenda.wake(node, entity)
    for type, conditions in chosen.items():
        selector = Selector(type, 0, -1, conditions)
        for entity in session.state.entities[type].values():
            for found in selector.meeting(entity.values):
                for node in found:
                    session.settler.agenda.wake(node, entity)


def _look_again(session: "Session", gone: Iterable[Act], acts: Mapping[tuple[str, str, str], Act]) -> None:
    """Look at conditions that the index may pass over: what a merge has left true ends only by a definite false."""
    for old in gone:
        new = acts.get(old.names)
        for entity, activation in session.activations.by_act.get(old.index, {}).items() if new is not None else ():
            known = session.state.entities[entity.type].get(entity.id) is entity
            if new is not None and activation.true and known and entity.type == new.condition.type:
                session.settler.agenda.wake(new.condition, entity)


def _let_go(session: "Session", before: Rulebook, change: Change) -> None:
    """Forget what conditions stood for; one in its place begins as it stood, and goes on so should it be held."""
    known = {name_of(node, node.rule.was): node for node in change.added if node.rule.was}
    known |= {name_of(node, node.rule.id): node for node in change.added}
    left: dict[str, dict[int, _Replaced]] = defaultdict(dict)
    for index in sorted(change.gone):
        old = before.nodes[index]
        assert isinstance(old, Condition)
        new = known.get(name_of(old, old.rule.id))
        left[old.type][index] = (old, new if new is not None and new.type == old.type else None)
    for type, replaced in left.items():
        for entity in session.state.entities[type].values():
            if entity.wakes is not None:
                for index in replaced.keys() & entity.wakes.keys():
                    del entity.wakes[index]
            for index in [index for index in entity.truths if index in replaced]:
                _replace(session, entity, *replaced[index])
    _wait_on(session, {index: pair for replaced in left.values() for index, pair in replaced.items()})


def _replace(session: "Session", entity: Entity, old: Condition, new: Condition | None) -> None:
    agenda = session.settler.agenda
    stood = definite(entity.truths[old.index])
    concluded = {each.field: conclusion(old, each.field, entity) for each in old.concludes}
    entity.forget(old.index)
    for each in old.concludes:
        entity.withdraw(each.field, old.index)
        agenda.wake(each.meets, entity)
    if new is not None and stood:
        entity.note(new.index, STOOD)
        stand(new, entity, concluded)
        agenda.wake(new, entity)


def _wait_on(session: "Session", replaced: Mapping[int, _Replaced]) -> None:
    absence = session.settler.absence
    for condition, entity in [each for each in absence.waiting if each[0].index in replaced]:
        _, new = replaced[condition.index]
        since, seed = absence.waiting[condition, entity], (condition, entity) in absence.seeds
        absence.drop(condition, entity)
        if new is not None and new.index in absence.tellers:
            absence.wait((new, entity), since)
            if seed:
                absence.seeds[new, entity] = None


def _carried(session: "Session", old: Act, acts: Mapping[tuple[str, str, str], Act]) -> Iterable[ActivationMemory]:
    """Give what is remembered of an action to the one in its place; yields it where there is none."""
    activations = session.activations
    new = acts.get(old.names)
    for entity, activation in activations.by_act.pop(old.index, {}).items():
        if new is not None and _there(session, entity):
            activations.place(new, entity, activation)
        else:
            activations.known.pop(activation.proposal, None)
            activations.live.pop(activation.proposal, None)
            yield activation_memory(activation, old, entity)
    for (index, root), until in [*activations.cooling.items()]:
        if index == old.index:
            del activations.cooling[index, root]
            if new is not None:
                activations.cooling[new.index, root] = until


def _there(session: "Session", entity: Entity) -> bool:
    state = session.state
    return state.entities[entity.type].get(entity.id) is entity or state.gone.get((entity.type, entity.id)) is entity


def _forget(session: "Session", gone: Iterable[Act]) -> None:
    """Let nothing remind of actions that are no more."""
    activations, left = session.activations, {act.index for act in gone}
    activations.timers[:] = [each for each in activations.timers if each[2].index not in left]
    heapify(activations.timers)
    for entity, acts in [*activations.cooled.items()]:
        activations.cooled[entity] = {act: None for act in acts if act.index not in left}
