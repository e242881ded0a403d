"""Erasing a person destroys what was written about them, and the chain still verifies."""

import asyncio
from pathlib import Path

import pytest

from engine.store import StoreUnavailable
from tests.engine.store.conftest import refused

PERSON = "customer:C1"
WORDS = "unmistakable words about Ada Lovelace"


async def about(store, make, count=3, person=PERSON):
    await make.fill(store, count, person=person, subjects=(person,), body={"text": WORDS})


async def test_bodies_are_gone_and_said_to_be_erased(store, make, clock):
    await about(store, make)
    await about(store, make, 1, "customer:C2")
    erasure = await store.erase(PERSON, clock.now(), "admin")
    assert (erasure.seq, erasure.entries, erasure.live) == (5, 3, ())
    stored = await store.entries()
    assert [(each.erased, each.body is None) for each in stored] == [(True, True)] * 3 + [(False, False)] * 2
    assert (stored[4].kind, stored[4].actor, stored[4].subjects) == ("erasure", "admin", (PERSON,))
    report = await store.verify()
    assert (report.erased, report.problems) == (3, ())


async def test_what_comes_after_an_erasure_has_a_key_of_its_own(store, make, clock):
    await about(store, make)
    await store.erase(PERSON, clock.now(), "admin")
    await about(store, make, 1)
    last = (await store.entries())[-1]
    assert (last.body, last.erased) == ({"text": WORDS}, False)
    assert (await store.verify()).problems == ()


async def test_another_process_stops_using_the_key(url, opener, make, clock, tmp_path):
    one, two = await opener(url), await opener(url, anchor=tmp_path / "other.log")
    await about(two, make)
    await one.erase(PERSON, clock.now(), "admin")
    await about(two, make)
    assert [each.erased for each in await one.entries()] == [True] * 3 + [False] * 4
    assert (await one.verify()).problems == ()


async def test_an_erasure_among_other_transactions_is_one_of_them(store, make, clock):
    await asyncio.gather(
        *(about(store, make, 1) for _ in range(10)),
        store.erase(PERSON, clock.now(), "admin"),
        *(about(store, make, 1) for _ in range(10)),
    )
    stored = await store.entries()
    assert [each.seq for each in stored] == list(range(1, 22))
    assert [each.erased for each in stored].count(True) == 10
    assert (await store.verify()).problems == ()


async def test_nothing_of_the_words_is_left_in_the_files(sqlite_url, opener, make, clock, tmp_path):
    store = await opener(sqlite_url)
    await make.fill(store, 1, body={"text": WORDS})
    assert contains(tmp_path, WORDS)
    async with store.transaction() as tx:
        await tx.put_decision(make.decision(because="unforgettable reason"), 1)
    await about(store, make)
    await store.erase(PERSON, clock.now(), "admin")
    assert not contains(tmp_path, "unforgettable reason")


def contains(folder: Path, words: str) -> bool:
    return any(words.encode() in path.read_bytes() for path in folder.glob("store.db*"))


async def test_copies_in_other_tables_go_too_and_live_actions_are_named(store, make, clock):
    async with store.transaction() as tx:
        await tx.put_action(make.action("ended", state="sent", payload={"title": WORDS}, because=WORDS), None, None)
        await tx.put_action(make.action("live", payload={"title": WORDS}), None, None)
        await tx.set_identity("customer", "C1", ["email:ada@example.org"])
        await tx.save_snapshot(1, WORDS.encode())
    erasure = await store.erase(PERSON, clock.now(), "admin")
    assert (erasure.actions, erasure.live) == (1, ("live",))
    ended = await store.action("ended")
    assert (ended.state, ended.payload, ended.because, ended.history[-1].state) == ("sent", {}, "", "erased")
    assert await store.action_versions("ended") == []
    assert (await store.action("live")).payload == {"title": WORDS}
    assert await store.latest_snapshot() is None
    async with store.transaction() as tx:
        assert await tx.identity("customer", ["email:ada@example.org"]) == {}
    assert (await store.verify()).problems == ()


async def test_the_database_lets_no_body_go_without_an_erasure(url, store, make):
    await about(store, make)
    await refused(url, f"DELETE FROM bodies WHERE person = '{PERSON}'")


async def test_words_about_a_person_are_nowhere_in_the_clear(sqlite_url, opener, make, tmp_path):
    store = await opener(sqlite_url)
    await about(store, make)
    assert not contains(tmp_path, WORDS)
    assert [each.body for each in await store.entries()] == [{"text": WORDS}] * 3


async def test_another_secret_opens_nothing_and_says_so_at_once(url, opener, make):
    store = await opener(url)
    await about(store, make)
    await store.aclose()
    with pytest.raises(StoreUnavailable, match="not the one this database was written with"):
        await opener(url, secret=b"another secret of at least 32 bytes")
    with pytest.raises(StoreUnavailable, match="at least 32"):
        await opener(url, secret=b"short")
