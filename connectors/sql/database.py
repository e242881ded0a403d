"""A connection to any SQLAlchemy dialect: an async driver where there is one, else a thread; read only unless asked."""

import asyncio
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, MetaData, Table, create_engine, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.types import NullType

T = TypeVar("T")
ASYNC_DRIVERS = {"sqlite": "aiosqlite", "postgresql": "asyncpg", "mysql": "asyncmy", "mariadb": "asyncmy"}


class Database(Protocol):
    """Runs a function with a synchronous connection; what the function does not commit is rolled back."""

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` returns."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...


class AsyncDatabase:
    """A database whose driver is asynchronous."""

    def __init__(self, engine: AsyncEngine, options: dict[str, Any]) -> None:
        self._engine = engine
        self._options = options

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one connection."""
        async with self._engine.connect() as connection:
            await connection.execution_options(**self._options)
            return await connection.run_sync(work)

    async def aclose(self) -> None:
        """Close the pool."""
        await self._engine.dispose()


class ThreadDatabase:
    """A database whose driver blocks; it gets a thread for each call."""

    def __init__(self, engine: Engine, options: dict[str, Any]) -> None:
        self._engine = engine
        self._options = options

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one connection in a thread."""
        return await asyncio.to_thread(self._run, work)

    def _run(self, work: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            connection.execution_options(**self._options)
            return work(connection)

    async def aclose(self) -> None:
        """Close the pool."""
        await asyncio.to_thread(self._engine.dispose)


def open_database(url: str, home: Path, *, write: bool = False, patience: float = 30.0) -> Database:
    """Make the engine, which connects on first use; raises ArgumentError, ImportError (no such dialect, no driver).

    `patience`: seconds that SQLite waits for another's lock, which nothing else can interrupt.
    """
    target = _with_driver(make_url(url))
    dialect = target.get_backend_name()
    if dialect == "sqlite":
        target = _sqlite(target, home, "rw" if write else "ro")
    options = {"postgresql_readonly": True} if dialect == "postgresql" and not write else {}
    arguments: dict[str, Any] = {"pool_pre_ping": True, "connect_args": _arguments(dialect, write, patience)}
    if target.get_dialect().is_async:
        return AsyncDatabase(create_async_engine(target, **arguments), options)
    return ThreadDatabase(create_engine(target, **arguments), options)


def _arguments(dialect: str, write: bool, patience: float) -> dict[str, Any]:
    if dialect == "sqlite":
        return {"timeout": patience}
    if dialect in {"mysql", "mariadb"} and not write:
        return {"init_command": "SET SESSION TRANSACTION READ ONLY"}
    return {}


def _with_driver(url: URL) -> URL:
    if url.drivername == "postgres":
        url = url.set(drivername="postgresql")
    driver = ASYNC_DRIVERS.get(url.drivername)
    if driver is None or find_spec(driver) is None:
        return url
    return url.set(drivername=f"{url.drivername}+{driver}")


def _sqlite(url: URL, home: Path, mode: str) -> URL:
    path = (home / (url.database or "")).resolve()
    return url.set(database=f"file:{quote(str(path))}", query={"mode": mode, "uri": "true"})


def reflect(connection: Connection, name: str, schema: str, *, raw: bool) -> Table:
    """Read a table's columns; raises NoSuchTableError.

    SQLite keeps what it is given whatever the column says, so with `raw` its values pass as they are.
    """
    table = Table(name, MetaData(), schema=schema or None, autoload_with=connection, resolve_fks=False)
    if raw and connection.dialect.name == "sqlite":
        for column in table.columns:
            column.info["declared"] = column.type
            column.type = NullType()
    return table
