"""One worker of the outbox: takes what is due, asks whether it is still right, sends it once, keeps the receipt."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from approvals.autonomy.stages import stage_of
from approvals.dispatch.claim import Claiming
from approvals.dispatch.moved import Returned, back
from approvals.dispatch.outcome import DISPATCH, doubtful, held, maybe_sent, past_taking_back, settled
from approvals.dispatch.ports import SHARES, Check, Moved, NoLonger, Outbox
from approvals.dispatch.receipts import keep
from approvals.dispatch.restored import careful
from approvals.life import step, unchanged
from approvals.policy import begun_at, halted
from approvals.proposing import released_again
from engine.events import Action, Receipt
from engine.ports import Connector, Operation, SourceDown, Transaction
from engine.tracing import span


class Dispatcher:
    """Sends what was approved; any number of workers may run against one store, each with a name of its own.

    A database restored from a backup does not know what was sent since (`restored`): whatever the target cannot
    dedupe is looked up before its first attempt, or shown to a person.
    """

    def __init__(self, outbox: Outbox, check: Check, worker: str = "worker") -> None:
        self._store = outbox.store
        self._memory = outbox.memory
        self._context = outbox.context
        self._connectors = outbox.connectors
        self._check = check
        self._clock = outbox.clock
        self._settings = outbox.settings
        self._careful = False
        self._rng = outbox.rng
        self._claiming = Claiming(outbox.context, outbox.settings, worker)

    async def run(self) -> int:
        """Take one batch of what is due, several at a time; return how many actions moved."""
        free = asyncio.Semaphore(self._settings.parallel)

        async def one(action: Action) -> bool:
            key, trace = action.key, await self._memory.trace(action.id)
            async with free:
                with span("dispatch", trace, operation=action.operation, ruleset=key.ruleset, rule=key.rule):
                    return await self.dispatch(action)

        return sum(await asyncio.gather(*(one(action) for action in await self._due())))

    async def dispatch(self, action: Action) -> bool:
        """Take one due action as far as it goes; False when nothing about it changed."""
        connector, operation = self._target(action)
        if action.state == "sending":
            return await self._doubted(action, operation, "the worker never came back")
        if operation is None or connector is None:
            return await self._hold(action, f"no connector offers {action.operation}")
        if self._careful and operation.idempotency in ("probe", "none") and not _found_absent(action):
            return await self._doubted(action, operation, "may have been sent before the backup was restored")
        found = await self._after_all(connector, operation, action)
        if found is not None:
            return await self._finish(action, operation, found)
        return await self._check_and_send(action, connector, operation)

    async def _check_and_send(self, action: Action, connector: Connector, operation: Operation) -> bool:
        """Ask whether the action is still right; if it is, send it."""
        try:
            checked = await self._check(action)
        except SourceDown as reason:
            return await self._hold(action, f"cannot be checked: {reason}")
        if isinstance(checked, Moved):
            basis = await self._memory.proposed(action.id) or action.payload
            returned = back(action, operation, checked, basis, self._clock.now())
            if returned is not None:
                return await self._returned(action, returned, checked.reason)
        if isinstance(checked, NoLonger):
            return await self._withdrawn(action, checked.reason)
        return await self._send(action, connector, operation)

    async def _send(self, action: Action, connector: Connector, operation: Operation) -> bool:
        approved = await self._memory.approved(action.id)
        async with self._store.transaction() as tx:
            claimed = await self._claiming.claim(tx, action, approved, self._clock.now())
        if claimed is None:
            return False
        with span("perform", operation=action.operation):
            receipt = await self._perform(connector, claimed)
        if receipt is None:
            return False
        with span("receipt", result=receipt.result):
            return await self._finish(claimed, operation, receipt)

    async def _due(self) -> Sequence[Action]:
        async with self._store.transaction() as tx:
            found = await tx.due_actions(self._clock.now(), self._settings.batch * SHARES)
            due = [action for action in found if self._context.own(action)][: self._settings.batch]
            self._careful = await careful(tx)
        self._rng.shuffle(due)
        return due

    def _target(self, action: Action) -> tuple[Connector | None, Operation | None]:
        return self._connectors(action.operation.partition(".")[0]), self._context.operations(action.operation)

    async def _perform(self, connector: Connector, action: Action) -> Receipt | None:
        """Write, and return the answer; None where the lease has ended meanwhile, so that another may have written."""
        name = action.operation.partition(".")[2]
        if self._clock.now() >= begun_at(action) + self._settings.lease:
            return None
        try:
            async with asyncio.timeout(self._settings.timeout.total_seconds()):
                return await connector.perform(name, action.payload, action.id)
        except TimeoutError:
            return Receipt(result="uncertain", detail="no answer in time")
        except Exception as fault:  # noqa: BLE001  (whatever broke, the write may have happened; the receipt says so)
            return Receipt(result="uncertain", detail=f"{type(fault).__name__}: {fault}")

    async def _after_all(self, connector: Connector, operation: Operation, action: Action) -> Receipt | None:
        """Return what the target shows by now of a write that a person did not find, None when it shows nothing."""
        if operation.idempotency != "probe" or not _said_absent(action):
            return None
        try:
            found = await connector.probe(action.operation.partition(".")[2], action.payload, action.id)
        except SourceDown:
            return None
        return found if found is not None and found.result == "ok" else None

    async def _finish(self, claimed: Action, operation: Operation, receipt: Receipt) -> bool:
        now = self._clock.now()
        async with self._store.transaction() as tx:
            stored = await tx.action(claimed.id)
            if stored is None:
                return False
            if stored.state == "sending":
                after = settled(stored, receipt, operation, self._settings, now, self._rng)
                return await keep(tx, self._context.life, stored, after, receipt, now, operation)
            if receipt.result == "ok" and stored.state in ("unknown", "scheduled", "failed"):
                late = step(stored, "sent", now, DISPATCH, receipt.reference, not_before=None)
                return await keep(tx, self._context.life, stored, late, receipt, now, operation)
            return await keep(tx, self._context.life, stored, None, receipt, now, operation)

    async def _doubted(self, action: Action, operation: Operation | None, reason: str) -> bool:
        now = self._clock.now()
        if operation:
            after = doubtful(action, operation, self._settings, now, reason)
        else:
            after = step(action, "unknown", now, DISPATCH, reason, not_before=None)
        async with self._store.transaction() as tx:
            return await unchanged(tx, action) and await self._context.life.move(tx, action, after)

    async def _hold(self, action: Action, reason: str) -> bool:
        waits = held(action, self._settings, self._clock.now(), reason)
        async with self._store.transaction() as tx:
            if await unchanged(tx, action):
                await self._context.life.move(tx, action, waits)
        return False

    async def _returned(self, action: Action, returned: Returned, reason: str) -> bool:
        """Release the rebuilt action again where policy alone had let it go, else show a person what differs."""
        facts = {"moved": [msgspec.structs.asdict(way) for way in returned.ways], "basis": returned.basis}
        async with self._store.transaction() as tx:
            stop = halted(self._context.keys(action), action.operation, await tx.switches())
            stage = await stage_of(tx, self._context, returned.action)
            again = released_again(self._context, returned.action, stop, stage, self._clock.now())
            if again is None or maybe_sent(action):
                return await self._taken_back(tx, action, returned.action, reason, facts)
            if not await unchanged(tx, action):
                return False
            return await self._context.life.move(tx, action, again, approves=again.digest, facts=facts)

    async def _withdrawn(self, action: Action, reason: str) -> bool:
        gone = step(action, "withdrawn", self._clock.now(), DISPATCH, reason)
        async with self._store.transaction() as tx:
            return await self._taken_back(tx, action, gone, reason, {})

    async def _taken_back(
        self, tx: Transaction, action: Action, after: Action, reason: str, facts: Mapping[str, Any]
    ) -> bool:
        """Take back what was surely not sent; what an earlier attempt may have sent goes to a person instead."""
        if not await unchanged(tx, action):
            return False
        if maybe_sent(action):
            doubt = past_taking_back(action, self._clock.now(), DISPATCH, reason)
            return await self._context.life.move(tx, action, doubt)
        return await self._context.life.move(tx, action, after, approves="", facts=facts)


def _found_absent(action: Action) -> bool:
    return any(item.state == "absent" for item in action.history)


def _said_absent(action: Action) -> bool:
    """Whether a person, who may have looked too early, says that what was sent never arrived."""
    last = next((item for item in reversed(action.history) if item.state in ("absent", "sending")), None)
    return last is not None and last.state == "absent" and last.by != DISPATCH
