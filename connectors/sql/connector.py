"""The SQL connector: streams from tables, operations as declared updates."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Table
from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError

from connectors.formula import Formula
from connectors.settings import Surroundings, build_all
from connectors.sql.database import Database, open_database, reflect
from connectors.sql.keyset import keyset
from connectors.sql.nested import Nested, nested
from connectors.sql.reading import Reading
from connectors.sql.rows import Rows, converter
from connectors.sql.settings import SqlRows, SqlSource, SqlStream, names
from connectors.sql.writing import Writing
from engine.events import Receipt, Record
from engine.ports import Operation, Page, SourceDown
from engine.source import ConfigError, Place, Problem

T = TypeVar("T")


class SqlConnector:
    """One database as a source; nothing is written unless the source says `write: true`."""

    def __init__(
        self, name: str, settings: SqlSource, surroundings: Surroundings, reader: Database, writer: Database | None
    ) -> None:
        self.name = name
        self.streams: Sequence[str] = tuple(settings.streams)
        self.operations: Mapping[str, Operation] = {
            key: operation.operation(f"{name}.{key}") for key, operation in settings.operations.items()
        }
        self.fetched = frozenset(settings.streams)
        self._settings = settings
        self._surroundings = surroundings
        self._reader = reader
        self._writer = writer
        self._readings: dict[str, Reading] = {}
        self._rows = build_all(
            {stream: partial(self._make_rows, stream, each) for stream, each in settings.streams.items()}
        )
        self._writing = Writing(name, settings, surroundings, writer)

    async def read(self, stream: str, cursor: str) -> AsyncIterator[Page]:
        """Yield pages after the cursor; raises SourceDown."""
        if stream not in self._readings:
            self._readings[stream] = await self._answer(self._reading(stream))
        pages = self._readings[stream].pages(cursor, self._surroundings.clock.now())
        while (page := await self._answer(anext(pages, None))) is not None:
            yield page

    async def fetch(self, stream: str, key: str) -> Record | None:
        """Read one row by its key; raises SourceDown."""
        if stream not in self._readings:
            self._readings[stream] = await self._answer(self._reading(stream))
        return await self._answer(self._readings[stream].one(key))

    async def perform(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt:
        """Run the declared update in one transaction."""
        return await self._writing.perform(operation.removeprefix(f"{self.name}."), payload, key)

    async def probe(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt | None:
        """Look whether the row holds what the update sets; raises SourceDown."""
        return await self._answer(self._writing.probe(operation.removeprefix(f"{self.name}."), payload, key))

    async def aclose(self) -> None:
        """Close all connections."""
        await self._reader.aclose()
        if self._writer is not None:
            await self._writer.aclose()

    async def _answer(self, work: Awaitable[T]) -> T:
        """Wait for the database as long as the settings allow; whatever goes wrong is the source being down."""
        try:
            async with asyncio.timeout(self._settings.timeout.total_seconds()):
                return await work
        except TimeoutError as error:
            raise SourceDown(f"{self.name}: no answer within {self._settings.timeout.total_seconds():g} s") from error
        except (SQLAlchemyError, OSError) as error:
            raise SourceDown(f"{self.name}: {words(error)}") from error

    async def _reading(self, stream: str) -> Reading:
        settings = self._settings.streams[stream]
        table = await self._table(settings)
        cursor, keys = names(settings.cursor), names(settings.key)
        self._check_columns(stream, table, (*cursor, *keys, *settings.fields, *settings.only, settings.version))
        owners = [there for each in settings.rows.values() for there in each.match.values()]
        self._check_columns(stream, table, owners)
        wanted = dict.fromkeys((*settings.fields, *keys, *cursor, *owners))
        columns = tuple(wanted) if settings.fields else tuple(table.c.keys())
        order = keyset(table, cursor, keys, columns, settings.only)
        rows = self._rows[stream]
        converters = tuple((each.name, converter(each, rows.zone)) for each in order.columns)
        lists = [await self._nested(stream, name, each, rows) for name, each in settings.rows.items()]
        return Reading(self._reader, rows, settings, order, converters, tuple(lists))

    async def _nested(self, stream: str, name: str, settings: SqlRows, rows: Rows) -> Nested:
        table = await self._table(settings)
        self._check_columns(
            f"{stream}.rows.{name}", table, (*settings.match, *settings.fields, *names(settings.order), *settings.only)
        )
        return nested(name, settings, table, lambda column: converter(column, rows.zone))

    async def _table(self, settings: SqlStream | SqlRows) -> Table:
        try:
            return await self._reader.run(lambda each: reflect(each, settings.table, settings.schema, raw=True))
        except NoSuchTableError as error:
            raise SourceDown(f"{self.name}: there is no table {settings.table}") from error

    def _check_columns(self, stream: str, table: Table, wanted: Sequence[str]) -> None:
        missing = [name for name in dict.fromkeys(wanted) if name and name not in table.c]
        if missing:
            has = ", ".join(table.c.keys())
            raise SourceDown(f"{self.name}.{stream}: {table.name} has no column {', '.join(missing)} (it has {has})")

    def _make_rows(self, stream: str, settings: SqlStream) -> Rows:
        place = f"sources.{self.name}.streams.{stream}"
        known = (*settings.fields, *settings.rows) if settings.fields else None

        def formula(text: str, key: str) -> Formula | None:
            return Formula(text, f"{place}.{key}", self._surroundings, known) if text else None

        zone = ZoneInfo(self._settings.timezone) if self._settings.timezone else self._surroundings.zone
        return Rows(
            self.name, stream, settings, zone, formula(settings.where, "where"), formula(settings.deleted, "deleted")
        )


def open_sql(name: str, settings: SqlSource, surroundings: Surroundings) -> SqlConnector:
    """Make the connector; it connects on first use. Raises ConfigError."""
    try:
        patience = settings.timeout.total_seconds() / 2
        reader = open_database(settings.url, surroundings.home, patience=patience)
        writer = None
        if settings.write:
            writer = open_database(settings.url, surroundings.home, write=True, patience=patience)
    except (SQLAlchemyError, ImportError) as error:
        problem = Problem(
            code="bad-url",
            message=f"no database can be opened by this url: {words(error)}",
            place=Place(f"sources.{name}.url"),
            hint="e.g. sqlite:///erp.db or postgresql://user@host/database; install the driver of other dialects",
        )
        raise ConfigError((problem,)) from error
    return SqlConnector(name, settings, surroundings, reader, writer)


def words(error: BaseException) -> str:
    """Return the database's own words without the statement."""
    original = getattr(error, "orig", None) or error
    text = str(original).strip().splitlines()
    return text[0] if text else type(original).__name__
