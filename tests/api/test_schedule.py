import asyncio
from datetime import timedelta
from time import monotonic, process_time

import pytest

from api import schedule
from api.clock import SimulatedClock
from api.schedule import clockwork, tick_when_due
from tests.api import sample
from tests.api.double import DoubleLayer


class Counting(DoubleLayer):
    def __init__(self):
        super().__init__()
        self.calls = asyncio.Queue()
        self.moment = None

    async def dispatch(self):
        await self.calls.put("dispatch")
        return 0

    async def sync(self, source=""):
        await self.calls.put(f"sync {source}")
        return ()

    async def tick(self):
        await self.calls.put("tick")

    async def next_moment(self):
        return self.moment


async def seen(layer, wanted):
    found = set()
    while not wanted <= found:
        found.add(await asyncio.wait_for(layer.calls.get(), 60))
    return found


async def test_each_source_with_an_interval_is_synced_and_actions_are_dispatched():
    layer = Counting()
    async with clockwork(layer) as jobs:
        names = {job.name for job in jobs}
        wanted = {"catch up", "beat", "dispatch", "index", "tick", "expire", "anchor", "report", "drift", "sync erp"}
        assert names == wanted
        assert "sync crm" not in await seen(layer, {"dispatch", "sync erp"})


async def test_with_a_simulated_clock_nothing_moves_time_but_its_advance():
    layer = Counting()
    async with clockwork(layer, simulated=True) as jobs:
        assert [job.name for job in jobs] == ["dispatch", "index"]


async def test_a_job_that_fails_is_tried_again(monkeypatch, caplog):
    monkeypatch.setattr(schedule, "DISPATCH_SECONDS", 0.05)
    layer = Counting()
    tries = []

    async def dispatch():
        tries.append(1)
        await layer.calls.put("dispatch")
        raise RuntimeError("target down")

    layer.dispatch = dispatch
    async with clockwork(layer, simulated=True):
        await seen(layer, {"dispatch"})
        await seen(layer, {"dispatch"})
    assert len(tries) >= 2


async def test_at_the_end_a_job_under_way_may_finish_and_none_begins():
    layer = Counting()
    go_on, done = asyncio.Event(), []

    async def dispatch():
        await layer.calls.put("dispatch")
        await go_on.wait()
        done.append(1)

    layer.dispatch = dispatch
    async with clockwork(layer, simulated=True):
        await seen(layer, {"dispatch"})
        asyncio.get_running_loop().call_later(0.05, go_on.set)
    assert done == [1]


@pytest.mark.parametrize(("minutes", "ticks"), [(None, 0), (1, 0), (0, 1), (-5, 1)])
async def test_timers_run_once_their_moment_has_come(minutes, ticks):
    layer = Counting()
    layer.moment = None if minutes is None else sample.NOW + timedelta(minutes=minutes)
    await tick_when_due(layer)
    assert layer.calls.qsize() == ticks


def test_a_simulated_clock_never_goes_back():
    clock = SimulatedClock(sample.NOW)
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(sample.NOW - timedelta(seconds=1))
    with pytest.raises(ValueError, match="offset"):
        SimulatedClock(sample.NOW.replace(tzinfo=None))


async def test_a_process_that_leaves_the_work_to_others_only_follows():
    layer = Counting()
    async with clockwork(layer, working=False) as jobs:
        assert [job.name for job in jobs] == ["catch up"]


async def test_what_another_process_holds_is_not_done_and_what_it_takes_over_is_stopped(monkeypatch):
    monkeypatch.setattr(schedule, "BEAT_SECONDS", 0.05)
    layer = Counting()
    stopped = asyncio.Event()

    async def sync(source=""):
        await layer.calls.put(f"sync {source}")
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()

    layer.sync = sync
    async with clockwork(layer):
        await seen(layer, {"sync erp"})
        layer.leases.beat = taken_over(layer.leases)
        assert await asyncio.wait_for(stopped.wait(), 60)
    assert layer.leases.held == frozenset()


def taken_over(leases):
    async def beat(jobs):
        leases.held = frozenset()

    return beat


async def test_what_was_written_wakes_dispatch_long_before_its_time(monkeypatch):
    monkeypatch.setattr(schedule, "DISPATCH_SECONDS", 60)
    layer, written = Counting(), asyncio.Event()

    async def stirred(seconds):
        await written.wait()
        written.clear()
        return True

    layer.stirred = stirred
    async with clockwork(layer, simulated=True):
        assert await seen(layer, {"dispatch"}) == {"dispatch"}, "the first one, at once"
        for _ in range(3):
            assert not written.is_set(), "the word before was heard"
            written.set()
            assert await seen(layer, {"dispatch"}) == {"dispatch"}, "a minute before its time"


async def test_dispatch_that_takes_long_is_not_begun_anew_at_every_word(monkeypatch):
    monkeypatch.setattr(schedule, "DISPATCH_SECONDS", 60)
    layer, rests, twice = Counting(), [], asyncio.Event()
    ended = 0.0

    async def stirred(seconds):
        await asyncio.sleep(0.001)
        return True

    async def dispatch():
        nonlocal ended
        rests.append(monotonic() - ended)
        until = process_time() + 0.1
        while process_time() < until:
            pass
        ended = monotonic()
        if len(rests) == 3:
            twice.set()
        return 1

    layer.stirred, layer.dispatch = stirred, dispatch
    async with clockwork(layer, simulated=True):
        await asyncio.wait_for(twice.wait(), 60)
    assert min(rests[1:]) >= 0.4  # a fifth of the time
