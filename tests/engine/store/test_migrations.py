"""The migrations make exactly the tables that the code expects, and may run again."""

import sqlite3
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from engine.store import StoreUnavailable, connect, upgrade
from engine.store.schema import metadata

OPTIONS = {
    "compare_type": True,
    # the index of words is the databases' own: FTS5's tables, and an index on an expression
    "include_object": lambda _thing, name, *_more: (
        not (name or "").startswith(("remembered_words", "ix_remembered_words"))
    ),
}


async def differences(url):
    wire = connect.wire(connect.parse_url(url))
    try:
        return await wire.do(lambda sync: compare_metadata(MigrationContext.configure(sync, opts=OPTIONS), metadata))
    finally:
        await wire.close()


async def test_migrated_tables_are_those_of_the_code(url):
    await upgrade(url)
    assert await differences(url) == []


async def test_an_upgrade_again_changes_nothing(url, opener, make):
    await upgrade(url)
    store = await opener(url)
    await make.fill(store, 2)
    await upgrade(url)
    assert (await store.verify()).entries == 2


async def test_a_store_of_another_version_is_not_opened_unless_it_may_be_migrated(sqlite_url, opener):
    with pytest.raises(StoreUnavailable, match="opslayer migrate-db"):
        await opener(sqlite_url, migrate_first=False)
    await upgrade(sqlite_url)
    assert (await (await opener(sqlite_url, migrate_first=False)).verify()).problems == ()


async def test_a_migration_that_fails_leaves_nothing(tmp_path, sqlite_url):
    with closing(sqlite3.connect(tmp_path / "store.db")) as database:
        database.execute("CREATE TABLE switches (other TEXT)")
        with pytest.raises(StoreUnavailable):
            await upgrade(sqlite_url)
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert names == [("switches",)]
