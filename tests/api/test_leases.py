"""One holder at a time, whoever it is; a lost one is replaced, a slow clock is no reason."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.leases import LAPSE, SharedLeases
from engine.store import open_store
from tests.engine.store.conftest import SECRET, TestClock


class Ticking:
    """A monotonic clock with a beginning of its own."""

    def __init__(self, began: float) -> None:
        self.time = began

    def __call__(self) -> float:
        return self.time


@pytest.fixture
async def process() -> Callable[[float], tuple[SharedLeases, Ticking]]:
    store = await open_store("sqlite://", clock=TestClock(), secret=SECRET)

    def make(began: float = 0.0) -> tuple[SharedLeases, Ticking]:
        clock = Ticking(began)
        return SharedLeases(store, clock), clock

    yield make
    await store.aclose()


async def test_the_first_one_holds_and_the_others_wait(process):
    (one, _), (two, _) = process(), process(9000.0)
    await one.beat(["sync erp", "expire"])
    await two.beat(["sync erp", "expire"])
    assert one.held == {"sync erp", "expire"}
    assert two.held == frozenset()


async def test_a_holder_that_beats_is_never_replaced_however_long_it_holds(process):
    (one, _), (two, clock) = process(), process(9000.0)
    for _ in range(20):
        await one.beat(["expire"])
        clock.time += LAPSE * 0.9
        await two.beat(["expire"])
        assert two.held == frozenset()


async def test_a_lost_holder_is_replaced_when_its_lease_has_lapsed(process):
    (one, _), (two, clock), (three, other) = process(), process(9000.0), process(-5.0)
    await one.beat(["expire"])
    await two.beat(["expire"])
    await three.beat(["expire"])
    clock.time += LAPSE
    other.time += LAPSE
    await two.beat(["expire"])
    await three.beat(["expire"])
    assert (two.held, three.held) == ({"expire"}, frozenset())


async def test_who_comes_back_finds_it_taken(process):
    (one, _), (two, clock) = process(), process()
    await one.beat(["expire"])
    await two.beat(["expire"])
    clock.time += LAPSE
    await two.beat(["expire"])
    await one.beat(["expire"])
    assert (one.held, two.held) == (frozenset(), {"expire"})


async def test_what_is_let_go_is_free_at_once_and_only_what_is_ours(process):
    (one, _), (two, _) = process(), process()
    await one.beat(["expire"])
    await two.let_go()
    await one.let_go()
    await two.beat(["expire"])
    await one.let_go()
    await one.beat(["expire"])
    assert (one.held, two.held) == (frozenset(), {"expire"})


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 2), st.floats(0, LAPSE / 2)), max_size=30))
async def test_there_is_never_more_than_one_who_beats_in_time(steps):
    store = await open_store("sqlite://", clock=TestClock(), secret=SECRET)
    clock = Ticking(0.0)
    some = [SharedLeases(store, clock) for _ in range(3)]
    last = [float("-inf")] * 3
    for who, wait in steps:
        clock.time += wait
        await some[who].beat(["expire"])
        last[who] = clock.time
        beating = [each for each, at in zip(some, last, strict=True) if each.held and clock.time - at < LAPSE]
        assert len(beating) <= 1
    await store.aclose()
