"""Whoever waits hears soon that the database has changed, whichever process wrote, and waits without work meanwhile."""

import asyncio
import resource
from time import monotonic

from engine.store import stirring


async def settled(store):
    """Hear of all that was before."""
    while await store.stirred(0.3):
        pass


async def test_a_commit_of_another_is_heard_soon_and_once(url, opener, make):
    one, two = await opener(url), await opener(url)
    await settled(one)
    waiting = asyncio.create_task(one.stirred(60))
    await asyncio.sleep(0.1)
    await make.fill(two, 1)
    assert await waiting  # false when its time is over
    await settled(one)
    assert not await one.stirred(0.3)


async def test_what_was_committed_while_nobody_waited_is_heard_at_once(url, opener, make):
    one, two = await opener(url), await opener(url)
    await settled(one)
    await make.fill(two, 3)
    await asyncio.sleep(0.2)
    assert await one.stirred(20)


async def test_what_is_not_in_the_journal_wakes_nobody(url, opener):
    one, two = await opener(url), await opener(url)
    await settled(one)
    async with two.transaction() as tx:
        await tx.set_setting("lease:sync erp", "a beat")
    assert not await one.stirred(0.3)


async def test_waiting_costs_next_to_nothing(url, opener):
    store = await opener(url)
    await settled(store)
    before = resource.getrusage(resource.RUSAGE_SELF)
    assert not await store.stirred(2)
    after = resource.getrusage(resource.RUSAGE_SELF)
    spent = sum(getattr(after, name) - getattr(before, name) for name in ("ru_utime", "ru_stime"))
    assert spent < 0.6  # of two seconds: a loop without a rest would take all of them; 0.006 where nobody else is busy


async def test_hints_gather_while_much_is_written(postgres_url, opener, make, monkeypatch):
    monkeypatch.setattr(stirring, "LOOK_SECONDS", 0.2)
    store, said = await opener(postgres_url), []
    looked = store._looking.rows

    async def rows(statement, values):
        if "pg_notify" in str(statement):
            said.append(statement)
        return await looked(statement, values)

    monkeypatch.setattr(store._looking, "rows", rows)
    began = monotonic()
    for _ in range(30):
        await make.fill(store, 1)
    await asyncio.sleep(0.5)
    assert 1 <= len(said) <= (monotonic() - began) / 0.2 + 2


async def test_who_lost_the_connection_listens_again(postgres_url, opener, make, terminate):
    one, two = await opener(postgres_url), await opener(postgres_url)
    await settled(one)
    await terminate(postgres_url)
    await settled(one)
    await make.fill(two, 1)
    assert await one.stirred(20)


async def test_a_database_that_cannot_be_asked_is_no_fault_of_who_waits(sqlite_url, opener, tmp_path):
    store = await opener(sqlite_url)
    await settled(store)
    (tmp_path / "store.db").rename(tmp_path / "away.db")
    await store._stirring.close()
    assert not await store.stirred(0.1)
    (tmp_path / "away.db").rename(tmp_path / "store.db")
