"""Receipts: kept in the journal with the state they lead to, and found again when our own write comes back."""

from collections.abc import Container
from datetime import datetime

import msgspec

from approvals.dispatch.outcome import DISPATCH
from approvals.dispatch.ports import Connectors
from approvals.life import Life
from engine.events import Action, Receipt, Record
from engine.ports import Connector, Entry, Operation, Reader, Transaction

_PAGE = 500


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

    It may come back before the answer does, or instead of it: then it is known by the record that the payload names, or
    by our key among its values. What is heard of the record later is news like any other.
    """

    def __init__(self, reader: Reader, connectors: Connectors) -> None:
        self._reader = reader
        self._connectors = connectors

    async def of(self, tx: Transaction, record: Record, at: datetime) -> str:
        """Return the action that wrote what this record tells, "" when nobody here did; journaled."""
        connector = self._connectors(record.source)
        if connector is None or not connector.operations:
            return ""
        written = address(record.source, record.key)
        awaited, heard = await self._awaited(written)
        action = awaited or await self._under_way(record, connector, heard)
        if action:
            body = {"echo": action, "record": record.address}
            subjects = (written, f"action:{action}")
            await tx.append(Entry(kind="note", recorded_at=at, actor=DISPATCH, subjects=subjects, body=body))
        return action

    async def _awaited(self, written: str) -> tuple[str, frozenset[str]]:
        """Return the action whose write of a record was not heard of since its receipt, and all that were."""
        action, after, heard = "", 0, set[str]()
        while page := await self._reader.entries(after, subject=written, kinds=("receipt", "note")):
            for entry in page:
                body = entry.body or {}
                heard |= {str(body["echo"])} if "echo" in body else set()
                writer = str(body.get("action", "")) if entry.kind == "receipt" else ""
                action = "" if writer in heard else writer
            after = page[-1].seq
        return action, frozenset(heard)

    async def _under_way(self, record: Record, connector: Connector, heard: Container[str]) -> str:
        """Return the action that is being written, or may have been, and that the record surely tells of."""
        for state in ("sending", "unknown"):
            for action in await self._reader.actions(state=state, limit=_PAGE):
                source, _, name = action.operation.partition(".")
                operation = connector.operations.get(name) if source == record.source else None
                if operation is None or action.id in heard:
                    continue
                named = operation.record and str(action.payload.get(operation.record) or "") == record.key
                if named or action.id in record.data.values():
                    return action.id
        return ""
