"""Groups while they live: a decision joins what waits for its account, or leaves it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeAlias

from approvals import standing
from approvals.autonomy.keeping import standing_of
from approvals.autonomy.standing import alone
from approvals.context import Context, Operations
from approvals.dispatch.outcome import maybe_sent
from approvals.grouping import members, together
from approvals.life import OPEN
from engine.events import Action, Decision
from engine.ports import Reader, Transaction

Rebuild: TypeAlias = Callable[[Transaction, Action, Decision, datetime, str], Awaitable[Action]]
"""Makes an action anew for the decisions that it carries out."""


class Groups:
    """Puts decisions of one group about one account into one action, as long as nothing of it was sent."""

    def __init__(self, context: Context, rebuild: Rebuild) -> None:
        self._context = context
        self._rebuild = rebuild

    async def join(self, tx: Transaction, decision: Decision) -> Action | None:
        """Let a decision join an open action; None when there is none that it can be one with."""
        accounts = self._context.aliases(decision.root or decision.key.subject)
        if await standing.forbidden(tx, self._context.names(decision.key), accounts):
            return None
        policy = self._context.autonomy.policy(decision.policy or self._context.autonomy.default)
        fingerprint = self._context.fingerprint(decision.key)
        if alone(policy, await standing_of(tx, decision.key), fingerprint, decision.proposal).shadow:
            return None
        operation = self._context.operations(decision.operation)
        for action in await tx.live_actions(beside=decision.proposal):
            if decision.proposal in members(action):
                return action
            if action.state not in OPEN or maybe_sent(action):
                continue
            joint = together([*await tx.proposed(members(action)), decision], operation)
            if joint is not None:
                return await self._rebuild(tx, action, joint, decision.at, f"joined by {decision.key}")
        return None

    async def leave(self, tx: Transaction, action: Action, decision: Decision) -> Action | None:
        """Let an open action go on without a decision whose reason is gone."""
        rest = await tx.proposed([each for each in members(action) if each != decision.proposal])
        joint = together(rest, self._context.operations(action.operation))
        if joint is None:
            return None
        return await self._rebuild(tx, action, joint, decision.at, f"left by {decision.key}: {decision.because}")


async def carrier(tx: Transaction, proposal: str) -> Action | None:
    """Return the action that carries a proposal out, None when it is unknown or has ended in a group."""
    action = await tx.action(proposal)
    if action is not None and proposal in members(action):
        return action
    return next((each for each in await tx.live_actions(beside=proposal) if proposal in members(each)), None)


async def carried(reader: Reader, action: Action, operations: Operations) -> Decision | None:
    """Return what an action carries out as one decision; None when the journal's tables lack a part of it."""
    found = [await reader.decision(each) for each in members(action)]
    known = [each for each in found if each is not None]
    if len(known) < len(found):
        return None
    return together(known, operations(action.operation)) if action.joined else known[0]
