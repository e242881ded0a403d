"""When the database cannot be used, a person is told what to do, and nothing is half-written."""

import asyncio
import os
import sqlite3
import stat
from functools import partial

import pytest

from engine.store import StoreUnavailable
from engine.store.connect import DURABLE, parse_url
from engine.store.turns import turn


async def test_the_writer_is_durable_and_readers_only_read(sqlite_url, opener):
    store = await opener(sqlite_url)
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
    found = {name: await pragma(store, name) for name in names}
    full = 2
    assert found == {
        "journal_mode": "wal", "synchronous": full, "foreign_keys": 1, "busy_timeout": 0, "secure_delete": 1,
    }  # fmt: skip
    async with store._snapshot() as reading:
        assert (await reading.exec_driver_sql("PRAGMA query_only")).scalar() == 1
    assert "synchronous=FULL" in DURABLE


async def pragma(store, words):
    """Run a pragma on the writer's connection, outside any transaction."""

    def work(connection):
        cursor = connection.connection.cursor()
        row = cursor.execute(f"PRAGMA {words}").fetchone()
        cursor.close()
        return row and row[0]

    return await store._wire.do(work)


@pytest.mark.parametrize("url", ["nonsense", "mysql://root@localhost/x", ""])
def test_an_address_of_no_supported_database_is_refused(url):
    with pytest.raises(StoreUnavailable, match="sqlite:///FILE or postgresql://"):
        parse_url(url)


@pytest.mark.parametrize("url", ["postgres:/ada:s3cret@db/ops", "s3cret", "mysql://ada:s3cret@localhost/x"])
def test_an_address_that_is_none_is_not_repeated_for_its_password(url):
    with pytest.raises(StoreUnavailable) as told:
        parse_url(url)
    assert "s3cret" not in str(told.value)


async def test_a_database_held_by_another_program(tmp_path, sqlite_url, opener, make, monkeypatch):
    monkeypatch.setattr("engine.store.connect.turn", partial(turn, patience=0.05))
    store = await opener(sqlite_url)
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="Another program holds the database") as told:
        await make.fill(store, 1)
    assert "Nothing was stored" in str(told.value)
    other.execute("ROLLBACK")
    other.close()
    await make.fill(store, 1)
    assert len(await store.entries()) == 1


async def test_a_full_disk_stores_nothing_and_the_store_goes_on_after(sqlite_url, opener, make):
    store = await opener(sqlite_url)
    await make.fill(store, 1)
    await pragma(store, f"max_page_count = {await pragma(store, 'page_count')}")
    big = {"text": "x" * 2_000_000}

    async def work(body):
        async with store.transaction() as tx:
            await tx.set_cursor("erp", "a", "1")
            await tx.append(make.entry(body=body))

    results = await asyncio.gather(work({}), work(big), work({}), return_exceptions=True)
    assert {type(each) for each in results} == {StoreUnavailable}
    assert any("disk is full" in str(each) for each in results)
    async with store.transaction() as tx:
        assert await tx.cursor("erp", "a") == ""
    await pragma(store, "max_page_count = 1073741823")
    await work(big)
    assert [each.seq for each in await store.entries()] == [1, 2]
    assert (await store.verify()).problems == ()


async def test_a_file_that_may_not_be_written(tmp_path, sqlite_url, opener, make):
    store = await opener(sqlite_url)
    await make.fill(store, 1)
    await store._wire.close()
    if os.geteuid() == 0:
        await pragma(store, "query_only = ON")  # what a read-only file does, for a user whom no file refuses
    else:
        (tmp_path / "store.db").chmod(stat.S_IREAD)
    with pytest.raises(StoreUnavailable, match="may not be written"):
        await make.fill(store, 1)
    (tmp_path / "store.db").chmod(0o600)
    await store._wire.close()
    await make.fill(store, 1)
    assert len(await store.entries()) == 2


async def test_a_folder_that_cannot_be_made(tmp_path, opener):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        await opener(f"sqlite:///{tmp_path}/file/store.db")


async def test_a_file_that_is_no_database(tmp_path, opener):
    (tmp_path / "store.db").write_bytes(b"something else" * 1000)
    with pytest.raises(StoreUnavailable, match="no database"):
        await opener(f"sqlite:///{tmp_path}/store.db")


async def test_a_server_that_does_not_answer(opener):
    with pytest.raises(StoreUnavailable, match="look whether it runs"):
        await opener("postgresql://nobody@127.0.0.1:1/none")


async def test_a_server_that_went_away_and_came_back(postgres_url, terminate, opener, make):
    store = await opener(postgres_url)
    await make.fill(store, 1)
    await store.entries()
    await terminate(postgres_url)
    await make.fill(store, 1)
    assert len(await store.entries()) == 2

    async def cut_off():
        async with store.transaction() as tx:
            await tx.append(make.entry())
            await terminate(postgres_url)
            await tx.set_cursor("erp", "a", "1")

    with pytest.raises(StoreUnavailable):
        await cut_off()
    await make.fill(store, 1)
    assert len(await store.entries()) == 3
    assert (await store.verify()).problems == ()


async def test_a_connection_lost_before_the_commit_leaves_a_sound_journal(postgres_url, terminate, opener, make):
    store = await opener(postgres_url)

    async def cut_off():
        async with store.transaction() as tx:
            await tx.append(make.entry())
            await terminate(postgres_url)

    with pytest.raises(StoreUnavailable):
        await cut_off()
    await make.fill(store, 1)
    assert (await store.verify()).problems == ()
