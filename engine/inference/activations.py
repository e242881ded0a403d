"""The life of proposals: made once when a condition becomes true, withdrawn when its reason goes, armed again later."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from datetime import UTC, datetime
from heapq import heappop, heappush

from engine.events import ActionChange, ActionKey
from engine.inference.activation import ENDED, RETRIED, Activation, Pair, Step, digest
from engine.inference.durations import after
from engine.inference.nodes import Act, Condition
from engine.inference.rulebook import Rulebook
from engine.inference.settle import Change
from engine.inference.state import Entity, Link
from engine.inference.truth import FALSE, Truth, definite

_REARM_OUTSIDE = "P1D"


class Activations:
    """All activations of a session, and the moments at which one must be reviewed."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.by_act: dict[int, dict[Entity, Activation]] = defaultdict(dict)
        self.live: dict[str, tuple[Act, Entity]] = {}
        self.known: dict[str, tuple[Act, Entity]] = {}
        self.cooling: dict[tuple[int, str], datetime] = {}
        self.timers: list[tuple[datetime, int, Act, Entity]] = []
        self._order = 0
        self.cooled: dict[Entity, dict[Act, None]] = {}
        self._stirred: dict[Pair, None] = {}

    def key(self, act: Act, entity: Entity) -> ActionKey:
        """Name what an action is about."""
        ruleset, rule, action = act.names
        return ActionKey(ruleset, rule, action, entity.ref)

    # --- time -------------------------------------------------------------------------------------------------

    def next_review(self) -> datetime | None:
        """Return the next moment at which an activation must be reviewed."""
        return self.timers[0][0] if self.timers else None

    def due(self, now: datetime) -> list[tuple[Act, Entity]]:
        """Return and forget what must be reviewed by now."""
        found = []
        while self.timers and self.timers[0][0] <= now:
            _, _, act, entity = heappop(self.timers)
            found.append((act, entity))
        return found

    def remind(self, moment: datetime, act: Act, entity: Entity) -> None:
        """Review an activation at a moment."""
        self._order += 1
        heappush(self.timers, (moment.astimezone(UTC), self._order, act, entity))

    # --- review -----------------------------------------------------------------------------------------------

    def affected(self, changed: Mapping[Change, Truth]) -> dict[tuple[Act, Entity], None]:
        """Return the activations that changed conditions bear on."""
        if not changed and not self._stirred:
            return {}
        found, self._stirred = self._stirred, {}
        for condition, entity in changed:
            for act in self.rulebook.acts_of.get(condition.index, ()):
                found[act, entity] = None
        return found

    def review(
        self, pairs: Iterable[Pair], now: datetime, fresh: Container[Pair] = (), seeded: Container[Change] = (),
        *, seeding: bool,
    ) -> list[Step]:  # fmt: skip
        """Decide for each activation, withdrawals first, in an order that depends on nothing but the keys.

        `fresh` were proposed in this very batch: one whose own proposal makes it false is not armed again by that.
        `seeded` are conditions that were true at a first load already, as is known only now.
        """
        ordered = list(dict.fromkeys(pairs))
        if len(ordered) > 1:
            ordered.sort(key=_place)
        steps = [step for act, entity in ordered if (step := self._end(act, entity, now, fresh)) is not None]
        for act, entity in ordered:
            first = seeding or (act.condition, entity) in seeded
            if (step := self._begin(act, entity, now, first)) is not None:
                steps.append(step)
        return steps

    def _end(self, act: Act, entity: Entity, now: datetime, fresh: Container[Pair]) -> Step | None:
        activation = self.by_act[act.index].get(entity)
        if activation is None:
            return None
        truth = truth_of(act.condition, entity)
        if truth is FALSE and activation.true:
            activation.true, activation.false_since = False, None if (act, entity) in fresh else now
            if activation.ended == "withdrawn" and not activation.live:
                self.remind(self._after(now, self.rearm(act)), act, entity)
        if not activation.live:
            return None
        if truth_of(act.life, entity) is FALSE:
            return self._stop(Step("withdraw", act, entity, activation, by=act.life), now)
        blocker = next((other for other in act.stronger if definite(truth_of(other, entity))), None)
        if blocker is not None:
            activation.false_since = now
            return self._stop(Step("withdraw", act, entity, activation, f"replaced by {blocker.name}", blocker), now)
        if activation.until is not None and now >= activation.until:
            return self._stop(
                Step("expire", act, entity, activation, f"it was valid for {act.spec.valid_for} only"), now
            )
        return None

    def _stop(self, step: Step, now: datetime) -> Step:
        activation = step.activation
        activation.live = False
        activation.ended = "withdrawn" if step.kind == "withdraw" else "expired"
        self.live.pop(activation.proposal, None)
        if activation.ended == "withdrawn":
            self.remind(self._after(now, self.rearm(step.act)), step.act, step.entity)
        return step

    def _begin(self, act: Act, entity: Entity, now: datetime, seeding: bool) -> Step | None:
        if truth_of(act.condition, entity) is not True:
            return None
        activation = self.by_act[act.index].get(entity)
        new = activation is None
        if activation is None:
            activation = self.by_act[act.index][entity] = Activation(self.key(act, entity))
        if not activation.true:
            self._rearm(act, activation, now)
            if seeding and not activation.fired and act.condition.rule.existing == "seed":
                activation.fired, activation.ended = True, "seeded"
        elif activation.fired and activation.ended == "withdrawn":
            self._revive(act, activation, now)
        activation.true = True
        if activation.live or not self._may_fire(act, entity, activation, now):
            return None
        if not new:
            activation.key = self.key(act, entity)
        return self._fire(act, entity, activation, now)

    def _rearm(self, act: Act, activation: Activation, now: datetime) -> None:
        """Arm again when the condition, which has become true, was false for long enough."""
        if activation.fired and activation.false_since is not None and not activation.live:
            long_enough = now >= self._after(activation.false_since, self.rearm(act))
            if long_enough:
                activation.fired = False
            elif activation.ended != "withdrawn":
                activation.false_since = None

    def _revive(self, act: Act, activation: Activation, now: datetime) -> None:
        """Nothing left the company: what is true again after a short doubt is proposed once the pause is over."""
        if activation.false_since is not None and now >= self._after(activation.false_since, self.rearm(act)):
            activation.fired = False

    def _may_fire(self, act: Act, entity: Entity, activation: Activation, now: datetime) -> bool:
        if activation.fired and not self._repeats(act, activation, now):
            return False
        if truth_of(act.life, entity) is not True:
            return False
        if any(definite(truth_of(other, entity)) for other in act.stronger):
            return False
        until = self.cooling.get((act.index, self.root(entity))) if self.cooling else None
        if until is not None and now < until:
            self.remind(until, act, entity)
            self.cooled.setdefault(entity, {})[act] = None
            return False
        return True

    def stir(self, entity: Entity) -> None:
        """Review what rests for the account that a subject no longer belongs to."""
        for act in self.cooled.pop(entity, ()):
            self._stirred[act, entity] = None

    def _repeats(self, act: Act, activation: Activation, now: datetime) -> bool:
        repeat, sent = act.spec.repeat, activation.sent_at
        return (
            bool(repeat) and sent is not None and activation.ended == "sent" and now >= self._after(sent, repeat or "")
        )

    def _fire(self, act: Act, entity: Entity, activation: Activation, now: datetime) -> Step:
        activation.episode += 1
        activation.proposal = digest(activation.key, activation.episode, "propose")
        activation.live = activation.fired = True
        activation.proposed_at, activation.ended, activation.false_since = now, "", None
        activation.until = self._after(now, act.spec.valid_for) if act.spec.valid_for else None
        self.live[activation.proposal] = self.known[activation.proposal] = (act, entity)
        if activation.until is not None:
            self.remind(activation.until, act, entity)
        self._cool(act, entity, now)
        return Step("propose", act, entity, activation)

    def _cool(self, act: Act, entity: Entity, since: datetime) -> None:
        """Let the action rest for this customer: from proposing, so that no two wait together, and from sending."""
        if act.spec.cooldown:
            key = (act.index, self.root(entity))
            until = self._after(since, act.spec.cooldown)
            self.cooling[key] = max(self.cooling.get(key, until), until)

    # --- what became of it ------------------------------------------------------------------------------------

    def changed(self, change: ActionChange, now: datetime) -> tuple[Act, Entity] | None:
        """Take in what became of a proposal; returns whose. What was sent was sent, also if withdrawn meanwhile."""
        found = self.known.get(change.proposal)
        if found is None:
            return None
        act, entity = found
        activation = self.by_act[act.index].get(entity)
        if activation is None or activation.proposal != change.proposal:
            return None
        if change.state not in ENDED:
            if change.state in RETRIED and activation.ended == "failed":
                self._resume(act, entity, activation)
            return found
        activation.live, activation.ended = False, change.state
        self.live.pop(change.proposal, None)
        if change.state == "sent":
            activation.sent_at = change.at.astimezone(UTC)
            self._cool(act, entity, change.at)
            if act.spec.repeat:
                self.remind(max(now, self._after(change.at, act.spec.repeat)), act, entity)
        return found

    def _resume(self, act: Act, entity: Entity, activation: Activation) -> None:
        activation.live, activation.ended = True, ""
        self.live[activation.proposal] = (act, entity)
        if activation.until is not None:
            self.remind(activation.until, act, entity)

    # --- where activations stand --------------------------------------------------------------------------------

    def place(self, act: Act, entity: Entity, activation: Activation) -> None:
        """Let an activation stand for a subject, with all that reminds of it."""
        self.by_act[act.index][entity] = activation
        if activation.proposal:
            self.known[activation.proposal] = (act, entity)
        if activation.live:
            self.live[activation.proposal] = (act, entity)
            if activation.until is not None:
                self.remind(activation.until, act, entity)
        if activation.sent_at is not None and act.spec.repeat:
            self.remind(self._after(activation.sent_at, act.spec.repeat), act, entity)
        if activation.false_since is not None and activation.ended == "withdrawn":
            self.remind(self._after(activation.false_since, self.rearm(act)), act, entity)

    def of(self, entity: Entity) -> list[tuple[Act, Activation]]:
        """Return what is remembered of a subject."""
        return [
            (self.rulebook.act[index], activations[entity])
            for index, activations in self.by_act.items()
            if entity in activations
        ]

    def unsettled(self, acts: Iterable[Act]) -> list[Pair]:
        """Return what is live of some actions, and what was true when last reviewed and is false."""
        return [
            (act, entity)
            for act in acts
            for entity, activation in self.by_act.get(act.index, {}).items()
            if activation.live or (activation.true and truth_of(act.condition, entity) is FALSE)
        ]

    def take(self, entity: Entity) -> list[tuple[Act, Activation]]:
        """Return and forget what is remembered of a subject."""
        found = self.of(entity)
        for act, _ in found:
            del self.by_act[act.index][entity]
        return found

    def move(self, old: Entity, new: Entity) -> None:
        """Give a subject that has come back what is remembered of it."""
        for act, activation in self.take(old):
            self.place(act, new, activation)

    def rearm(self, act: Act) -> str:
        """Return how long the condition must be false before the action may be proposed again."""
        if act.spec.rearm is not None:
            return act.spec.rearm
        return _REARM_OUTSIDE if self.rulebook.leaves_company(act.spec.operation) else "PT0S"

    def _after(self, moment: datetime, span: str) -> datetime:
        """Return the moment, in UTC, that lies a duration later in the company's calendar."""
        return after(moment.astimezone(self.rulebook.settings.zone), span).astimezone(UTC)

    def account(self, entity: Entity) -> Entity:
        """Return the account that an entity belongs to, itself when it has none."""
        field = self.rulebook.root_fields.get(entity.type)
        link = entity.values.get(field) if field else None
        return link.entity if isinstance(link, Link) and link.entity is not None else entity

    def root(self, entity: Entity) -> str:
        """Return the name of the account that an entity belongs to."""
        return self.account(entity).ref


def _place(pair: Pair) -> tuple[tuple[str, str, str], str, int]:
    """Order by what an action is about."""
    act, entity = pair
    return act.names, entity.ref, act.index


def truth_of(condition: Condition, entity: Entity) -> Truth:
    """Return a condition's truth for a subject; what is not noted is false."""
    return entity.truths.get(condition.index, FALSE)  # type: ignore[no-any-return]  # truths hold Truth
