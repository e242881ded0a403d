"""Erasing a person: the key, the bodies with their salts, and the copies that other tables hold."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, delete, func, select, tuple_, update

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
_AT_ONCE: Final = 400


class Eraser(SqlTransaction):
    """A transaction that destroys; it must have begun with the journal flushed (`Writer.unit(flushed=True)`)."""

    async def erase(
        self, person: str, at: datetime, actor: str, *, also: Sequence[str] = (), because: str = ""
    ) -> Erasure:
        """Destroy what is kept about `person` (`type:id`) and enter it; actions that live keep their texts.

        `also`: other names under which it is kept: further keys of the person, and subjects of actions about them.
        """
        names = tuple(dict.fromkeys((person, *also)))
        entries, ended, live = 0, list[str](), list[str]()
        for some in _some(names):
            theirs = (bodies.c.person.in_(some), bodies.c.partition == PARTITION)
            entries += (await self._run(select(func.count()).select_from(bodies).where(*theirs))).scalar()
            await self._actions_about(some, ended, live)
        body = {"person": person, "entries": entries, "actions": len(ended), "because": because}
        seq = await self._enter(Entry(kind="erasure", recorded_at=at, actor=actor, subjects=names, body=body))
        await self._run(update(heads).values(erasures=heads.c.erasures + 1))
        for some in _some(names):
            await self._run(
                delete(bodies).where(bodies.c.person.in_(some), bodies.c.partition == PARTITION, bodies.c.seq < seq)
            )
            await self._run(delete(person_keys).where(person_keys.c.person.in_(some)))
            await self._forget_copies(some)
        for action in ended:
            await self._redact(action, at, actor)
        self._context.ring.forget()
        return Erasure(person=person, seq=seq, entries=entries, actions=len(ended), live=tuple(live))

    async def _enter(self, entry: Entry) -> int:
        """Append and write at once: the database lets bodies go only behind an erasure that stands."""
        seq = await self.append(entry)
        await self._unit.flush()
        return seq

    async def _actions_about(self, names: Sequence[str], ended: list[str], live: list[str]) -> None:
        wanted = select(actions.c.id, actions.c.state).where(actions.c.subject.in_(names))
        for row in await self._run(wanted.order_by(actions.c.position)):
            (live if row.state in LIVE else ended).append(row.id)

    async def _forget_copies(self, names: Sequence[str]) -> None:
        for statement in forgetting(names) if self._context.dialect == "sqlite" else ():
            await self._run(statement)
        pairs = [name.partition(":") for name in names]
        gone: list[tuple[Any, ColumnElement[bool]]] = [
            (decisions, decisions.c.subject.in_(names)),
            (identity, tuple_(identity.c.entity, identity.c.id).in_([(entity, id) for entity, _, id in pairs])),
            (snapshots, snapshots.c.seq >= 0),
            (remembered, remembered.c.person.in_(names)),
        ]
        for table, condition in gone:
            await self._run(delete(table).where(condition))

    async def _redact(self, id: str, at: datetime, actor: str) -> None:
        """Leave of an ended action what keeps it from being done again, and no words."""
        action = await self.action(id)
        if action is not None:
            document = encode(_redacted(action, at, actor))
            await self._run(update(actions).where(actions.c.id == id).values(document=document, recipient=""))
        await self._run(delete(action_versions).where(action_versions.c.action == id))


def _some(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield as many names at a time as a statement takes parameters."""
    return (names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE))


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
