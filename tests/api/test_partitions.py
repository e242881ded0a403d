"""Accounts are shared out among processes: each is one's own, a lost process's move on, and nobody is left out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.bootstrap import open_layer
from api.clock import SimulatedClock
from api.partitions import LAPSE, PARTITIONS, Partitions, partition_of
from engine.events import Record
from engine.store import open_store
from tests.api.test_leases import Ticking
from tests.approvals.layer.company import write_company
from tests.approvals.peer import serving
from tests.engine.store.conftest import SECRET, START, TestClock

ALL = frozenset(range(PARTITIONS))


@pytest.fixture
async def store():
    store = await open_store("sqlite://", clock=TestClock(), secret=SECRET)
    yield store
    await store.aclose()


async def beat(store, *some):
    for each in some:
        async with store.transaction() as tx:
            await each.beat(tx)


def test_who_shares_with_nobody_works_for_all_and_keys_stay_where_they_are():
    assert Partitions("a").held == ALL
    assert (partition_of("customer:C1"), partition_of("customer:C2")) == (18, 29)
    assert {partition_of(f"customer:{number}") for number in range(1000)} == ALL


async def test_a_new_process_finds_its_share_within_two_beats_and_none_is_held_twice(store):
    clock = Ticking(0.0)
    some = [Partitions(name, clock) for name in "abc"]
    await beat(store, some[0])
    assert some[0].held == ALL
    await beat(store, *some, *some)
    assert sorted(len(each.held) for each in some) == [10, 11, 11]
    assert frozenset().union(*(each.held for each in some)) == ALL


async def test_a_lost_process_is_replaced_and_knows_itself_that_it_is_lost(store):
    clock = Ticking(0.0)
    one, two = Partitions("a", clock), Partitions("b", clock)
    await beat(store, one, two, one, two)
    assert (len(one.held), len(two.held)) == (16, 16)
    for _ in range(5):
        clock.time += 2
        await beat(store, two)
    assert one.held == frozenset()  # before anybody tells it
    assert two.held == ALL
    await beat(store, one, two, one)
    assert (len(one.held), len(two.held)) == (16, 16)


async def test_who_leaves_is_replaced_at_once(store):
    clock = Ticking(0.0)
    one, two = Partitions("a", clock), Partitions("b", clock)
    await beat(store, one, two, one, two)
    async with store.transaction() as tx:
        await one.let_go(tx)
    await beat(store, two)
    assert (one.held, two.held) == (frozenset(), ALL)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, LAPSE)), max_size=40))
async def test_no_partition_is_ever_two_processes_own_whoever_stalls(steps):
    store = await open_store("sqlite://", clock=TestClock(), secret=SECRET)
    clock = Ticking(0.0)
    some = [Partitions(str(number), clock) for number in range(4)]
    for each in some:
        each._held = frozenset()  # as after a first beat that found nothing free
    for who, wait in steps:
        clock.time += wait
        await beat(store, some[who])
        held = [number for each in some for number in each.held]
        assert len(held) == len(set(held))
    await store.aclose()


def record(number):
    data = {"id": f"C{number}", "name": f"Customer {number}", "email": f"c{number}@example.org", "city": "Izmir",
            "owner": "ayse", "owed": 100, "status": "late"}  # fmt: skip
    return Record(source="erp", stream="customers", key=f"C{number}", data=data)


async def test_two_processes_send_for_the_accounts_of_their_own_and_one_takes_over_from_the_other(tmp_path):
    with serving() as peer:
        home = write_company(tmp_path / "home", peer.url, 9)
        async with open_layer(home, SimulatedClock(START)) as one, open_layer(home, SimulatedClock(START)) as two:
            for layer in (one, two, one, two):
                await layer.leases.beat([])
            await one.ingest([record(number) for number in range(24)])
            await two.catch_up()
            own = {
                each: {f"C{n}" for n in range(24) if each.parts.partitions.mine(f"customer:C{n}")}
                for each in (one, two)
            }
            assert own[one]
            assert own[one] | own[two] == {f"C{n}" for n in range(24)}
            assert not own[one] & own[two]
            while await two.dispatch():
                pass
            assert len(peer.records) == len(own[two])
            await two.leases.let_go()
            await one.leases.beat([])
            while await one.dispatch():
                pass
            assert len(peer.records) == 24
            states = {action.state for action in await one.actions(limit=50)}
            assert states == {"sent"}
