"""The migrations make exactly the tables that the code expects, and may run again."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from engine.store import StoreUnavailable, upgrade
from engine.store.connect import parse_url, writer
from engine.store.schema import metadata

OPTIONS = {
    "compare_type": True,
    # the index of words is the databases' own: FTS5's tables, and an index on an expression
    "include_object": lambda _thing, name, *_more: (
        not (name or "").startswith(("remembered_words", "ix_remembered_words"))
    ),
}


async def differences(url):
    engine = writer(parse_url(url))
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(
                lambda sync: compare_metadata(MigrationContext.configure(sync, opts=OPTIONS), metadata)
            )
    finally:
        await engine.dispose()


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


async def test_a_migration_that_fails_leaves_nothing(sqlite_url):
    engine = writer(parse_url(sqlite_url))
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE switches (other TEXT)"))
    with pytest.raises(StoreUnavailable):
        await upgrade(sqlite_url)
    async with engine.connect() as connection:
        names = (await connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))).scalars().all()
    await engine.dispose()
    assert names == ["switches"]
