"""From a decision of the engine to an action in the inbox or in the outbox, and back when its reason goes."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from approvals import standing
from approvals.autonomy.stages import stage_of
from approvals.autonomy.standing import Alone
from approvals.context import Context
from approvals.dispatch.outcome import maybe_sent, past_taking_back
from approvals.drafting.findings import doubts_of
from approvals.grouping import members
from approvals.groups import Groups, carrier
from approvals.life import OPEN, noted, step
from approvals.payload import build, sealed
from approvals.plain import NotPlain, plain
from approvals.policy import halted, needs_person
from approvals.reading.questions import is_question
from approvals.reading.resting import doubts as resting
from approvals.structs import Policy
from engine.events import Action, ActionKey, ActionState, Decision, Draft, HistoryItem, Joined
from engine.ports import Transaction

ENGINE = "engine"
POLICY = "policy"
DOUBTED = "doubted"
"""What the history says of an action that the engine is no longer sure of."""
ECHO = "our own write came back"


class Proposing:
    """Puts decisions before people, or past them where policy allows it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._groups = Groups(context, self.rebuild)

    async def propose(
        self, tx: Transaction, decision: Decision, draft: Draft | None = None, *, doubts: Iterable[str] = ()
    ) -> Action:
        """Make the action of a proposing decision; proposing the same again returns what it became.

        An action that needs words and has none waits as `proposed` for `words`. `doubts` are further reasons
        for a person, e.g. the stage of autonomy that the rule has reached.
        """
        known = await tx.action(decision.proposal)
        if known:
            return known
        action = self._new(decision)
        cause = await tx.action(self._context.echo()) if self._context.echo() else None
        if cause is not None and _same_rule(cause.key, action.key):
            return await self._stored(tx, None, step(action, "withdrawn", decision.at, POLICY, f"{ECHO} ({cause.id})"))
        if decision.group and (gathered := await self._groups.join(tx, decision)) is not None:
            return gathered
        waiting = bool(decision.draft) and draft is None
        if cause is not None:  # two rules could answer each other for ever
            action = noted(action, DOUBTED, decision.at, ENGINE, f"{ECHO} ({cause.id})")
            doubts = (*doubts, action.history[-1].reason)
        accounts = self._context.aliases(action.root or action.key.subject)
        spoken = await standing.forbidden(tx, self._context.names(action.key), accounts)
        if spoken:
            return await self._stored(tx, None, step(action, "withdrawn", decision.at, POLICY, spoken))
        if waiting:
            return await self._stored(tx, None, action)
        ready, stage = await self._ready(tx, action, decision.inputs, draft, decision.at, doubts)
        return await self._stored(tx, None, ready, stage)

    async def words(
        self, tx: Transaction, id: str, draft: Draft, now: datetime, *, doubts: Iterable[str] = ()
    ) -> Action | None:
        """Give a `proposed` action its words; None when it is unknown or past that."""
        action = await tx.action(id)
        if action is None or action.state != "proposed":
            return None
        doubted = [item.reason for item in action.history if item.state == DOUBTED]
        ready, stage = await self._ready(tx, action, action.payload, draft, now, (*doubts, *doubted))
        facts = {"basis": ready.payload} if action.version else {}
        return await self._stored(tx, action, ready, stage, facts)

    async def rebuild(self, tx: Transaction, action: Action, decision: Decision, now: datetime, reason: str) -> Action:
        """Make an open action anew for the decisions that it carries out from here on: another version and digest.

        What a person had edited or allowed was about others, and counts no more.
        """
        said = self._new(decision)
        names = ("key", "payload", "proof", "because", "expires_at", "joined")
        changes = {name: getattr(said, name) for name in names} | {"draft": None, "not_before": None}
        again = step(action, "proposed", now, ENGINE, reason, version=action.version + 1, **changes)
        stage: Alone | None = None
        if not decision.draft:
            doubted = [item.reason for item in action.history if item.state == DOUBTED]
            again, stage = await self._ready(tx, again, decision.inputs, None, now, doubted)
        return await self._stored(tx, action, sealed(again), stage, {"basis": again.payload})

    async def withdraw(self, tx: Transaction, decision: Decision, reason: str = "") -> Action | None:
        """Take back what has not been sent; None when it is unknown or on its way, which nothing undoes."""
        action = await carrier(tx, decision.proposal)
        if action is None or action.state not in OPEN:
            return None
        if maybe_sent(action):
            return await self._doubted(tx, action, decision, reason or decision.because)
        if set(members(action)) - {decision.proposal}:
            return await self._groups.leave(tx, action, decision)
        gone = step(action, "withdrawn", decision.at, ENGINE, reason or decision.because)
        moved = await self._context.life.move(tx, action, gone, approves="", facts={"decision": decision.id})
        return gone if moved else None

    async def ask(self, tx: Transaction, decision: Decision) -> Action | None:
        """Bring an action back before a person though policy or a person had let it go; None when it is past that.

        Votes given before no longer count, and an action that still waits for its words will wait for a person too.
        """
        action = await carrier(tx, decision.proposal)
        if action is None or action.state not in OPEN:
            return None
        if maybe_sent(action):
            return await self._doubted(tx, action, decision, decision.because)
        asked = noted(action, DOUBTED, decision.at, ENGINE, decision.because)
        if action.state in ("approved", "scheduled"):
            asked = step(action, "pending", decision.at, ENGINE, decision.because, word=DOUBTED, not_before=None)
        moved = await self._context.life.move(tx, action, asked, approves="", facts={"decision": decision.id})
        return asked if moved else None

    async def _doubted(self, tx: Transaction, action: Action, decision: Decision, reason: str) -> Action | None:
        """Let a person say what became of an action that an earlier attempt may have sent."""
        doubt = past_taking_back(action, decision.at, ENGINE, reason)
        moved = await self._context.life.move(tx, action, doubt, facts={"decision": decision.id})
        return doubt if moved else None

    async def expire(self, tx: Transaction, now: datetime) -> tuple[Action, ...]:
        """End what nobody decided in time: silence never approves."""
        ended = []
        for action in await tx.late_actions(now):
            if not self._context.own(action):
                continue
            gone = step(action, "expired", now, "clock", "nobody decided in time")
            if await self._context.life.move(tx, action, gone, approves=""):
                ended.append(gone)
        return tuple(ended)

    async def _stored(
        self,
        tx: Transaction,
        before: Action | None,
        after: Action,
        stage: Alone | None = None,
        facts: Mapping[str, Any] = {},
    ) -> Action:
        released = after.state in ("approved", "scheduled")
        facts = {**facts, "alone": True, "audited": stage.audited} if released and stage else facts
        taken_back = "" if before is not None and before.state in ("approved", "scheduled") else None
        approves = after.digest if released else taken_back
        if await self._context.life.move(tx, before, after, approves=approves, facts=facts):
            return after
        return await tx.action(after.id) or after

    def _new(self, decision: Decision) -> Action:
        operation = self._context.operations(decision.operation)
        payload = _plain_inputs(decision.inputs)
        policy = decision.policy or self._context.autonomy.default
        alone = (Joined(decision.proposal, decision.key, decision.because),) if decision.group else ()
        action = Action(
            id=decision.proposal,
            key=decision.key,
            state="proposed",
            version=0,
            digest="",
            operation=decision.operation,
            consequence=operation.consequence if operation else "high",
            payload=payload,
            proof=decision.proof,
            because=decision.because,
            policy=policy,
            revision=decision.revision,
            root=self._context.root(decision.key.subject),
            group=decision.group,
            joined=decision.joined or alone,
            created_at=decision.at,
            expires_at=self._expiry(policy, decision),
            history=(HistoryItem(decision.at, "proposed", ENGINE, decision.because),),
        )
        return sealed(action)

    def _expiry(self, policy: str, decision: Decision) -> datetime | None:
        known = self._context.autonomy.policy(policy)
        ends = [decision.valid_until] if decision.valid_until else []
        ends += [decision.at + known.expires] if known and known.expires else []
        return min(ends, default=None)

    async def _ready(
        self,
        tx: Transaction,
        action: Action,
        inputs: Mapping[str, Any],
        draft: Draft | None,
        now: datetime,
        doubts: Iterable[str],
    ) -> tuple[Action, Alone]:
        """Return the action complete with payload, pending or past the inbox as policy and stage say."""
        policy = self._context.autonomy.policy(action.policy)
        stage = await stage_of(tx, self._context, action)
        operation = self._context.operations(action.operation)
        if operation is None:
            reason = f"no connector offers {action.operation}"
            return step(action, "failed", now, ENGINE, reason, version=action.version + 1), stage
        built = build(operation, inputs, draft)
        complete = msgspec.structs.replace(
            action,
            version=max(action.version, 1) if action.joined and not action.draft and not draft else action.version + 1,
            payload=built.payload,
            recipient=built.recipient,
            draft=draft,
        )
        complete = sealed(complete)
        if built.problems:
            return step(complete, "failed", now, ENGINE, "; ".join(each.message for each in built.problems)), stage
        if stage.shadow and not is_question(action.operation):
            return step(complete, "expired", now, POLICY, "in shadow: written down, nobody is asked"), stage
        stop = halted(self._context.keys(action), action.operation, await tx.switches())
        asks = needs_person(
            policy, operation, named=action.policy, stop=stop, earned=not stage.reasons,
            doubts=(
                *stage.reasons, *doubts, *doubts_of(draft),
                *resting(action.proof, operation, reads=self._context.reads),
            ),
        )  # fmt: skip
        if asks or policy is None:
            return step(complete, "pending", now, POLICY, "; ".join(dict.fromkeys(asks))), stage
        return released(complete, now, policy.undo, by_policy(policy)), stage


