"""Group commit: transactions that meet share one database transaction, and each is acknowledged after its commit.

A block runs while it holds the turn. When it ends it queues for the turn again, behind every block that was waiting;
those run in the same database transaction, and whoever gets the turn first without a block of its own commits for all.
So a lone block commits at once, and 128 of them pay for one sync of the disk. A block that fails goes back to its
savepoint and fails alone.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import Connection, Executable, RootTransaction

from engine.store.errors import StoreUnavailable, died, translated
from engine.store.journal import Tail
from engine.store.wire import Answer, Wire, unbroken

_LOST: Final = "Another transaction of the same commit failed and took this one with it. Nothing was stored; try again."


_READERS_END_MS: Final = 5000
_SAVEPOINT: Final = "SAVEPOINT block"  # one name for all, so that a server prepares it once
_RELEASE: Final = "RELEASE SAVEPOINT block"
_ROLLBACK: Final = "ROLLBACK TO SAVEPOINT block"


class Unit:
    """One database transaction, shared by the blocks that gathered."""

    def __init__(self, wire: Wire, outer: RootTransaction, tail: Tail) -> None:
        self._wire = wire
        self._outer = outer
        self._inner = False
        self._done = False
        self.tail = tail
        self.members = 0
        self.state = "open"

    async def execute(self, statement: Executable, rows: Any = None) -> Answer:  # noqa: ANN401  (values to bind)
        """Run a statement of the present block; the first one sets the block's savepoint."""
        if self.state != "open":
            raise StoreUnavailable(_LOST)

        def work(connection: Connection) -> Answer:
            self._release(connection)
            if self.members and not self._inner:
                connection.exec_driver_sql(_SAVEPOINT)
                self._inner = True
            return Answer.of(connection.execute(statement, rows))

        try:
            with translated():
                return await self._wire.do(work)
        except StoreUnavailable:
            await self.abandon()  # SQLite may have rolled everything back already
            raise

    @asynccontextmanager
    async def block(self) -> AsyncIterator[None]:
        """Run one caller's work; undone alone when it raises."""
        mark = self.tail.mark()
        try:
            yield
        except BaseException:
            self.tail.reset(mark)
            await self._undo()
            raise
        if self._inner:
            self._done, self._inner = True, False
        self.members += 1

    def _release(self, connection: Connection) -> None:
        """Let go of the savepoint of the block before; put off until here to save a trip."""
        if self._done:
            connection.exec_driver_sql(_RELEASE)
            self._done = False

    async def _undo(self) -> None:
        """Back to the savepoint, or give up the whole when the block ran alone or the savepoint is lost."""
        inner, self._inner = self._inner, False
        if self.state != "open" or (self.members and not inner):
            return
        try:
            if inner:
                await self._wire.do(lambda connection: connection.exec_driver_sql(_ROLLBACK))
                self._done = True
                return
        except Exception:  # noqa: BLE001  (the driver's; the whole is given up below, and every member is told)
            self.state = "lost"
        await self.abandon()

    async def flush(self) -> None:
        """Write the entries that have gathered."""
        await self._finish(self._write, committing=False)

    async def commit(self) -> None:
        """Make everything durable; raises StoreUnavailable and stores nothing when that fails."""
        if self.state == "open":
            await self._finish(self._write_and_commit, committing=True)
            self.state = "committed"

    async def _finish(self, work: Callable[[Connection], None], *, committing: bool) -> None:
        try:
            with translated(committing=committing):
                await self._wire.do(work)
        except BaseException:
            await self.abandon()
            raise

    def _write(self, connection: Connection) -> None:
        self._release(connection)
        self.tail.flush(connection)

    def _write_and_commit(self, connection: Connection) -> None:
        self._write(connection)
        self._outer.commit()

    async def abandon(self) -> None:
        """Give up the database transaction."""
        self.state = "lost"
        try:
            await self._wire.do(lambda _: self._outer.rollback())
        except Exception:  # noqa: BLE001  (the connection is gone or half-dead; the next unit opens another)
            await self._wire.do(lambda connection: connection.invalidate())


class Writer:
    """The one connection that writes, and the turn to use it."""

    def __init__(
        self,
        wire: Wire,
        *,
        opened: Callable[[Unit], None],
        committed: Callable[[Unit], Awaitable[None]],
        undone: Callable[[], None],
    ) -> None:
        self._wire = wire
        self._opened = opened
        self._committed = committed
        self._undone = undone
        self._turn = asyncio.Lock()
        self._holder: asyncio.Task[Any] | None = None
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
            with contextlib.suppress(StoreUnavailable):  # each member learns of it when it settles
                await self._relieve(unit)
            raise
        finally:
            if unit.state == "lost":
                self._unit = None

    async def _relieve(self, unit: Unit) -> None:
        """Commit for the blocks before a failed one, so that whoever recovers next reads all that stands."""
        if unit.state == "open" and unit.members and self._unit is unit:
            await self._close()

    async def _begin(self) -> Unit:
        try:
            self._unit = await self._begin_once()
        except StoreUnavailable as fault:
            if not died(fault):
                raise
            self._unit = await self._begin_once()  # the connection died while nobody used it
        self._opened(self._unit)
        return self._unit

    async def _begin_once(self) -> Unit:
        def begin(connection: Connection) -> tuple[RootTransaction, Tail]:
            return connection.begin(), Tail.read(connection)

        try:
            with translated():
                return Unit(self._wire, *await self._wire.do(begin))
        except BaseException:
            await self._wire.close()
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
            with translated():
                await self._wire.do(_truncate)


def _truncate(connection: Connection) -> None:
    cursor = connection.connection.cursor()
    for words in (f"busy_timeout={_READERS_END_MS}", "wal_checkpoint(TRUNCATE)", "busy_timeout=0"):
        cursor.execute(f"PRAGMA {words}")
    cursor.close()
