"""One batch: from what changed, through everything that depends on it, to the fixpoint."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from engine.feel import Env, Value
from engine.feel.errors import LimitExceeded
from engine.inference.absence import Absence
from engine.inference.agenda import Agenda
from engine.inference.back import owners
from engine.inference.conclude import conclusion, contributions, keepable, met
from engine.inference.entities import State
from engine.inference.joins import Joins, paired, removed, slots
from engine.inference.nodes import Aggregated, Compiled, Concluded, Condition, Derived, Matcher, Node, Rated, Slot
from engine.inference.rates import Rates
from engine.inference.rulebook import Rulebook
from engine.inference.select import Selector
from engine.inference.since import Since
from engine.inference.state import NO_TRUTHS, Entity, Unknown, Unresolved
from engine.inference.totals import ABSENT, EMPTY, Totals, contribution
from engine.inference.truth import FALSE, NULL, Held, Truth, definite
from engine.inference.wakes import Wakes
from engine.model.types import partner

Change = tuple[Condition, Entity]
_AWAITS: Final = 1
_ACTS: Final = 2
_TIMED: Final = 4
"""What a condition may need besides its truth: to wait for sources, to bear on actions, to be looked at in time."""


class Settler:
    """Keeps every computed field and condition true to its inputs; knows nothing of actions."""

    def __init__(self, rulebook: Rulebook, state: State, env: Env) -> None:
        self.state = state
        self.env = env
        self.agenda = Agenda(rulebook, state)
        self.totals: dict[int, dict[Entity, Totals]] = defaultdict(dict)
        self.wakes = Wakes()
        self.changed: dict[Change, Truth] = {}
        self.absence = Absence(rulebook.tellers, self.true_since)
        self._told = False
        self.joins = Joins()
        self.rates = Rates()
        self.use(rulebook)
        self.look_at(env.now)

    def use(self, rulebook: Rulebook) -> None:
        """Evaluate by a rulebook: the first, or one that shares the nodes of the one before."""
        self.rulebook = rulebook
        self.agenda.use(rulebook)
        self._nodes = rulebook.nodes
        self._literals = rulebook.literals
        self._converting = rulebook.network.converting
        self._timed = rulebook.routes.timed
        self._acts = rulebook.acts_of
        self.since = Since(rulebook, self.absence.released)
        if not self._told:
            self.absence.use(rulebook.tellers)
        self._mark()

    def _mark(self) -> None:
        """Mark the conditions of which more than their truth has to be noted, by index."""
        self._marks = bytearray(len(self.rulebook.nodes))
        for mark, found in ((_AWAITS, self.absence.tellers), (_ACTS, self._acts), (_TIMED, self._timed)):
            for index in found:
                self._marks[index] |= mark

    def removed(self, entity: Entity) -> None:
        """Forget what was computed for an entity; its conditions are false for good."""
        for index in tuple(entity.truths):
            condition = self.rulebook.nodes[index]
            if isinstance(condition, Condition):
                self.changed.setdefault((condition, entity), entity.truths[index])
                self.absence.drop(condition, entity)
        entity.truths = NO_TRUTHS
        entity.wakes = None
        for slot, other in removed(entity):
            self._pair(slot, entity, other, together=False)
        self.joins.forget(entity)
        for user, subject in self.rates.forget(entity) if self._converting else ():
            self.agenda.wake(user, subject)
        for totals in self.totals.values():
            totals.pop(entity, None)
        self.agenda.forget(entity)

    # --- to the fixpoint --------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Evaluate what is pending, lower ranks first, until nothing is."""
        nodes = self._nodes
        while (taken := self.agenda.take()) is not None:
            index, pending = taken
            node = nodes[index]
            if index in self._converting:
                for entity, fields in pending.items():
                    self._converted(node, entity, fields)
            else:
                for entity, fields in pending.items():
                    self._evaluate(node, entity, fields)

    def _evaluate(self, node: Node, entity: Entity, fields: Any) -> None:  # noqa: ANN401  (fields, items or None)
        match node:
            case Selector():
                self._selected(node, entity, fields)
            case Concluded():
                self._concluded(node, entity)
            case Condition():
                self._note(node, entity, self.truth(node, entity))
            case Derived():
                self._derived(node, entity)
            case Aggregated():
                self._aggregated(node, entity, fields)
            case Matcher():
                self._matched(node, entity)
            case Rated():
                self._rated(node, entity)

    def look_at(self, moment: datetime) -> None:
        """Evaluate as of a moment from here on."""
        self.env = Env(moment, self.rulebook.settings.zone, host=self.rates)

    def _rated(self, node: Rated, entity: Entity) -> None:
        for user, subject in self.rates.place(node, entity):
            self.agenda.wake(user, subject)

    def _converted(self, node: Node, entity: Entity, fields: object) -> None:
        """Evaluate what converts money, and remember which rates it asked for."""
        self.rates.begin()
        self._evaluate(node, entity, fields)
        self.rates.end(node, entity)

    def turned(self) -> dict[Change, Truth]:
        """Return and forget whose truth has changed, with what it was before."""
        changed, self.changed = self.changed, {}
        return changed

    def _concluded(self, node: Concluded, entity: Entity) -> None:
        given = contributions(self._literals, node, entity)
        if given:
            self.store(entity, node.field, met(node, entity, given, self._nodes))
        else:
            self.store(entity, node.field, self.compute(node.default, entity) if node.default else None)

    def _derived(self, node: Derived, entity: Entity) -> None:
        value = self.compute(node.compiled, entity)
        if node.index in self._timed:
            self._queue(node, entity, (node.compiled,))
        self.store(entity, node.field, value)

    def _aggregated(self, node: Aggregated, entity: Entity, items: dict[Entity, None]) -> None:
        totals = self.totals[node.index].get(entity)
        for item in items:
            value = contribution(node, item) if entity in owners(item, node.slot) else ABSENT
            if totals is not None:
                totals.update(item, value)
            elif value is not ABSENT:
                totals = self.totals[node.index][entity] = Totals(node, item, value)
        for function, field in node.outputs.items():
            self.store(entity, field, totals.result(function) if totals is not None else EMPTY.get(function))

    def _matched(self, node: Matcher, entity: Entity) -> None:
        """Find those who belong to an entity under its key, and let go of those who no longer do."""
        self.joins.place(node, entity)
        slot, _ = slots(node)
        found = self.joins.found(node, self.rulebook.matchers[partner(slot)], entity, self.env)
        before = dict(paired(entity, slot))
        for each in (*(one for one in before if one not in found), *(one for one in found if one not in before)):
            self._pair(slot, entity, each, together=each in found)

    def _pair(self, slot: Slot, entity: Entity, other: Entity, *, together: bool) -> None:
        """Put two entities together or apart, and tell the collections of both."""
        for way, owner, item in ((slot, entity, other), (partner(slot), other, entity)):
            members = paired(owner, way)
            if together:
                members[item] = None
            else:
                members.pop(item, None)
            self.agenda.moved(way, item, None if together else owner, owner if together else None)

    def wait_for_nobody(self) -> None:
        """Take all that is there as told, so that nothing missing waits for its source."""
        self._told = True
        self.absence.use({})
        self._mark()

    def _note(self, node: Condition, entity: Entity, after: Truth) -> None:
        marks = self._marks[node.index]
        if marks & _AWAITS:
            after = self.absence.judge(node, entity, after, self.env.now)
        before: Truth = entity.truths.get(node.index, FALSE)
        if after is not before:
            if after is FALSE:
                entity.forget(node.index)
            else:
                entity.note(node.index, after)
            if marks & _ACTS and after != before:
                self.changed.setdefault((node, entity), before)
        if node.concludes and (after is True or (after is FALSE and before is not FALSE)):
            self._conclude(node, entity, before, after is True)
        if marks & _TIMED:
            self._queue(node, entity, (node.when, *node.sets.values()) if after is True else (node.when,))

    def true_since(self, condition: Condition, entity: Entity) -> datetime | None:
        """Return the moment in UTC since which the clock has made a condition true, at the latest; None for no part."""
        return self.since.of(condition, entity, self.env)

    def truth(self, node: Condition, entity: Entity) -> Truth:
        """Evaluate a condition on a subject; what is not definite remembers its last definite truth."""
        value = self.compute(node.when, entity)
        if value is True or value is False:
            return value
        before: Truth = entity.truths.get(node.index, FALSE)
        if isinstance(value, Unknown):
            return Held(definite(before), value.state, value.reason)
        if value is None:
            return Held(definite(before), NULL.state, NULL.reason)
        return Held(definite(before), "faulty", "the condition gives no truth value")

    def _conclude(self, node: Condition, entity: Entity, before: Truth, holds: bool) -> None:
        for each in node.concludes:
            if each.compiled.literal is not None:  # it is concluded with the truth itself
                changed = entity.withdraw(each.field, node.index) or definite(before) is not holds
            elif holds:
                value = keepable(node, each, entity, self.compute(each.compiled, entity))
                changed = conclusion(node, each.field, entity) != value
                if changed:
                    entity.contribute(each.field, node.index, value)
            else:
                changed = entity.withdraw(each.field, node.index)
            if changed:
                self.agenda.wake(each.meets, entity)

    def _selected(self, node: Selector, entity: Entity, fields: set[str] | None) -> None:
        true, possible = node.candidates(entity, fields)
        for condition in true:
            self._note(condition, entity, True)
        for condition in possible:
            self._note(condition, entity, self.truth(condition, entity))

    # --- values -----------------------------------------------------------------------------------------------

    def compute(self, compiled: Compiled, entity: Entity) -> Value:
        """Run an expression on a subject; Unknown when it read something unresolved, or met a fault."""
        env = self.env
        try:
            value = compiled.program.run(entity, env)
        except Unresolved as wait:
            value = Unknown(wait.reason, wait.state)
        except LimitExceeded as stopped:
            value = Unknown(str(stopped), "faulty")
        if env.faults:
            if not isinstance(value, Unknown):
                value = Unknown(env.faults[0].message, "faulty")
            env.faults.clear()
        return value

    def store(self, entity: Entity, field: str, value: Value) -> None:
        """Write a computed field and wake its readers when it changed."""
        old = entity.values.get(field)
        if old is value or (type(old) is type(value) and old == value):
            return
        if isinstance(value, Entity):
            value = self.state.kinds[value.type].link(value.id)
        entity.values[field] = value
        self.agenda.touch(entity, field)

    def _queue(self, node: Node, entity: Entity, expressions: Iterable[Compiled]) -> None:
        timed = (each.flips for each in expressions if each.flips.atoms or each.flips.daily)
        moments = (flips.next(entity, self.env) for flips in timed)
        best = min((moment for moment in moments if moment is not None), default=None)
        self.wakes.put(node, entity, best)

    def wake_due(self, now: datetime) -> None:
        """Wake what has to look again by now."""
        for due in self.wakes.due(now):
            self.agenda.wake(*due)