def released(action: Action, now: datetime, undo: timedelta, by: str, reason: str = "") -> Action:
    """Return the action allowed to be sent, after its undo window."""
    state: ActionState = "scheduled" if undo else "approved"
    return step(action, state, now, by, reason, word="approved", not_before=now + undo)


def asked_for(context: Context, action: Action, stage: Alone, *, stop: str = "") -> tuple[str, ...]:
    """Return why an action that is ready to go needs a person, as policy and stage stand now."""
    operation = context.operations(action.operation)
    if operation is None:
        return (f"no connector offers {action.operation}",)
    if stage.shadow:
        return ("in shadow",)
    doubts = (*stage.reasons, *doubts_of(action.draft), *resting(action.proof, operation, reads=context.reads))
    policy = context.autonomy.policy(action.policy)
    return needs_person(policy, operation, named=action.policy, stop=stop, earned=not stage.reasons, doubts=doubts)


def released_again(context: Context, action: Action, stop: str, stage: Alone, now: datetime) -> Action | None:
    """Return a rebuilt action past the inbox, when a policy alone let it go before and would again."""
    last = next((item for item in reversed(action.history) if item.state == "approved"), None)
    policy = context.autonomy.policy(action.policy)
    if policy is None or last is None or last.by != by_policy(policy) or asked_for(context, action, stage, stop=stop):
        return None
    return released(action, now, policy.undo, by_policy(policy), "rebuilt")


def _same_rule(one: ActionKey, other: ActionKey) -> bool:
    return (one.ruleset, one.rule, one.action) == (other.ruleset, other.rule, other.action)


def by_policy(policy: Policy) -> str:
    """Return who released what no person decided."""
    return f"{POLICY}:{policy.name}"


def _plain_inputs(inputs: Mapping[str, Any]) -> dict[str, Any]:
    result = {}
    for name, value in inputs.items():
        try:
            result[name] = plain(value)
        except NotPlain:
            result[name] = None
    return result
