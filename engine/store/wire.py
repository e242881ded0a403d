"""The writer's connection: a piece of work on it is one trip, to a thread of its own or to the server."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, CursorResult, Engine, Row
from sqlalchemy.exc import MultipleResultsFound, NoResultFound
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """All of a statement's rows, brought over at once."""

    rows: Sequence[Row[*tuple[Any, ...]]]
    rowcount: int

    @classmethod
    def of(cls, result: "CursorResult[*tuple[Any, ...]]") -> "Answer":
        """Read the result to its end."""
        return cls(result.all() if result.returns_rows else (), result.rowcount)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def scalars(self) -> list[Any]:
        """The first column."""
        return [row[0] for row in self.rows]

    def scalar(self) -> Any:  # noqa: ANN401  (a column's value)
        """The first column of the first row, None without rows."""
        return self.rows[0][0] if self.rows else None

    def one_or_none(self) -> Row[*tuple[Any, ...]] | None:
        """The only row, None without rows."""
        if len(self.rows) > 1:
            raise MultipleResultsFound
        return self.rows[0] if self.rows else None

    def one(self) -> Row[*tuple[Any, ...]]:
        """The only row."""
        row = self.one_or_none()
        if row is None:
            raise NoResultFound
        return row


class Wire(Protocol):
    """One connection, opened when first used and again after it was closed."""

    async def do(self, work: Callable[[Connection], T]) -> T:
        """Run the work on the connection, to its end even when the caller is cancelled."""
        ...

    async def close(self) -> None:
        """Close the connection."""
        ...


class ThreadWire:
    """A connection of SQLite's blocking driver in a thread of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="opslayer-writer")
        self._connection: Connection | None = None

    async def do(self, work: Callable[[Connection], T]) -> T:
        """See Wire."""
        return await unbroken(asyncio.get_running_loop().run_in_executor(self._thread, self._do, work))

    def _do(self, work: Callable[[Connection], T]) -> T:
        if self._connection is None:
            self._connection = self._engine.connect()
        return work(self._connection)

    async def close(self) -> None:
        """See Wire."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await unbroken(asyncio.get_running_loop().run_in_executor(self._thread, connection.close))


class AsyncWire:
    """A connection of an asynchronous driver."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None

    async def do(self, work: Callable[[Connection], T]) -> T:
        """See Wire."""
        return await unbroken(self._do(work))

    async def _do(self, work: Callable[[Connection], T]) -> T:
        if self._connection is None:
            self._connection = await self._engine.connect()
        return await self._connection.run_sync(work)

    async def close(self) -> None:
        """See Wire."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await unbroken(connection.close())


async def unbroken(work: Awaitable[T]) -> T:
    """Await to the end even when the caller is cancelled: a cut statement would cost every member the connection."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()
        raise
