"""A session: the state of the world as told so far, and the decisions that follow from each input.

    session = Session(Rulebook.load("home"), clock)
    for decision in session.apply(event): ...
    for decision in session.advance(tomorrow): ...

Pure and deterministic: the clock is asked for the time of each input and nothing else is read from outside.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeAlias

import msgspec

from engine.events import ActionChange, ChangeEvent, Decision, Merge, Proof, Split, Watermark
from engine.feel import Env, Value
from engine.inference.activation import Pair, Step
from engine.inference.activations import Activations, truth_of
from engine.inference.carry import recall, remember
from engine.inference.deciding import Decider, orphaned
from engine.inference.entities import State
from engine.inference.identity import Doubtful, affected, asked
from engine.inference.intake import Intake
from engine.inference.life import begun, went_on
from engine.inference.memory import ActivationMemory, SessionMemory, decode, encode
from engine.inference.nodes import Condition
from engine.inference.proof import plain
from engine.inference.rulebook import Rulebook
from engine.inference.settle import Settler
from engine.inference.state import Entity, Unknown
from engine.inference.swap import swap
from engine.inference.truth import FALSE, Held, Truth
from engine.model.types import ACTION
from engine.ports import Clock

Input: TypeAlias = ChangeEvent | ActionChange | Watermark | Merge | Split


class Session:
    """One evaluator over one rulebook; not for two threads at once."""

    def __init__(self, rulebook: Rulebook, clock: Clock, *, complete: bool = False, proven: bool = True) -> None:
        """`complete`: all that is there is told, as in an example; nothing missing waits for its source.

        `proven`: decisions carry their proof; false where nobody reads it.
        """
        self.rulebook = rulebook
        self.clock = clock
        self.state = State(rulebook.collections)
        self._told = clock.now()
        self.now = self._now = self._local(self._told)
        self.settler = Settler(rulebook, self.state, Env(self.now, rulebook.settings.zone))
        self.activations = Activations(rulebook)
        self.intake = Intake(rulebook, self.state, self.settler, self.activations)
        self.decider = Decider(self.settler, self.activations, proven=proven)
        self.watermarks = self.settler.absence.watermarks
        if complete:
            self.settler.wait_for_nobody()
        self.orphans: tuple[ActivationMemory, ...] = ()

    # --- inputs -----------------------------------------------------------------------------------------------

    def apply(self, event: Input, *, first_load: bool = False) -> list[Decision]:
        """Take one input in and return the decisions it causes, after those that time alone has caused before it.

        `first_load`: the input belongs to a source's first full read, so what is true already is remembered and not
        proposed, unless its rule says `existing: propose`.
        """
        now = self._present()
        decisions = self.advance(now)
        self._look_at(now)
        pairs: list[Pair] = []
        steps: list[Step] = []
        doubtful: Doubtful = {}
        match event:
            case ChangeEvent():
                self.intake.change(event, now)
                if not first_load:
                    self.intake.spoke(event.record, now)
            case ActionChange():
                event = msgspec.structs.replace(event, at=self._local(event.at))
                pairs = [pair for each in alone(event) for pair in self._action_changed(each, now)]
            case Watermark():
                self.intake.heard(event.source, event.at.astimezone(UTC))
            case Merge():
                steps, pairs = self.intake.merge(event)
            case Split():
                doubtful = affected(self.activations, self.state, event)
                pairs = self.intake.split(event)
        decisions += self._batch(now, pairs, steps, seeding=first_load)
        if doubtful:
            decisions += self.decider.decide(asked(self.activations, doubtful, event), now)
        return decisions

    def advance(self, to: datetime) -> list[Decision]:
        """Let time pass: every flip happens at its own moment, in order."""
        decisions: list[Decision] = []
        while (due := self.next_moment()) is not None and due <= to.astimezone(UTC):
            moment = self._local(max(due, self.now))
            self._look_at(moment)
            self.settler.wake_due(moment)
            self.intake.freshness.due(moment)
            self.settler.absence.by_time = True
            decisions += self._batch(moment, self.activations.due(moment), seeding=False)
            self.settler.absence.by_time = False
        if to is not self.now and to.astimezone(UTC) > self.now:
            self.now = self._local(to)
            self._look_at(self.now)
        return decisions

    def look(self, at: datetime) -> None:
        """Answer questions as of a moment, without letting time have its consequences."""
        self._look_at(self._local(max(at.astimezone(UTC), self.now)))

    def _present(self) -> datetime:
        """Return the clock's moment, or the session's where that is later; mostly neither has moved."""
        told = self.clock.now()
        if told is not self._told or self._now is not self.now:
            self._told, self._now = told, self._local(max(self.now, told.astimezone(UTC)))
        return self._now

    def _look_at(self, moment: datetime) -> None:
        if self.settler.env.now is not moment:
            self.settler.look_at(moment)

    def _local(self, moment: datetime) -> datetime:
        """Return a moment as the company's clocks show it, wherever it was read: rules may ask for its day.

        Two such moments must not be compared: Python goes by the clock's face, which shows an hour twice in autumn.
        """
        return moment.astimezone(self.rulebook.settings.zone)

    def next_moment(self) -> datetime | None:
        """Return when time alone may next change anything, in UTC; None for never."""
        first = self.settler.wakes.next()
        for moment in (self.activations.next_review(), self.intake.freshness.next()):
            if moment is not None and (first is None or moment < first):
                first = moment
        return first

    # --- a batch ----------------------------------------------------------------------------------------------

    def _batch(
        self, now: datetime, pairs: Iterable[Pair], first: Iterable[Step] = (), *, seeding: bool
    ) -> list[Decision]:
        """Settle, decide, and let the rules see the decisions' own life in batches that follow."""
        self.now = now
        decisions: list[Decision] = []
        fresh: set[Pair] = set()
        absence = self.settler.absence
        absence.seeding = seeding
        absence.released.clear()
        while True:
            self.settler.settle()
            affected = self.activations.affected(self.settler.turned())
            steps = (*first,)
            if affected or pairs:
                utc = now.astimezone(UTC)
                seeded, absence.seeded = absence.seeded, {}
                steps += (*self.activations.review((*pairs, *affected), utc, fresh, seeded, seeding=seeding),)
            if not steps:
                return decisions
            first = ()
            fresh |= {(step.act, step.entity) for step in steps if step.kind == "propose"}
            made = self.decider.decide(steps, now)
            decisions += made
            pairs = ()
            self._remember(steps, made, now)

    # --- the life of actions ----------------------------------------------------------------------------------

    def _action_changed(self, change: ActionChange, now: datetime) -> list[Pair]:
        pair = self.activations.changed(change, now.astimezone(UTC))
        known = self.state.entity(ACTION, change.proposal)
        if known is not None and known.values.get("state") != change.state:
            self.intake.change(went_on(known, change), now)
        return [pair] if pair else []

    def _remember(self, steps: Iterable[Step], decisions: Iterable[Decision], now: datetime) -> None:
        """Let the rules see what became of each step, in the batch that follows."""
        for step, decision in zip(steps, decisions, strict=True):
            if decision.kind == "propose":
                account = self.activations.account(step.entity)
                self.intake.change(begun(step.act, step.entity, account, decision.proposal, now), now)
            else:
                self._ended(decision, now)

    def _ended(self, decision: Decision, now: datetime) -> None:
        if (known := self.state.entity(ACTION, decision.proposal)) is not None:
            self.intake.change(went_on(known, ActionChange(decision.proposal, decision.ended, now)), now)

    # --- writing down and reading back ------------------------------------------------------------------------

    def snapshot(self) -> bytes:
        """Return the session as bytes, the same for the same history."""
        return encode(remember(self))

    @classmethod
    def restore(cls, rulebook: Rulebook, clock: Clock, content: bytes) -> "Session":
        """Return the session that a snapshot holds; under the same rules it goes on as if it had never stopped."""
        session, _ = cls.adopt(rulebook, clock, decode(content))
        return session

    @classmethod
    def adopt(cls, rulebook: Rulebook, clock: Clock, memory: SessionMemory) -> "tuple[Session, list[Decision]]":
        """Go on under other rules: returns the session and the decisions that the change itself causes.

        What was true and still is does not fire; what is newly true follows its rule's `existing`; a live proposal
        whose rule or reason is gone is withdrawn.
        """
        session = cls(rulebook, clock)
        return session, session._turned(recall(session, memory))

    def turn(self, rulebook: Rulebook) -> "tuple[Session, list[Decision]]":
        """Go on under other rules, in this session where they differ little from its own; the same decisions follow."""
        steps = swap(self, rulebook)
        if steps is None:
            return Session.adopt(rulebook, self.clock, remember(self))
        return self, self._turned(steps)

    def _turned(self, steps: list[Step]) -> list[Decision]:
        """Return what other rules make of what stood, and what follows from that."""
        made = self.decider.decide(steps, self.now)
        ended = [orphaned(each, self.now, self.rulebook.settings.revision) for each in self.orphans]
        self._remember(steps, made, self.now)
        for each in ended:
            self._ended(each, self.now)
        return [*made, *ended, *self._batch(self.now, (), seeding=False)]

    # --- asking -----------------------------------------------------------------------------------------------

    def explain(self, decision: Decision) -> Proof:
        """Return the decision's proof: what it rested on at the time."""
        return decision.proof

    def entity(self, ref: str) -> Entity | None:
        """Return the entity named `type:id`; any of its keys will do for the id."""
        return self.state.find(ref)

    def truth(self, condition: Condition, entity: Entity) -> Truth:
        """Return how a condition stands for a subject.

        One that the index of rules has passed over is not noted: not true for certain, yet perhaps it reads something
        unresolved, and then that is what it is.
        """
        noted = truth_of(condition, entity)
        if noted is not FALSE or condition.index not in self.rulebook.routes.indexed:
            return noted
        found = self.settler.truth(condition, entity)
        return found if isinstance(found, Held) else FALSE

    def value(self, subject: Entity | str, text: str) -> Value:
        """Evaluate an expression on a subject at present; None when it is null or has no value (`doubt` tells which).

        Raises ConfigError when the expression has faults, LookupError when the subject is unknown.
        """
        value = self._evaluate(subject, text)
        return None if isinstance(value, Unknown) else plain(value)

    def doubt(self, subject: Entity | str, text: str) -> str | None:
        """Return why an expression has no value at present: what is missing, stale, contradicted or faulty.

        None when it has one, null included. Raises as `value` does.
        """
        value = self._evaluate(subject, text)
        return value.reason if isinstance(value, Unknown) else None

    def _evaluate(self, subject: Entity | str, text: str) -> Value:
        entity = self.state.find(subject) if isinstance(subject, str) else subject
        if entity is None:
            raise LookupError(f"{subject} is not known")
        return self.settler.compute(self.rulebook.adhoc(entity.type, text), entity)


def alone(change: ActionChange) -> Iterable[ActionChange]:
    """Return what became of each decision that an action carries out."""
    if not change.joined:
        return (change,)
    return [msgspec.structs.replace(change, proposal=each, joined=()) for each in change.joined]
