"""Stores for the tests: SQLite in a file, in memory, and PostgreSQL where one answers."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from engine.store import SqlStore, open_store
from tests.approvals.world import SECRET, ManualClock, World

POSTGRES = os.environ.get("OPSLAYER_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")


async def run_sql(url: str, *statements: str) -> None:
    """Run SQL past the store, as an intruder or an administrator would."""
    driver = "sqlite+aiosqlite" if url.startswith("sqlite") else "postgresql+asyncpg"
    engine = create_async_engine(make_url(url).set(drivername=driver), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))
    finally:
        await engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database on each kind of server."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.db"
        return
    with postgresql() as address:
        yield address


@contextmanager
def postgresql() -> Iterator[str]:
    """Make an empty database for as long as the block; skips the test where no server answers."""
    name = f"opslayer_approvals_{secrets.token_hex(6)}"
    try:
        asyncio.run(run_sql(POSTGRES, f"CREATE DATABASE {name}"))
    except OSError as fault:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no PostgreSQL at {POSTGRES}: {fault}")
    try:
        yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    finally:
        asyncio.run(run_sql(POSTGRES, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def store(clock: ManualClock) -> AsyncIterator[SqlStore]:
    opened = await open_store("sqlite://", clock=clock, secret=SECRET)
    yield opened
    await opened.aclose()


@pytest.fixture
async def durable(url: str, clock: ManualClock) -> AsyncIterator[SqlStore]:
    opened = await open_store(url, clock=clock, secret=SECRET)
    yield opened
    await opened.aclose()


@pytest.fixture
def world(store: SqlStore, clock: ManualClock) -> World:
    return World(store, clock)


@pytest.fixture
def real(durable: SqlStore, clock: ManualClock) -> World:
    return World(durable, clock)
