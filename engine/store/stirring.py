"""Learning soon that the journal has grown, whichever process wrote: a hint, and nobody may rest on it.

Whoever is told looks for themselves, and looks now and then without being told. SQLite is asked (a look costs
microseconds and touches no disk); PostgreSQL tells by NOTIFY, sent after a commit and not within it, as the commit of
a transaction that notifies holds a lock over the whole server.
https://sqlite.org/pragma.html#pragma_data_version, https://www.postgresql.org/docs/current/sql-notify.html
"""

import asyncio
import contextlib
import sqlite3
from pathlib import Path
from time import monotonic
from typing import Any, Final, Protocol
from urllib.parse import quote

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from engine.store.errors import StoreUnavailable
from engine.store.looking import Looking

LOOK_SECONDS: Final = 0.04
"""How often SQLite is asked, and how often PostgreSQL is told at most."""
LAST_SECONDS: Final = 1.0
"""How long a store that closes waits for its last hint to be sent."""
CHANNEL: Final = "opslayer"
_HEAD: Final = 'SELECT seq FROM heads WHERE "partition" = 0'
_NOTIFY: Final = select(func.pg_notify(CHANNEL, ""))


class Stirring(Protocol):
    """What is told of the journal's growth."""

    async def wait(self, seconds: float) -> bool:
        """Wait until the journal has grown since the last wait, or so long; whether it may have."""
        ...

    def committed(self) -> None:
        """Tell other processes that the journal has grown."""
        ...

    async def close(self) -> None:
        """Tell what is to be told still, and let go of connections."""
        ...


class FileStirring:
    """SQLite's own count of commits, and behind each change of it the number of the last entry."""

    def __init__(self, database: Path) -> None:
        self._address = f"file:{quote(str(database))}?mode=ro"
        self._connection: sqlite3.Connection | None = None
        self._version = self._head = -1

    async def wait(self, seconds: float) -> bool:
        """See Stirring."""
        until = monotonic() + seconds
        while not self._moved():
            left = until - monotonic()
            if left <= 0:
                return False
            await asyncio.sleep(min(LOOK_SECONDS, left))
        return True

    def _moved(self) -> bool:
        version, head = self._version, self._head
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(self._address, uri=True, timeout=0, isolation_level=None)
            (self._version,) = self._connection.execute("PRAGMA data_version").fetchone()
            if version != self._version:
                (self._head,) = self._connection.execute(_HEAD).fetchone()
        except sqlite3.Error:  # what is wrong with the file is told by whoever reads or writes it
            self._let_go()
        return head != self._head

    def committed(self) -> None:
        """See Stirring. The file itself tells it."""

    async def close(self) -> None:
        """See Stirring."""
        self._let_go()

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection, self._version = None, -1


class ServerStirring:
    """PostgreSQL's LISTEN and NOTIFY; where they do not get through, as behind some poolers, nothing is heard."""

    def __init__(self, engine: AsyncEngine, looking: Looking) -> None:
        self._engine = engine
        self._looking = looking
        self._heard = asyncio.Event()
        self._connection: AsyncConnection | None = None
        self._telling: asyncio.Task[None] | None = None
        self._more = False

    async def wait(self, seconds: float) -> bool:
        """See Stirring."""
        try:
            await self._listen()
        except (OSError, DBAPIError):  # the server is gone, which whoever reads or writes says better
            await asyncio.sleep(seconds)
            return False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._heard.wait()
        heard = self._heard.is_set()
        self._heard.clear()
        return heard

    async def _listen(self) -> None:
        if self._connection is not None and not self._driver(await self._connection.get_raw_connection()).is_closed():
            return
        await self._let_go()
        self._connection = await self._engine.connect()
        driver = self._driver(await self._connection.get_raw_connection())
        await driver.add_listener(CHANNEL, lambda *_: self._heard.set())

    @staticmethod
    def _driver(raw: Any) -> Any:  # noqa: ANN401  (asyncpg's connection)
        return raw.driver_connection

    def committed(self) -> None:
        """See Stirring."""
        self._more = True
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        """Tell of all commits that have gathered."""
        while self._more:
            self._more = False
            with contextlib.suppress(StoreUnavailable):
                await self._looking.rows(_NOTIFY, {})
            await asyncio.sleep(LOOK_SECONDS)

    async def close(self) -> None:
        """See Stirring."""
        if self._telling is not None:
            _, late = await asyncio.wait({self._telling}, timeout=LAST_SECONDS)
            for each in late:
                each.cancel()
        await self._let_go()
        await self._engine.dispose()

    async def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OSError, DBAPIError):
                await connection.invalidate()  # it listens, and is for no other use
                await connection.close()
