"""Every test here runs on SQLite and, where one answers, on PostgreSQL."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from engine.canonical import action_digest
from engine.events import Action, ActionKey, Decision, Proof
from engine.ports import Entry
from engine.store import SqlStore, connect, open_store, upgrade

POSTGRES = os.environ.get("OPSLAYER_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
SECRET = b"a secret of the tests, 32 bytes+"
START = datetime(2026, 1, 5, 8, tzinfo=UTC)


class TestClock:
    """Stands where it is put."""

    __test__ = False

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def advance(self, **by: float) -> None:
        self.time += timedelta(**by)


async def on_server(*statements: str) -> None:
    """Run statements on the PostgreSQL server, outside any transaction."""
    url = make_url(POSTGRES).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))
    finally:
        await engine.dispose()


def named(database: str) -> str:
    return make_url(POSTGRES).set(database=database).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """A migrated database to copy; skips when no server answers, but not where CI promises one."""
    name = f"opslayer_template_{secrets.token_hex(4)}"
    try:
        asyncio.run(on_server(f"CREATE DATABASE {name}"))
    except OSError as fault:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no PostgreSQL at {POSTGRES}: {fault}")
    asyncio.run(upgrade(named(name)))
    yield name
    asyncio.run(on_server(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


Opener = Callable[..., Awaitable[SqlStore]]


@pytest.fixture
async def opener(clock: TestClock, tmp_path: Path) -> AsyncIterator[Opener]:
    """Opens stores, and closes them after the test."""
    async with AsyncExitStack() as stack:

        async def open_one(url: str, **options: Any) -> SqlStore:
            given = {"clock": clock, "secret": SECRET, "anchor": tmp_path / "anchor.log"} | options
            store = await open_store(url, **given)
            stack.push_async_callback(store.aclose)
            return store

        yield open_one


@pytest.fixture
async def store(url: str, opener: Opener) -> SqlStore:
    return await opener(url)


@pytest.fixture
def raw(url: str) -> Callable[..., Awaitable[list[Any]]]:
    """Runs SQL as an intruder would, with foreign keys and triggers out of the way."""
    return lambda *statements: run_raw(url, *statements)


async def run_raw(url: str, *statements: str) -> list[Any]:
    sqlite = url.startswith("sqlite")
    engine = create_async_engine(
        make_url(url).set(drivername="sqlite+aiosqlite" if sqlite else "postgresql+asyncpg"), poolclass=NullPool
    )
    rows: list[Any] = []
    try:
        async with engine.begin() as connection:
            if sqlite:
                found = await connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
                for (name,) in found.all():
                    await connection.execute(text(f"DROP TRIGGER {name}"))
            else:
                await connection.execute(text("SET session_replication_role = replica"))
            for statement in statements:
                result = await connection.execute(text(statement))
                if result.returns_rows:
                    rows = list(result.all())
    finally:
        await engine.dispose()
    return rows


async def refused(url: str, statement: str) -> None:
    """Run a statement as the writer could, which the database must not let through."""

    def work(connection: Connection) -> None:
        with connection.begin():
            connection.execute(text(statement))

    wire = connect.wire(connect.parse_url(url))
    try:
        with pytest.raises(DBAPIError, match="append-only"):
            await wire.do(work)
    finally:
        await wire.close()


def entry(number: int = 1, **changes: Any) -> Entry:
    given: dict[str, Any] = {"kind": "note", "recorded_at": START, "body": {"number": number}} | changes
    return Entry(**given)


def action(id: str = "a1", **changes: Any) -> Action:
    given: dict[str, Any] = {
        "id": id,
        "key": ActionKey("collections", "overdue", "follow_up", "customer:C1"),
        "state": "pending",
        "version": 1,
        "operation": "crm.create_task",
        "consequence": "low",
        "payload": {"customer": "C1", "title": "Call"},
        "proof": Proof(kind="rule", path="customer:C1"),
        "created_at": START,
        "policy": "internal",
        "recipient": "",
    } | changes
    given.setdefault("digest", action_digest(id, given["operation"], given["payload"]))
    return Action(**given)


def decision(id: str = "d1", **changes: Any) -> Decision:
    given: dict[str, Any] = {
        "id": id,
        "kind": "propose",
        "proposal": id,
        "key": ActionKey("collections", "overdue", "follow_up", "customer:C1"),
        "at": START,
        "revision": "r1",
        "because": "8 days overdue",
        "proof": Proof(kind="rule", path="customer:C1"),
    } | changes
    return Decision(**given)


async def fill(store: SqlStore, count: int, **changes: Any) -> None:
    async with store.transaction() as tx:
        for number in range(count):
            await tx.append(entry(number, **changes))


@pytest.fixture
def make() -> Any:
    """Makers of what the tests store, and `fill`."""
    return SimpleNamespace(entry=entry, action=action, decision=decision, fill=fill, START=START, SECRET=SECRET)


@pytest.fixture
def postgres_url(postgres_template: str) -> Iterator[str]:
    name = f"opslayer_{secrets.token_hex(6)}"
    asyncio.run(on_server(f"CREATE DATABASE {name} TEMPLATE {postgres_template}"))
    yield named(name)
    asyncio.run(on_server(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def terminate() -> Callable[[str], Awaitable[None]]:
    """Ends every connection to a database, as a restart of the server does."""

    async def end(url: str) -> None:
        name = make_url(url).database
        await on_server(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    return end
