"""Reading one stream of a database: changes by keyset, full scans, and the cursor between them."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select

from connectors.sql.database import Database
from connectors.sql.keyset import Keyset, Position, decode, encode
from connectors.sql.nested import Nested
from connectors.sql.rows import Rows
from connectors.sql.settings import SqlStream, names
from connectors.values import digest, moment
from connectors.window import Seen, Window
from engine.events import Record
from engine.ports import Page, Rejected, SourceDown

MOST_REPORTED = 100


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where reading goes on: behind `after`, without what was `told`; `scanned` is when the last full scan began."""

    after: tuple[Any, ...] | None = None
    told: tuple[str, ...] = ()
    scanned: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One stream of one database, its table known."""

    database: Database
    rows: Rows
    settings: SqlStream
    keyset: Keyset
    converters: tuple[tuple[str, Callable[[object], Any]], ...]
    nested: tuple[Nested, ...] = ()

    async def pages(self, cursor: str, now: datetime) -> AsyncIterator[Page]:
        """Yield what changed since the cursor, or everything when a full scan is due."""
        state = msgspec.json.decode(cursor, type=Cursor) if cursor else Cursor()
        if self._scan_due(state, now):
            pages = self._read(Cursor(scanned=now), now, first=not cursor, steady=cursor)
        elif self.settings.cursor:
            pages = self._read(state, now, first=not cursor, steady=None)
        else:
            return
        async for page in pages:
            yield page

    async def one(self, key: str) -> Record | None:
        """Return the record of one row, None when there is none."""
        found = await self._fetch(self.keyset.one(key))
        for row, values in zip(found, await self._values(found), strict=True):
            position = self._position(row)
            cursor = position[0] if self.settings.cursor else None
            told = self.rows.record(values, cursor, self._moment(position))
            if isinstance(told, Rejected):
                raise SourceDown(f"{told.source}: {told.problem.message}")
            return None if told.deleted else told
        return None

    def _scan_due(self, state: Cursor, now: datetime) -> bool:
        every = self.settings.scan
        if every is None:
            return not self.settings.cursor
        return state.scanned is None or now - state.scanned >= every

    async def _read(self, state: Cursor, now: datetime, *, first: bool, steady: str | None) -> AsyncIterator[Page]:
        """Yield pages; during a full scan the cursor stays at `steady`, so that a broken scan starts again."""
        position = None if state.after is None else tuple(map(decode, state.after))
        window = Window(position, state.told, self._lag)
        while True:
            rows = await self._fetch(self.keyset.page(position, self.settings.page_size))
            position = self._position(rows[-1]) if rows else position
            values = await self._values(rows)
            each_told = (self._told(*each, window, first=first) for each in zip(rows, values, strict=True))
            told = [each for each in each_told if each]
            ended = len(rows) < self.settings.page_size
            lost = await self._without_cursor() if ended else ()
            yield Page(
                records=tuple(each for each in told if isinstance(each, Record)),
                rejected=(*(each for each in told if isinstance(each, Rejected)), *lost),
                cursor=self._cursor(window, state, ended=ended) if ended or steady is None else steady,
                watermark=now - self.settings.lag if ended else None,
                complete=ended and steady is not None and not lost,
            )
            if ended:
                return

    def _told(
        self, row: Row[Any], values: Mapping[str, Any], window: Window, *, first: bool
    ) -> Record | Rejected | None:
        """Return what to tell of a row: nothing when it was told before, or is gone before it was ever known."""
        position = self._position(row)
        time = self._moment(position)
        if not window.admit(Seen(position, time, digest([position, values]))):
            return None
        told = self.rows.record(values, position[0] if self.settings.cursor else None, time)
        return None if first and isinstance(told, Record) and told.deleted else told

    def _position(self, row: Row[Any]) -> Position:
        return tuple(row[: len(self.keyset.order)])

    async def _values(self, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
        """Return the FEEL values of rows, each with its lists."""
        behind = len(self.keyset.order)
        values = [
            {name: convert(value) for (name, convert), value in zip(self.converters, row[behind:], strict=True)}
            for row in rows
        ]
        for each in self.nested:
            at = [[name for name, _ in self.converters].index(there) + behind for there in each.there]
            owners = [tuple(row[index] for index in at) for row in rows]
            lists = await each.of(self.database, owners) if owners else {}
            for value, owner in zip(values, owners, strict=True):
                value[each.name] = lists.get(owner, [])
        return values

    def _moment(self, position: Position) -> datetime | None:
        return moment(position[0], self.rows.zone) if self.settings.cursor else None

    @property
    def _lag(self) -> timedelta:
        """A cursor of whole days may be told at any hour of its day."""
        return self.settings.lag + timedelta(days=1 if self.keyset.whole_days else 0)

    def _cursor(self, window: Window, state: Cursor, *, ended: bool) -> str:
        if not self.settings.cursor:
            cursor = state
        else:
            after = None if window.after is None else tuple(map(encode, window.after))
            cursor = Cursor(after=after, told=tuple(window.told(ended=ended)), scanned=state.scanned)
        return msgspec.json.encode(cursor).decode()

    async def _fetch(self, statement: Select[Any]) -> Sequence[Row[Any]]:
        return await self.database.run(partial(_all, statement=statement))

    async def _without_cursor(self) -> tuple[Rejected, ...]:
        """Report rows that the cursor would never bring."""
        if not self.settings.cursor:
            return ()
        rows = await self._fetch(self.keyset.without_cursor(MOST_REPORTED))
        keys = names(self.settings.key)
        return tuple(
            self.rows.rejected(
                dict(zip(keys, row, strict=True)),
                "null-cursor",
                "the cursor column is null, so a change of this row would never be seen",
                "name further columns in `cursor`; the first that is not null counts",
            )
            for row in rows
        )


def _all(connection: Connection, statement: Select[Any]) -> Sequence[Row[Any]]:
    return connection.execute(statement).all()
