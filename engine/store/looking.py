"""Reading one statement at a time beside the writer: each sees one state of the database and needs no transaction."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from sqlalchemy import Engine, Row, Select
from sqlalchemy.ext.asyncio import AsyncEngine

from engine.store.errors import StoreUnavailable, died, translated

Rows = Sequence[Row[Any]]


class Looking(Protocol):
    """Connections that only read."""

    async def rows(self, statement: Select[Any], values: Mapping[str, Any]) -> Rows:
        """All rows of one statement with its values bound; raises StoreUnavailable."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class ThreadLooking:
    """SQLite's blocking driver, a few at a time: a statement is one trip to a thread."""

    def __init__(self, engine: Engine, most: int) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(max_workers=most, thread_name_prefix="opslayer-reader")

    async def rows(self, statement: Select[Any], values: Mapping[str, Any]) -> Rows:
        """See Looking."""
        with translated():
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._rows, statement, values)

    def _rows(self, statement: Select[Any], values: Mapping[str, Any]) -> Rows:
        with self._engine.connect() as connection:
            return connection.execute(statement, values).all()

    async def close(self) -> None:
        """See Looking."""
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()


class AsyncLooking:
    """An asynchronous driver, without BEGIN and ROLLBACK around each statement."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def rows(self, statement: Select[Any], values: Mapping[str, Any]) -> Rows:
        """See Looking."""
        try:
            return await self._rows(statement, values)
        except StoreUnavailable as fault:
            if not died(fault):
                raise
            return await self._rows(statement, values)  # the connection died while nobody used it

    async def _rows(self, statement: Select[Any], values: Mapping[str, Any]) -> Rows:
        with translated():
            async with self._engine.connect() as connection:
                rows: Rows = (await connection.execute(statement, values)).all()
                return rows

    async def close(self) -> None:
        """See Looking."""
        await self._engine.dispose()
