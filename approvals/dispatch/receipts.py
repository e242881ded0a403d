"""Receipts: kept in the journal with the state they lead to, and found again when our own write comes back."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from approvals.dispatch.outcome import DISPATCH
from approvals.life import Life
from engine.events import Action, Receipt, Record
from engine.ports import Entry, Operation, Reader, Transaction


async def keep(
    tx: Transaction,
    life: Life,
    before: Action,
    after: Action | None,
    receipt: Receipt,
    now: datetime,
    operation: Operation,
) -> bool:
    """Journal a receipt with the change it makes, in one transaction; without `after` the receipt alone."""
    body = {name: value for name, value in msgspec.structs.asdict(receipt).items() if value}
    entry = life.about(before, "receipt", now, DISPATCH, {"action": before.id, "operation": before.operation, **body})
    if key := _written(before, receipt, operation):
        written = address(before.operation.partition(".")[0], key)
        entry = msgspec.structs.replace(entry, subjects=(*entry.subjects, written))
    if after is None:
        await tx.append(entry)
        return False
    return await life.move(tx, before, after, approves="" if after.state == "pending" else None, cause=entry)


def _written(action: Action, receipt: Receipt, operation: Operation) -> str:
    """Return the key of the record that was written: what the target answered, else what the payload names."""
    if receipt.reference or receipt.result != "ok":
        return receipt.reference
    return str(action.payload.get(operation.record) or "") if operation.record else ""


def address(source: str, reference: str) -> str:
    """Return what the receipt of a record that we wrote is filed under."""
    return f"written:{source}/{reference}"


class Echoes:
    """Recognises our own write as it comes back from its source: the first time that its record is heard again.

    `writes`: whether a source has operations at all. What is heard of the record later is news like any other.
    """

    def __init__(self, reader: Reader, writes: Callable[[str], bool]) -> None:
        self._reader = reader
        self._writes = writes

    async def of(self, tx: Transaction, record: Record, at: datetime) -> str:
        """Return the action that wrote what this record tells, "" when nobody here did; journaled."""
        if not self._writes(record.source):
            return ""
        written = address(record.source, record.key)
        action = await self._awaited(written)
        if action:
            body = {"echo": action, "record": record.address}
            subjects = (written, f"action:{action}")
            await tx.append(Entry(kind="note", recorded_at=at, actor=DISPATCH, subjects=subjects, body=body))
        return action

    async def _awaited(self, written: str) -> str:
        action, after = "", 0
        while page := await self._reader.entries(after, subject=written, kinds=("receipt", "note")):
            for entry in page:
                action = str((entry.body or {}).get("action", "")) if entry.kind == "receipt" else ""
            after = page[-1].seq
        return action
