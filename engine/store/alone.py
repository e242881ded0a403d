"""Whether any other program uses a database, before what may be done only alone."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, text

from engine.store import connect
from engine.store.errors import StoreUnavailable, translated

_OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


async def alone(url: str) -> None:
    """Raise StoreUnavailable when some other program has the database open."""
    parsed = connect.parse_url(url)
    if not connect.is_sqlite(parsed):
        await alone_on_server(parsed)
    else:
        await asyncio.to_thread(alone_in_file, Path(parsed.database or ""))


def alone_in_file(place: Path) -> None:
    """Make sure that no program has the file open: only then SQLite lets its log be given up."""
    if not place.exists():
        return
    try:
        with closing(sqlite3.connect(place, timeout=1)) as database:
            database.execute("PRAGMA journal_mode=DELETE").fetchone()
            database.execute("BEGIN EXCLUSIVE")
            database.execute("ROLLBACK")
    except sqlite3.OperationalError as fault:
        if "locked" in str(fault):
            raise StoreUnavailable(
                f"A program uses {place}; stop every `serve` and `worker`, then try again."
            ) from fault
        raise StoreUnavailable(f"{place} cannot be opened: {fault}; move it away, then try again.") from fault
    except sqlite3.DatabaseError:
        return  # damaged: the reason why somebody restores


async def alone_on_server(url: URL) -> None:
    """Raise StoreUnavailable when there are other connections to the database."""
    engine = connect.administrator(url)
    try:
        with translated():
            async with engine.connect() as connection:
                others = (await connection.execute(text(_OTHERS))).scalar_one()
    finally:
        await engine.dispose()
    if others:
        raise StoreUnavailable(
            f"{others} other connections use the database; stop every `serve` and `worker`, then try again."
        )
