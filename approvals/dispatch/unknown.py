"""Actions of which nobody knows whether they happened: looked up, repeated where that is safe, or left to a person."""

from datetime import datetime

from approvals.dispatch.outcome import DISPATCH, later
from approvals.dispatch.ports import SHARES, Outbox
from approvals.dispatch.receipts import keep
from approvals.life import step, unchanged
from engine.events import Action, Receipt
from engine.ports import Operation, SourceDown


class LookUp:
    """Finds out about unknown actions whose time to be looked up has come; one is enough for all workers."""

    def __init__(self, outbox: Outbox) -> None:
        self._store = outbox.store
        self._memory = outbox.memory
        self._context = outbox.context
        self._connectors = outbox.connectors
        self._clock = outbox.clock
        self._settings = outbox.settings
        self._rng = outbox.rng

    async def run(self) -> int:
        """Look up one batch; return how many actions moved."""
        found = await self._memory.unknown(self._clock.now(), self._settings.batch * SHARES)
        due = [action for action in found if self._context.own(action)][: self._settings.batch]
        return sum([await self.look_up(action) for action in due])

    async def look_up(self, action: Action) -> bool:
        """Take one unknown action as far as can be known."""
        operation = self._context.operations(action.operation)
        source, _, name = action.operation.partition(".")
        connector = self._connectors(source)
        if operation is None or connector is None:
            return await self._later(action, f"no connector offers {action.operation}")
        if operation.idempotency in ("native_key", "upsert"):
            return await self._move(action, "repeat", "repeated under the same key, which the target knows")
        if operation.idempotency == "none":
            return False
        try:
            receipt = await connector.probe(name, action.payload, action.id)
        except SourceDown as reason:
            return await self._later(action, f"cannot be looked up: {reason}")
        if receipt is None:
            return await self._move(action, "absent", "looked up: surely not done")
        if receipt.result != "ok":
            return await self._later(action, f"looked up: {receipt.detail or receipt.result}")
        return await self._found(action, operation, receipt)

    async def _found(self, action: Action, operation: Operation, receipt: Receipt) -> bool:
        now = self._clock.now()
        sent = step(action, "sent", now, DISPATCH, receipt.reference or "found", not_before=None)
        async with self._store.transaction() as tx:
            return await unchanged(tx, action) and await keep(
                tx, self._context.life, action, sent, receipt, now, operation
            )

    async def _move(self, action: Action, word: str, reason: str) -> bool:
        now = self._clock.now()
        again = repeated(action, now, DISPATCH, word, reason)
        async with self._store.transaction() as tx:
            return await unchanged(tx, action) and await self._context.life.move(tx, action, again)

    async def _later(self, action: Action, reason: str) -> bool:
        after = later(action, self._settings, self._clock.now(), self._rng, reason)
        async with self._store.transaction() as tx:
            if await unchanged(tx, action):
                await self._context.life.move(tx, action, after)
        return False


def repeated(action: Action, now: datetime, by: str, word: str, reason: str) -> Action:
    """Return an unknown action scheduled again; `word` is `absent` when it surely was not done, else `repeat`."""
    return step(action, "scheduled", now, by, reason, word=word, not_before=now)
