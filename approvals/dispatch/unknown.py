"""Actions of which nobody knows whether they happened: looked up, repeated where that is safe, or left to a person."""

from datetime import datetime
from random import Random

from approvals.context import Context
from approvals.dispatch.outcome import DISPATCH, later
from approvals.dispatch.ports import DEFAULTS, SHARES, Connectors, Settings
from approvals.dispatch.receipts import keep
from approvals.life import step
from approvals.memory import Memory
from engine.events import Action, Receipt
from engine.ports import Clock, Operation, SourceDown, Store


class LookUp:
    """Finds out about unknown actions whose time to be looked up has come; one is enough for all workers."""

    def __init__(
        self,
        store: Store,
        memory: Memory,
        context: Context,
        *,
        connectors: Connectors,
        clock: Clock,
        settings: Settings = DEFAULTS,
        rng: Random | None = None,
    ) -> None:
        self._store = store
        self._memory = memory
        self._context = context
        self._connectors = connectors
        self._clock = clock
        self._settings = settings
        self._rng = rng or Random()  # noqa: S311  (spreads retries, keeps no secret)

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
            return await keep(tx, self._context.life, action, sent, receipt, now, operation)

    async def _move(self, action: Action, word: str, reason: str) -> bool:
        now = self._clock.now()
        async with self._store.transaction() as tx:
            return await self._context.life.move(tx, action, repeated(action, now, DISPATCH, word, reason))

    async def _later(self, action: Action, reason: str) -> bool:
        after = later(action, self._settings, self._clock.now(), self._rng, reason)
        async with self._store.transaction() as tx:
            await self._context.life.move(tx, action, after)
        return False


def repeated(action: Action, now: datetime, by: str, word: str, reason: str) -> Action:
    """Return an unknown action scheduled again; `word` is `absent` when it surely was not done, else `repeat`."""
    return step(action, "scheduled", now, by, reason, word=word, not_before=now)
