"""One transaction is durable together or not at all, and fails alone."""

import asyncio
from datetime import timedelta

import pytest


async def test_what_a_block_did_is_there_after_it(store, make):
    async with store.transaction() as tx:
        assert await tx.append(make.entry(7)) == 1
        await tx.set_cursor("erp", "invoices", "17")
    async with store.transaction() as tx:
        assert await tx.cursor("erp", "invoices") == "17"
    assert [each.body for each in await store.entries()] == [{"number": 7}]


async def test_a_block_that_raises_leaves_nothing(store, make):
    async def fail():
        async with store.transaction() as tx:
            await tx.append(make.entry(person="customer:C1"))
            await tx.set_cursor("erp", "invoices", "17")
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with store.transaction() as tx:
        assert await tx.cursor("erp", "invoices") == ""
        assert await tx.append(make.entry(person="customer:C1")) == 1
    assert (await store.verify()).problems == ()


async def test_blocks_that_meet_share_a_commit_and_the_failing_one_fails_alone(store, make):
    async def work(number):
        async with store.transaction() as tx:
            await tx.append(make.entry(number, person=f"customer:{number % 3}"))
            await tx.set_cursor("erp", str(number), "seen")
            if number % 5 == 0:
                raise LookupError(number)

    results = await asyncio.gather(*(work(number) for number in range(50)), return_exceptions=True)
    assert [number for number, each in enumerate(results) if isinstance(each, LookupError)] == list(range(0, 50, 5))
    stored = await store.entries()
    assert sorted(each.body["number"] for each in stored) == [number for number in range(50) if number % 5]
    assert [each.seq for each in stored] == list(range(1, 41))
    async with store.transaction() as tx:
        assert [await tx.cursor("erp", str(number)) for number in (5, 6)] == ["", "seen"]
    assert (await store.verify()).problems == ()


async def test_an_acknowledged_block_is_visible_to_readers_and_an_open_one_is_not(store, make):
    async with store.transaction() as tx:
        await tx.append(make.entry())
        await tx.set_setting("clock", "x")
        assert await store.entries() == []
        assert await store.setting("clock") is None
    assert len(await store.entries()) == 1


async def test_a_cancelled_block_leaves_nothing_and_the_store_goes_on(store, make):
    inside = asyncio.Event()

    async def slow():
        async with store.transaction() as tx:
            await tx.append(make.entry(1))
            await tx.set_cursor("erp", "a", "1")
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(slow())
    await inside.wait()
    others = [asyncio.create_task(make.fill(store, 1)) for _ in range(3)]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.gather(*others)
    assert [each.seq for each in await store.entries()] == [1, 2, 3]


async def test_a_waiting_block_that_is_cancelled_does_not_hold_up_the_others(store, make):
    tasks = [asyncio.create_task(make.fill(store, 1)) for _ in range(10)]
    await asyncio.sleep(0)
    for task in tasks[1::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    done = [task for task in tasks if not task.cancelled()]
    assert len(await store.entries()) >= len(done) >= 5
    assert (await store.verify()).problems == ()


async def test_a_second_transaction_in_the_same_task_is_refused_rather_than_waiting_for_ever(store):
    async with store.transaction():
        with pytest.raises(RuntimeError, match="open already"):
            async with store.transaction():
                pass


async def test_two_stores_on_one_database_append_one_chain(url, opener, make, tmp_path):
    one, two = await opener(url), await opener(url, anchor=tmp_path / "other.log")

    async def append(store, number):
        async with store.transaction() as tx:
            await tx.append(make.entry(number))

    await asyncio.gather(*(append(store, number) for number in range(20) for store in (one, two)))
    assert [each.seq for each in await one.entries()] == list(range(1, 41))
    assert (await two.verify()).problems == ()


async def test_the_shipped_twin_in_memory_behaves_like_a_file_and_ends_with_the_store(opener, make):
    first = await opener("sqlite://")
    await make.fill(first, 3)
    assert len(await first.entries()) == 3
    assert await (await opener("sqlite://")).entries() == []


async def test_an_event_is_new_once(store):
    async with store.transaction() as tx:
        assert not await tx.seen("erp", "e1")
        assert await tx.seen("erp", "e1")
    async with store.transaction() as tx:
        assert await tx.seen("erp", "e1")
        assert not await tx.seen("crm", "e1")


async def test_identity_returns_the_known_keys_and_lets_them_be_moved(store):
    async with store.transaction() as tx:
        await tx.set_identity("customer", "C1", ["tax:1", "email:a@b"])
        await tx.set_identity("customer", "C2", ["tax:2"])
        assert await tx.identity("customer", ["tax:1", "tax:2", "tax:3"]) == {"tax:1": "C1", "tax:2": "C2"}
        assert await tx.identity("supplier", ["tax:1"]) == {}
        await tx.set_identity("customer", "C1", ["tax:2"])
        assert await tx.identity("customer", ["tax:2"]) == {"tax:2": "C1"}
        many = [f"k:{number}" for number in range(1200)]
        await tx.set_identity("customer", "C9", many)
        assert len(await tx.identity("customer", many)) == 1200


async def test_switches_are_pulled_with_a_reason_and_released(store):
    async with store.transaction() as tx:
        await tx.set_switch("rule:collections/overdue", True, "wrong amounts", "ada")
        await tx.set_switch("all", True, "drill", "ada")
        await tx.set_switch("all", False, "", "ada")
        pulled = await tx.switches()
    assert {scope: (each.reason, each.by) for scope, each in pulled.items()} == {
        "rule:collections/overdue": ("wrong amounts", "ada")
    }


async def test_an_entry_keeps_its_two_times_to_the_microsecond(store, make):
    learned = make.START + timedelta(microseconds=1)
    async with store.transaction() as tx:
        await tx.append(make.entry(recorded_at=learned, valid_at=make.START - timedelta(days=900)))
    (stored,) = await store.entries()
    assert (stored.recorded_at, stored.valid_at) == (learned, make.START - timedelta(days=900))


async def test_a_moment_without_zone_is_refused(store, make):
    with pytest.raises(ValueError, match="no time zone"):
        async with store.transaction() as tx:
            await tx.append(make.entry(recorded_at=make.START.replace(tzinfo=None)))


async def test_text_that_no_database_stores_does_no_harm(store, make):
    for odd in ("a\0b", "half \ud800 pair"):
        async with store.transaction() as tx:
            assert not await tx.seen("erp", odd)
            assert await tx.seen("erp", odd)
            await tx.set_identity("customer", "C1", [odd])
            assert await tx.identity("customer", [odd, "other"]) == {odd: "C1"}
            await tx.append(make.entry(subjects=(odd,), person=odd, actor=odd))
        assert len(await store.entries(subject=odd)) == 1
    assert (await store.verify()).problems == ()


async def test_a_body_that_has_no_json_form_is_refused_and_leaves_nothing(store, make):
    for odd in ("half \ud800 pair", float("nan")):
        with pytest.raises(ValueError):
            async with store.transaction() as tx:
                await tx.append(make.entry(body={"text": odd}))
    assert await store.entries() == []


async def test_a_stream_that_is_read_again_is_new_and_its_neighbours_are_not(store):
    told = (("crm", "inbox/<1@x>"), ("crm", "inbox_2/<1@x>"), ("crm", "hook/inbox/1"), ("erp", "inbox/<1@x>"))
    async with store.transaction() as tx:
        assert [await tx.seen(*each) for each in told] == [False] * 4
    async with store.transaction() as tx:
        await tx.forget_seen("crm", "inbox")
    async with store.transaction() as tx:
        assert [await tx.seen(*each) for each in told] == [False, True, True, True]
