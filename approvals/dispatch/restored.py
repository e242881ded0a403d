"""A database restored from a backup: it has forgotten what was sent since, so nothing is sent before it was looked up.

The anchor file outside tells: it has seen entries that the journal does not hold. The mark stays in the database,
for every worker and every start, until an admin has looked through what is unknown and takes it away.
"""

from datetime import datetime

from engine.ports import Entry, Transaction

MARK = "restored"


async def notice(tx: Transaction, head: int, anchored: int, at: datetime) -> None:
    """Mark the database as restored when the anchor file is ahead of its head; journaled once."""
    if anchored > head:
        await mark(tx, f"the journal ended with entry {head}, and {anchored} were anchored", head, anchored, at)


async def mark(tx: Transaction, why: str, head: int, anchored: int, at: datetime) -> None:
    """Mark the database as restored, unless it is: nothing is sent from here on before it was looked up."""
    if await careful(tx):
        return
    await tx.set_setting(MARK, why)
    body = {"restored": True, "head": head, "anchored": anchored, "dispatch": "careful"}
    await tx.append(Entry(kind="note", recorded_at=at, subjects=("system:dispatch",), body=body))


async def trust(tx: Transaction, by: str, at: datetime) -> bool:
    """Send again without looking up first, as an admin says; False when nothing was doubted."""
    if not await careful(tx):
        return False
    await tx.set_setting(MARK, "")
    body = {"restored": False, "dispatch": "trusting"}
    await tx.append(Entry(kind="note", recorded_at=at, actor=by, subjects=("system:dispatch",), body=body))
    return True


async def careful(tx: Transaction) -> bool:
    """Whether what is due must be looked up before it is sent."""
    return bool(await tx.setting(MARK))
