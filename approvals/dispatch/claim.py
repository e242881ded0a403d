"""The transaction that claims an action: everything that could forbid sending is asked inside it."""

from datetime import datetime

import msgspec

from approvals.autonomy.keeping import by_itself, call_back, keep, standing_of
from approvals.autonomy.stages import stage_of
from approvals.autonomy.standing import Standing, unit
from approvals.context import Context
from approvals.dispatch.outcome import DISPATCH, held, maybe_sent
from approvals.dispatch.ports import Settings
from approvals.hours import next_open
from approvals.life import step
from approvals.payload import digest_of
from approvals.policy import account_of, capped, halted, window
from approvals.proposing import POLICY, asked_for
from engine.events import Action
from engine.ports import Transaction

TAMPERED = "payload-tampered"


class Claiming:
    """Claims due actions for one worker."""

    def __init__(self, context: Context, settings: Settings, worker: str) -> None:
        self._context = context
        self._settings = settings
        self._worker = worker

    async def claim(self, tx: Transaction, action: Action, approved: str, now: datetime) -> Action | None:
        """Return the action as `sending` under a lease, None when it may not start or is somebody else's.

        `approved` is the digest that the journal says may be sent.
        """
        fresh = await tx.action(action.id)
        if fresh is None or (fresh.state, fresh.version) != (action.state, action.version):
            return None
        if fresh.not_before is not None and fresh.not_before > now:  # taken back and approved again meanwhile
            return None
        stop = halted(self._context.keys(fresh), fresh.operation, await tx.switches())
        if not stop and not fresh.digest == approved == digest_of(fresh.id, fresh.operation, fresh.bound):
            await self._alarm(tx, fresh, approved, now)
            return None
        asks = () if stop or maybe_sent(fresh) or not by_itself(fresh) else await self._asks(tx, fresh)
        if asks:
            back = step(fresh, "pending", now, POLICY, "; ".join(dict.fromkeys(asks)), not_before=None)
            await self._context.life.move(tx, fresh, back, approves="")
            return None
        opens = self._opens(fresh, now)
        if not stop and opens > now:
            waits = held(fresh, self._settings, now, "outside the recipient's business hours", opens)
            await self._context.life.move(tx, fresh, waits)
            return None
        reason = stop or await self._capped(tx, fresh, now)
        if reason:
            await self._context.life.move(tx, fresh, held(fresh, self._settings, now, reason))
            return None
        claimed = await tx.claim(fresh, self._worker, now + self._settings.lease)
        if claimed:
            await self._context.life.tell(tx, fresh, claimed)
        return claimed

    async def _asks(self, tx: Transaction, action: Action) -> tuple[str, ...]:
        """Return why what a policy alone let go needs a person by now; empty while it would let it go again."""
        return asked_for(self._context, action, await stage_of(tx, self._context, action))

    def _opens(self, action: Action, now: datetime) -> datetime:
        """Return when the recipient may be reached: now, or when their business hours begin."""
        hours = self._context.policy(action).hours
        return now if hours is None else next_open(hours, now, self._context.zone(action.key.subject, hours.zone))

    async def _capped(self, tx: Transaction, action: Action, now: datetime) -> str:
        policy = self._context.policy(action)
        span = window(policy)
        if not span:
            return ""
        begun = await tx.started(now - span, policy=action.policy)
        return capped(policy, action, begun, now, lambda each: self._context.root(account_of(each)))

    async def _alarm(self, tx: Transaction, action: Action, approved: str, now: datetime) -> None:
        """Refuse, journal the alarm, and stop the rule until an admin has looked."""
        scope = f"rule:{action.key.ruleset}/{action.key.rule}"
        reason = f"what is stored for {action.id} is not what was approved"
        found = digest_of(action.id, action.operation, action.bound)
        body = {"alarm": TAMPERED, "action": action.id, "approved": approved, "found": found, "switch": scope}
        await tx.append(self._context.life.about(action, "denied", now, DISPATCH, body))
        await tx.set_switch(scope, True, reason, DISPATCH)
        refused = step(action, "failed", now, DISPATCH, reason, not_before=None)
        await self._context.life.move(tx, action, refused, approves="")
        await self._demote(tx, action, reason, now)

    async def _demote(self, tx: Transaction, action: Action, reason: str, now: datetime) -> None:
        """Take the rule's autonomy back, with all that waits to go by itself."""
        reached, name = await standing_of(tx, action.key), unit(action.key)
        lower = msgspec.structs.replace(
            reached or Standing(stage="approval", since=now), stage="approval", since=now, by=DISPATCH, because=reason
        )
        await keep(tx, name, lower, "demote", by=DISPATCH, at=now, facts={"alarm": TAMPERED})
        await call_back(tx, self._context.life, name, lower, now)
