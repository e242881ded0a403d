"""Workers are killed at random times, over and over, against a peer that keeps all it is sent and dedupes nothing.

OPSLAYER_TORTURE_KILLS (20) and OPSLAYER_TORTURE_ACTIONS (260) size it; the full run is 200 kills over 2,000 actions.
"""

import asyncio
import logging
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.events import Action
from engine.store import open_store
from tests.approvals.peer import Peer, serving
from tests.approvals.worker import RealClock
from tests.approvals.world import AYSE, SECRET, World, task

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("OPSLAYER_TORTURE_KILLS", "20"))
ACTIONS = int(os.environ.get("OPSLAYER_TORTURE_ACTIONS", "260"))
SEED = int(os.environ.get("OPSLAYER_TORTURE_SEED", "7"))


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serving() as opened:
        opened.delay = 0.08
        yield opened


class Killer:
    """Keeps two workers alive and kills one of them again and again: soon after an answer to it, or at any time."""

    def __init__(self, url: str, peer: Peer, world: World) -> None:
        self._url = url
        self._peer = peer
        self._world = world
        self._rng = random.Random(SEED)
        self._count = 0
        self._alive: dict[str, subprocess.Popen[bytes]] = {}
        self.kills = 0
        self.between: set[str] = set()
        """Actions that were answered and not committed when their worker died."""
        self.interrupted: set[str] = set()
        """Actions that were being sent when their worker died."""

    async def rage(self, kills: int) -> None:
        """Kill so many times, or until all is done."""
        while len(self._alive) < 2:
            self._start()
        while self.kills < kills:
            name = self._rng.choice(list(self._alive))
            await asyncio.to_thread(self._wait, name)
            victim = self._alive.pop(name)
            finished = victim.poll() is not None
            victim.kill()
            await asyncio.to_thread(victim.wait)
            if finished:
                break
            self.kills += 1
            await self._look(name)
            self._start()
        for worker in self._alive.values():
            assert await asyncio.to_thread(worker.wait, 60) == 0

    def end(self) -> None:
        """Leave no worker behind."""
        for worker in self._alive.values():
            worker.kill()
            worker.wait()
        self._alive.clear()

    def _start(self) -> None:
        self._count += 1
        name = f"w{self._count}"
        command = [sys.executable, "-m", "tests.approvals.worker", "work", self._url, self._peer.url, name]
        self._alive[name] = subprocess.Popen(command, cwd=ROOT)

    def _wait(self, name: str) -> None:
        """Wait for one of the worker's next answers and up to some milliseconds more, so that all moments are met."""
        wanted = self._rng.randint(1, 3)

        def told() -> bool:
            ours = sum(worker == name for worker, _ in self._peer.answered)
            return ours >= wanted or self._alive[name].poll() is not None

        with self._peer.news:
            while not self._peer.news.wait_for(told, timeout=0.2):
                pass
            self._peer.news.wait(timeout=self._rng.uniform(0, 0.02))

    async def _look(self, name: str) -> None:
        answered = {key for _, key in self._peer.answered}
        for action in await self._world.store.actions(state="sending", limit=1000):
            if action.history[-1].by == name:
                self.interrupted.add(action.id)
                if action.id in answered:
                    self.between.add(action.id)


async def everything(world: World) -> list[Action]:
    return list(await world.store.actions(limit=10 * ACTIONS))


async def prepared(world: World) -> None:
    """Half are tasks, which can be looked up; half letters, which cannot."""
    for number in range(ACTIONS):
        now = world.clock.now()
        if number % 2:
            await world.propose(f"p{number}", policy="tasks", at=now, **task())
        else:
            await world.propose(f"p{number}", at=now)
            await world.decide("approve", id=f"p{number}")


async def test_06_killed_at_any_time_nothing_is_lost_and_nothing_done_twice(url: str, peer: Peer):
    store = await open_store(url, clock=RealClock(), secret=SECRET)
    world = World(store, RealClock())
    await prepared(world)
    killer = Killer(url, peer, world)
    try:
        await killer.rage(KILLS)
    finally:
        killer.end()
    actions = await everything(world)
    told = f"{killer.kills} kills, {len(killer.interrupted)} interrupted, {len(killer.between)} after the answer"
    assert killer.kills == KILLS, told
    assert len(killer.between) >= KILLS // 2, told
    logging.getLogger(__name__).info(told)

    counts = {action.id: peer.count(action.id) for action in actions}
    assert max(counts.values()) == 1
    for action in actions:
        is_task = action.operation == "crm.create_task"
        if action.state == "sent":
            assert counts[action.id] == 1
        else:
            assert (action.state, is_task) == ("unknown", False)
            assert action.not_before is None
            assert action.id in killer.interrupted or action.history[-1].reason == "no answer in time"
    assert killer.between & {action.id for action in actions if action.operation == "mail.send"} <= {
        action.id for action in actions if action.state == "unknown"
    }

    for action in actions:
        if action.state == "unknown":
            async with store.transaction() as tx:
                settle = world.aftercare.happened if counts[action.id] else world.aftercare.missed
                await settle(tx, action.id, AYSE, world.clock.now())
    try:
        await killer.rage(0)
    finally:
        killer.end()
    assert {action.state for action in await everything(world)} == {"sent"}
    assert {peer.count(action.id) for action in actions} == {1}
    assert (await store.verify()).problems == ()
    await store.aclose()
