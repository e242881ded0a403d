"""Reading beside the writer: pages for people and programs."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, Table, bindparam, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from engine.events import Action, Decision
from engine.memory import ActionVersion, ApiKey, Hint, Quarantined, Snapshot, Tallies
from engine.ports import Stored
from engine.store import entries, schema
from engine.store.codec import decode, decode_bare
from engine.store.errors import translated
from engine.store.inputs import quarantine_rows, to_quarantined
from engine.store.keys import KeyRing, Sealed
from engine.store.looking import Looking, Rows
from engine.store.recall import found
from engine.store.settled import key_hash

_ACTION: Final = select(schema.actions.c.document).where(schema.actions.c.id == bindparam("id"))
_DECISION: Final = select(schema.decisions.c.document).where(schema.decisions.c.id == bindparam("id"))
_KEY: Final = select(schema.api_keys).where(
    schema.api_keys.c.hash == bindparam("hash"), schema.api_keys.c.revoked_at.is_(None)
)
_HEAD: Final = select(schema.heads.c.seq)
_SETTING: Final = select(schema.settings.c.value).where(schema.settings.c.name == bindparam("name"))

_SETTINGS: Final = select(schema.settings).where(schema.settings.c.name.in_(bindparam("names", expanding=True)))


class SqlReader:
    """ports.Reader, and reading of what the store keeps besides."""

    def __init__(self, engine: AsyncEngine, looking: Looking, ring: KeyRing) -> None:
        self._reading = engine
        self._looking = looking
        self._ring = ring

    async def entries(
        self, after: int = 0, *, subject: str = "", kinds: Sequence[str] = (), limit: int = 1000
    ) -> Sequence[Stored]:
        """See ports.Reader."""
        rows = await self._looking.rows(*entries.page(after, subject, kinds, limit))
        return [entries.to_stored(row, self._ring) for row in rows]

    async def recall(self, text: str, *, subject: str = "", limit: int = 50) -> Sequence[Stored]:
        """See ports.Reader."""
        wanted = found(text, subject, limit, self._reading.dialect.name)
        numbers = [row.seq for row in await self._rows(wanted)] if wanted is not None else []
        rows = {row.seq: row for row in await self._rows(entries.numbered(numbers))} if numbers else {}
        return [entries.to_stored(rows[number], self._ring) for number in numbers if number in rows]

    async def actions(
        self, *, state: str = "", subject: str = "", after: str = "", limit: int = 50
    ) -> Sequence[Action]:
        """See ports.Reader."""
        wanted = _newest(schema.actions, after, limit, state=state, subject=subject)
        return [decode(row.document, Action) for row in await self._rows(wanted)]

    async def outlines(self, *, ids: Sequence[str] = (), after: str = "", limit: int = 500) -> Sequence[Action]:
        """See ports.Reader."""
        wanted = _newest(schema.actions, after, limit)
        wanted = wanted.where(schema.actions.c.id.in_(ids)) if ids else wanted
        return [decode_bare(row.document) for row in await self._rows(wanted)]

    async def action(self, id: str) -> Action | None:
        """Return one action, None when unknown."""
        row = await self._one(_ACTION, id=id)
        return None if row is None else decode(row.document, Action)

    async def action_versions(self, id: str) -> Sequence[ActionVersion]:
        """Return every payload an action had, oldest first."""
        table = schema.action_versions
        rows = await self._rows(select(table.c.document).where(table.c.action == id).order_by(table.c.version))
        return [decode(row.document, ActionVersion) for row in rows]

    async def decisions(
        self,
        *,
        ruleset: str = "",
        rule: str = "",
        subject: str = "",
        after: str = "",
        limit: int = 50,
        rulesets: frozenset[str] | None = None,
    ) -> Sequence[Decision]:
        """See ports.Reader. Of several rulesets each is asked for by its own index, and the pages are merged."""
        table = schema.decisions
        names = [ruleset] if rulesets is None else sorted(each for each in rulesets if ruleset in ("", each))
        found = select(table.c.position, table.c.document)
        pages = [_narrowed(found, table, after, limit, ruleset=name, rule=rule, subject=subject) for name in names]
        rows = await self._rows(_merged(pages, limit)) if pages else []
        return [decode(row.document, Decision) for row in rows]

    async def decision(self, id: str) -> Decision | None:
        """See ports.Reader."""
        row = await self._one(_DECISION, id=id)
        return None if row is None else decode(row.document, Decision)

    async def hints(self, source: str, limit: int = 100) -> Sequence[Hint]:
        """See ports.Database."""
        table = schema.hints
        wanted = select(table).where(table.c.source == source).order_by(table.c.stream, table.c.key).limit(limit)
        rows = await self._rows(wanted)
        return [Hint(row.source, row.stream, row.key, bool(row.gone), row.told) for row in rows]

    async def quarantine(
        self, *, state: str = "waiting", source: str = "", after: str = "", limit: int = 50
    ) -> Sequence[Quarantined]:
        """Return quarantined items, newest first."""
        table = schema.quarantine
        wanted = _narrowed(quarantine_rows(), table, after, limit, state=state, source=source)
        return [to_quarantined(row) for row in await self._rows(wanted)]

    async def latest_snapshot(self) -> Snapshot | None:
        """Return the newest state of the engine that was kept."""
        table = schema.snapshots
        row = await self._one(select(table.c.seq, table.c.content).order_by(table.c.seq.desc()).limit(1))
        return None if row is None else Snapshot(row.seq, row.content)

    async def key(self, text: str) -> ApiKey | None:
        """Return whose key this is, None when it is nobody's or revoked; whether it has expired is for the caller."""
        row = await self._one(_KEY, hash=key_hash(text))
        return None if row is None else _to_key(row)

    async def keys(self) -> Sequence[ApiKey]:
        """Return all keys, the revoked ones too, oldest first."""
        table = schema.api_keys
        return [_to_key(row) for row in await self._rows(select(table).order_by(table.c.created_at, table.c.id))]

    async def setting(self, name: str) -> str | None:
        """Return a setting of the running layer, None when it was never set."""
        row = await self._one(_SETTING, name=name)
        return None if row is None else str(row.value)

    async def settings(self, names: Collection[str]) -> Mapping[str, str]:
        """See ports.Reader."""
        rows = await self._looking.rows(_SETTINGS, {"names": list(names)}) if names else ()
        return {row.name: row.value for row in rows}

    async def require_secret(self) -> None:
        """Raise StoreUnavailable when the secret is not the one that wrapped the persons' keys."""
        table = schema.person_keys
        row = await self._one(select(table.c.id, table.c.person, table.c.wrapped).limit(1))
        if row is not None:
            self._ring.unwrap(Sealed(row.id, row.person, row.wrapped))

    async def next_due(self, after: datetime) -> datetime | None:
        """Return the next moment after `after` at which an action is due for a worker or expires."""
        table = schema.actions
        columns = (table.c.due_at, table.c.expires_at)
        found = [await self._one(select(func.min(column).label("at")).where(column > after)) for column in columns]
        return min((row.at for row in found if row is not None and row.at is not None), default=None)

    async def head(self) -> int:
        """Return the number of the last journal entry, 0 when there is none."""
        row = await self._one(_HEAD)
        return 0 if row is None else int(row.seq)

    async def tallies(self) -> Tallies:
        """Return how much there is of what."""
        actions, waiting = schema.actions, schema.quarantine
        states = await self._rows(select(actions.c.state, func.count().label("n")).group_by(actions.c.state))
        first = select(actions.c.document).where(actions.c.state == "pending").order_by(actions.c.position).limit(1)
        oldest = await self._one(first)
        items = await self._one(select(func.count().label("n")).where(waiting.c.state == "waiting"))
        return Tallies(
            actions={row.state: row.n for row in states},
            oldest_pending=None if oldest is None else decode(oldest.document, Action).created_at,
            quarantined=0 if items is None else items.n,
            head=await self.head(),
        )

    @asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one state of the database."""
        with translated():
            async with self._reading.connect() as connection:
                yield connection

    async def _rows(self, statement: Select[Any]) -> Rows:
        return await self._looking.rows(statement, {})

    async def _one(self, statement: Select[Any], **values: str | bytes) -> Row[Any] | None:
        rows = await self._looking.rows(statement, values)
        return rows[0] if rows else None


def _newest(table: Table, after: str, limit: int, **equal: str) -> Select[Any]:
    return _narrowed(select(table.c.document), table, after, limit, **equal)


def _narrowed(statement: Select[Any], table: Table, after: str, limit: int, **equal: str) -> Select[Any]:
    """The page behind the item `after`, newest first; filters left "" do not count."""
    wanted = [table.c[name] == value for name, value in equal.items() if value]
    if after:
        wanted.append(table.c.position < select(table.c.position).where(table.c.id == after).scalar_subquery())
    return statement.where(*wanted).order_by(table.c.position.desc()).limit(limit)


def _merged(pages: Sequence[Select[Any]], limit: int) -> Select[Any]:
    """The newest of several pages."""
    if len(pages) == 1:
        return pages[0]
    every = union_all(*(select(page.subquery()) for page in pages)).subquery()
    return select(every.c.document).order_by(every.c.position.desc()).limit(limit)


def _to_key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        role=row.role or None,
        kind=row.kind,
        person=row.person,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
