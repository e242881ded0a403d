"""Receipts: kept in the journal with the state they lead to, and found again when our own write comes back."""

from datetime import datetime

import msgspec

from approvals.dispatch.outcome import DISPATCH
from approvals.life import Life
from engine.events import Action, Receipt
from engine.ports import Reader, Transaction


async def keep(
    tx: Transaction, life: Life, before: Action, after: Action | None, receipt: Receipt, now: datetime
) -> bool:
    """Journal a receipt with the change it makes, in one transaction; without `after` the receipt alone."""
    body = {name: value for name, value in msgspec.structs.asdict(receipt).items() if value}
    entry = life.about(before, "receipt", now, DISPATCH, {"action": before.id, "operation": before.operation, **body})
    if receipt.reference:
        written = address(before.operation.partition(".")[0], receipt.reference)
        entry = msgspec.structs.replace(entry, subjects=(*entry.subjects, written))
    if after is None:
        await tx.append(entry)
        return False
    return await life.move(tx, before, after, approves="" if after.state == "pending" else None, cause=entry)


def address(source: str, reference: str) -> str:
    """Return what the receipt of a record that we wrote is filed under."""
    return f"written:{source}/{reference}"


async def echo(reader: Reader, source: str, reference: str) -> str:
    """Return the action that wrote this record of a source, "" when it is not our own."""
    found = await reader.entries(subject=address(source, reference), kinds=("receipt",), limit=1)
    body = found[0].body if found else None
    return str(body["action"]) if body else ""
