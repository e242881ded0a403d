"""Opening databases: addresses, the settings a connection must have, and the two engines of a store."""

from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from engine.store.errors import StoreUnavailable
from engine.store.looking import AsyncLooking, Looking, ThreadLooking
from engine.store.stirring import FileStirring, ServerStirring, Stirring
from engine.store.turns import PATIENCE, patient, turn
from engine.store.wire import AsyncWire, ThreadWire, Wire

_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
_BUSY_MS: Final = int(PATIENCE * 1000)
_READERS: Final = 8

_COMMON: Final = (f"busy_timeout={_BUSY_MS}", "foreign_keys=ON", "trusted_schema=OFF")
DURABLE: Final = (*_COMMON, "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON")
"""A writer that loses nothing when the power goes, and overwrites what it deletes."""
FLEETING: Final = (*_COMMON, "journal_mode=WAL", "synchronous=OFF", "secure_delete=ON")
"""A writer of a database that ends with its process."""
IN_TURN: Final = "busy_timeout=0"
"""Once connected the writer waits in its turn: SQLite's own waiting looks only ten times a second."""
READING: Final = (*_COMMON, "query_only=ON")


def parse_url(url: str) -> URL:
    """The address with its asynchronous driver; raises StoreUnavailable when it is none of ours."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as fault:
        raise StoreUnavailable(
            "The settings' `database` is no address; write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."
        ) from fault  # and it is not repeated: there is a password in it
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


def wire(url: URL, *, durable: bool = True) -> Wire:
    """The connection of a store's writer, and of migrations."""
    if not is_sqlite(url):
        return AsyncWire(administrator(url))
    database = Path(url.database or "")
    _make_folder(database)
    engine = create_engine(url.set(drivername="sqlite"), hide_parameters=True, poolclass=NullPool)
    event.listen(engine, "connect", partial(_connect_in_turn, database, DURABLE if durable else FLEETING))
    event.listen(engine, "begin", partial(_begin_in_turn, database))
    return ThreadWire(engine)


def administrator(url: URL) -> AsyncEngine:
    """An engine for single connections to a server."""
    return create_async_engine(url, hide_parameters=True, poolclass=NullPool)


def looking(url: URL) -> Looking:
    """Connections for reading one statement at a time."""
    if not is_sqlite(url):
        options = {"pool_size": _READERS, "isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
        return AsyncLooking(create_async_engine(url, hide_parameters=True, **options))
    engine = create_engine(url.set(drivername="sqlite"), hide_parameters=True, pool_size=_READERS, max_overflow=0)
    _sqlite(engine, READING)
    return ThreadLooking(engine, _READERS)


def stirring(url: URL, looking: Looking) -> Stirring:
    """What tells soon that any process has written."""
    return FileStirring(Path(url.database or "")) if is_sqlite(url) else ServerStirring(administrator(url), looking)


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
        for pragma in pragmas:
            _say(connection, f"PRAGMA {pragma}")

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", on_connect)
    if begin:
        event.listen(engine, "begin", on_begin)


def _connect_in_turn(database: Path, pragmas: tuple[str, ...], connection: Any, _record: object) -> None:  # noqa: ANN401
    """Make the settings; SQLite itself does not wait when it is asked for a log while another program writes."""
    connection.isolation_level = None
    with turn(database) as until:
        for pragma in (*pragmas, IN_TURN):
            if not patient(partial(_say, connection, f"PRAGMA {pragma}"), until):
                _say(connection, f"PRAGMA {pragma}")


def _begin_in_turn(database: Path, connection: Connection) -> None:
    """Begin to write as soon as nobody else does; an error is SQLAlchemy's."""
    with turn(database) as until:
        if patient(partial(_say, connection.connection, "BEGIN IMMEDIATE"), until):
            return
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _say(connection: Any, words: str) -> None:  # noqa: ANN401  (a driver's connection)
    cursor = connection.cursor()
    try:
        cursor.execute(words)
    finally:
        cursor.close()
