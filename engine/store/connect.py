"""Opening databases: addresses, the settings a connection must have, and the two engines of a store."""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from engine.store.errors import StoreUnavailable
from engine.store.looking import AsyncLooking, Looking, ThreadLooking
from engine.store.wire import AsyncWire, ThreadWire, Wire

_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
_BUSY_MS: Final = 5000
_READERS: Final = 8

_COMMON: Final = (f"busy_timeout={_BUSY_MS}", "foreign_keys=ON", "trusted_schema=OFF")
DURABLE: Final = (*_COMMON, "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON")
"""A writer that loses nothing when the power goes, and overwrites what it deletes."""
FLEETING: Final = (*_COMMON, "journal_mode=WAL", "synchronous=OFF", "secure_delete=ON")
"""A writer of a database that ends with its process."""
READING: Final = (*_COMMON, "query_only=ON")


def parse_url(url: str) -> URL:
    """The address with its asynchronous driver; raises StoreUnavailable when it is none of ours."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as fault:
        raise StoreUnavailable(f"{url!r} is no database address; write sqlite:///FILE or postgresql://...") from fault
    family = parsed.get_backend_name()
    if family not in _DRIVERS:
        raise StoreUnavailable(f"{family} is no supported database; write sqlite:///FILE or postgresql://...")
    return parsed.set(drivername=_DRIVERS[family])


def is_sqlite(url: URL) -> bool:
    """Whether the address names the embedded database."""
    return url.get_backend_name() == "sqlite"


def in_memory(url: URL) -> bool:
    """Whether the database is to end with its process."""
    return is_sqlite(url) and url.database in (None, "", ":memory:")


def writer(url: URL) -> AsyncEngine:
    """An engine for one connection that writes, as migrations need it."""
    engine = create_async_engine(url, hide_parameters=True, poolclass=NullPool)
    if is_sqlite(url):
        _make_folder(Path(url.database or ""))
        _sqlite(engine.sync_engine, DURABLE, "BEGIN IMMEDIATE")
    return engine


def wire(url: URL, *, durable: bool = True) -> Wire:
    """The connection of a store's writer."""
    if not is_sqlite(url):
        return AsyncWire(writer(url))
    engine = create_engine(url.set(drivername="sqlite"), hide_parameters=True, poolclass=NullPool)
    _sqlite(engine, DURABLE if durable else FLEETING, "BEGIN IMMEDIATE")
    return ThreadWire(engine)


def looking(url: URL) -> Looking:
    """Connections for reading one statement at a time."""
    if not is_sqlite(url):
        options = {"pool_size": _READERS, "isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
        return AsyncLooking(create_async_engine(url, hide_parameters=True, **options))
    engine = create_engine(url.set(drivername="sqlite"), hide_parameters=True, pool_size=_READERS, max_overflow=0)
    _sqlite(engine, READING)
    return ThreadLooking(engine, _READERS)


def reader(url: URL) -> AsyncEngine:
    """An engine whose connections only read, each transaction from one state of the database."""
    if is_sqlite(url):
        engine = create_async_engine(url, hide_parameters=True, pool_size=_READERS)
        _sqlite(engine.sync_engine, READING, "BEGIN")
        return engine
    options = {"pool_size": _READERS, "pool_pre_ping": True, "isolation_level": "REPEATABLE READ"}
    return create_async_engine(url, hide_parameters=True, **options)


def _make_folder(database: Path) -> None:
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise StoreUnavailable(
            f"The folder of the database file cannot be opened: {fault}; make it, or name another in the address."
        ) from fault


def _sqlite(engine: Engine, pragmas: tuple[str, ...], begin: str = "") -> None:
    def on_connect(connection: Any, _record: object) -> None:  # noqa: ANN401  (a driver's connection)
        connection.isolation_level = None  # SQLAlchemy says BEGIN, not the driver
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", on_connect)
    if begin:
        event.listen(engine, "begin", on_begin)
