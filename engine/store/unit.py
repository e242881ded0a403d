"""Group commit: transactions that meet share one database transaction, and each is acknowledged after its commit.

A block runs while it holds the turn. When it ends it queues for the turn again, behind every block that was waiting;
those run in the same database transaction, and whoever gets the turn first without a block of its own commits for all.
So a lone block commits at once, and 128 of them pay for one sync of the disk. A block that fails goes back to its
savepoint and fails alone.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from sqlalchemy import Executable
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncTransaction

from engine.store.errors import StoreUnavailable, died, translated
from engine.store.journal import Tail

T = TypeVar("T")

_LOST: Final = "Another transaction of the same commit failed and took this one with it. Nothing was stored; try again."


class Unit:
    """One database transaction, shared by the blocks that gathered."""

    def __init__(self, connection: AsyncConnection, outer: AsyncTransaction, tail: Tail) -> None:
        self._connection = connection
        self._outer = outer
        self._inner: AsyncTransaction | None = None
        self.tail = tail
        self.members = 0
        self.state = "open"

    async def execute(self, statement: Executable, rows: Any = None) -> CursorResult[*tuple[Any, ...]]:  # noqa: ANN401  (values to bind)
        """Run a statement of the present block; the first one sets the block's savepoint."""
        if self.state != "open":
            raise StoreUnavailable(_LOST)
        try:
            with translated():
                if self._inner is None and self.members:
                    self._inner = await unbroken(self._connection.begin_nested())
                return await unbroken(self._connection.execute(statement, rows))
        except StoreUnavailable:
            await self.abandon()  # SQLite may have rolled everything back already
            raise

    @asynccontextmanager
    async def block(self) -> AsyncIterator[None]:
        """Run one caller's work; undone alone when it raises."""
        mark = self.tail.mark()
        try:
            yield
            if self._inner is not None:
                with translated():
                    await unbroken(self._inner.commit())
        except BaseException:
            self.tail.reset(mark)
            await self._undo()
            raise
        finally:
            self._inner = None
        self.members += 1

    async def _undo(self) -> None:
        """Back to the savepoint, or give up the whole when the block ran alone or the savepoint is lost."""
        if self.state != "open" or (self.members and self._inner is None):
            return
        try:
            if self._inner is not None and self._inner.is_active:
                await unbroken(self._inner.rollback())
                return
        except Exception:  # noqa: BLE001  (the driver's; the whole is given up below, and every member is told)
            self.state = "lost"
        await self.abandon()

    async def flush(self) -> None:
        """Write the entries that have gathered."""
        try:
            with translated():
                await unbroken(self.tail.flush(self._connection))
        except BaseException:
            await self.abandon()
            raise

    async def commit(self) -> None:
        """Make everything durable; raises StoreUnavailable and stores nothing when that fails."""
        if self.state != "open":
            return
        await self.flush()
        try:
            with translated(committing=True):
                await unbroken(self._outer.commit())
        except BaseException:
            await self.abandon()
            raise
        self.state = "committed"

    async def abandon(self) -> None:
        """Give up the database transaction."""
        self.state = "lost"
        try:
            await unbroken(self._outer.rollback())
        except Exception:  # noqa: BLE001  (the connection is gone or half-dead; the next unit opens another)
            await unbroken(self._connection.invalidate())


class Writer:
    """The one connection that writes, and the turn to use it."""

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        opened: Callable[[Unit], None],
        committed: Callable[[Unit], Awaitable[None]],
        undone: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._opened = opened
        self._committed = committed
        self._undone = undone
        self._turn = asyncio.Lock()
        self._holder: asyncio.Task[Any] | None = None
        self._connection: AsyncConnection | None = None
        self._unit: Unit | None = None

    @asynccontextmanager
    async def unit(self, *, flushed: bool = False) -> AsyncIterator[Unit]:
        """Run a block in the open unit, and come back when it is durable.

        `flushed`: what others appended is written first, so that the block may flush its own and still fail alone.
        """
        task = asyncio.current_task()
        if self._holder is task:
            raise RuntimeError("this task has a transaction open already; use that one")
        async with self._turn:
            self._holder = task
            try:
                unit = self._unit or await self._begin()
                async with self._guarded(unit, flushed=flushed):
                    yield unit
            finally:
                self._holder = None
        await unbroken(self._settle(unit))

    @asynccontextmanager
    async def _guarded(self, unit: Unit, *, flushed: bool) -> AsyncIterator[None]:
        try:
            if flushed:
                await unit.flush()
            async with unit.block():
                yield
        except BaseException:
            self._undone()
            raise
        finally:
            if unit.state == "lost":
                self._unit = None

    async def _begin(self) -> Unit:
        used = self._connection is not None
        try:
            self._unit = await self._begin_once()
        except StoreUnavailable as fault:
            if not (used and died(fault)):
                raise
            self._unit = await self._begin_once()  # the connection died while nobody used it
        self._opened(self._unit)
        return self._unit

    async def _begin_once(self) -> Unit:
        try:
            with translated():
                if self._connection is None or self._connection.invalidated:
                    await self.disconnect()
                    self._connection = await unbroken(self._engine.connect())
                outer = await unbroken(self._connection.begin())
                return Unit(self._connection, outer, await unbroken(Tail.read(self._connection)))
        except BaseException:
            await self.disconnect()
            raise

    async def _settle(self, unit: Unit) -> None:
        async with self._turn:
            if self._unit is unit:
                await self._close()
        if unit.state == "lost":
            raise StoreUnavailable(_LOST)

    async def _close(self) -> None:
        """Commit the open unit, for all its members."""
        unit, self._unit = self._unit, None
        if unit is None:
            return
        try:
            await unit.commit()
        except BaseException:
            self._undone()
            raise
        await self._committed(unit)

    async def checkpoint(self) -> None:
        """Empty SQLite's write-ahead log, where what was deleted would linger; readers may delay it."""
        async with self._turn:
            await self._close()
            if self._connection is not None:
                with translated():
                    raw = await self._connection.get_raw_connection()
                    await unbroken(_truncate(raw.driver_connection))

    async def disconnect(self) -> None:
        """Close the connection; the next unit opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await unbroken(connection.close())


async def _truncate(connection: Any) -> None:  # noqa: ANN401  (aiosqlite's connection)
    cursor = await connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    await cursor.close()


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
