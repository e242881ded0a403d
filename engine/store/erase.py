"""Erasing a person: the key, the bodies with their salts, and the copies that other tables hold."""

from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, delete, func, select, update

from engine.events import Action, HistoryItem, Proof
from engine.memory import Erasure
from engine.ports import Entry
from engine.store.actions import LIVE
from engine.store.codec import encode
from engine.store.journal import PARTITION
from engine.store.recall import forgetting
from engine.store.schema import (
    action_versions,
    actions,
    bodies,
    decisions,
    heads,
    identity,
    person_keys,
    remembered,
    snapshots,
)
from engine.store.transaction import SqlTransaction

ERASED: Final = "erased"


class Eraser(SqlTransaction):
    """A transaction that destroys; it must have begun with the journal flushed (`Writer.unit(flushed=True)`)."""

    async def erase(self, person: str, at: datetime, actor: str) -> Erasure:
        """Destroy what is kept about `person` (`type:id`) and enter it; actions that live keep their texts."""
        theirs = (bodies.c.person == person, bodies.c.partition == PARTITION)
        entries = (await self._run(select(func.count()).select_from(bodies).where(*theirs))).scalar()
        ended, live = await self._actions_about(person)
        body = {"person": person, "entries": entries, "actions": len(ended)}
        entry = Entry(kind="erasure", recorded_at=at, actor=actor, subjects=(person,), body=body)
        seq = await self._enter(entry)
        await self._run(delete(bodies).where(*theirs, bodies.c.seq < seq))
        await self._run(delete(person_keys).where(person_keys.c.person == person))
        await self._run(update(heads).values(erasures=heads.c.erasures + 1))
        await self._forget_copies(person, ended, at, actor)
        self._context.ring.forget()
        return Erasure(person=person, seq=seq, entries=entries, actions=len(ended), live=live)

    async def _enter(self, entry: Entry) -> int:
        """Append and write at once: the database lets bodies go only behind an erasure that stands."""
        seq = await self.append(entry)
        await self._unit.flush()
        return seq

    async def _actions_about(self, person: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        wanted = select(actions.c.id, actions.c.state).where(actions.c.subject == person)
        rows = [*(await self._run(wanted.order_by(actions.c.position)))]
        live = tuple(row.id for row in rows if row.state in LIVE)
        return tuple(row.id for row in rows if row.state not in LIVE), live

    async def _forget_copies(self, person: str, ended: tuple[str, ...], at: datetime, actor: str) -> None:
        entity, _, id = person.partition(":")
        for statement in forgetting(person) if self._context.dialect == "sqlite" else ():
            await self._run(statement)
        gone: list[tuple[Any, ColumnElement[bool]]] = [
            (decisions, decisions.c.subject == person),
            (identity, (identity.c.entity == entity) & (identity.c.id == id)),
            (snapshots, snapshots.c.seq >= 0),
            (remembered, remembered.c.person == person),
        ]
        for table, condition in gone:
            await self._run(delete(table).where(condition))
        for action in ended:
            await self._redact(action, at, actor)

    async def _redact(self, id: str, at: datetime, actor: str) -> None:
        """Leave of an ended action what keeps it from being done again, and no words."""
        action = await self.action(id)
        if action is not None:
            document = encode(_redacted(action, at, actor))
            await self._run(update(actions).where(actions.c.id == id).values(document=document, recipient=""))
        await self._run(delete(action_versions).where(action_versions.c.action == id))


def _redacted(action: Action, at: datetime, actor: str) -> Action:
    history = tuple(HistoryItem(each.at, each.state, each.by) for each in action.history)
    return msgspec.structs.replace(
        action,
        payload={},
        draft=None,
        proof=Proof(kind=ERASED, path=action.key.subject),
        because="",
        recipient="",
        history=(*history, HistoryItem(at, ERASED, actor)),
    )
