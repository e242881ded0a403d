"""Workers are killed at random times, over and over, against a peer that keeps all it is sent and dedupes nothing.

OPSLAYER_TORTURE_KILLS (12) and OPSLAYER_TORTURE_ACTIONS (160) size it; the full run is 200 kills over 2,000 actions.
The kills end it: what is sent before the last of them is made up for by more actions. OPSLAYER_TORTURE_REPORT names a
file that the counts of each run are added to.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
from collections import Counter
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
KILLS = int(os.environ.get("OPSLAYER_TORTURE_KILLS", "12"))
ACTIONS = int(os.environ.get("OPSLAYER_TORTURE_ACTIONS", "160"))
SEED = int(os.environ.get("OPSLAYER_TORTURE_SEED", "7"))
RESERVE = 40
"""Actions that are at least left to send while workers are killed: several batches of both workers."""
SETTLED = 5
"""How often people look through what is unknown."""


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serving() as opened:
        opened.delay = 0.08
        yield opened


class Killer:
    """Keeps two workers alive and kills one of them again and again: soon after an answer to it."""

    def __init__(self, url: str, peer: Peer, world: World) -> None:
        self._url = url
        self._peer = peer
        self._world = world
        self._rng = random.Random(SEED)
        self._started = 0
        self._alive: dict[str, subprocess.Popen[bytes]] = {}
        self.proposed = 0
        self.kills = 0
        self.died: list[int] = []
        """Exit codes of workers that ended by themselves."""
        self.between: set[str] = set()
        """Actions that were answered and not committed when their worker died."""
        self.interrupted: set[str] = set()
        """Actions that were being sent when their worker died."""

    async def prepare(self, count: int) -> None:
        """Half are tasks, which can be looked up; half letters, which cannot."""
        for number in range(self.proposed, self.proposed + count):
            now = self._world.clock.now()
            if number % 2:
                await self._world.propose(f"p{number}", policy="tasks", at=now, **task())
            else:
                await self._world.propose(f"p{number}", at=now)
                await self._world.decide("approve", id=f"p{number}")
        self.proposed += count

    async def rage(self, kills: int) -> None:
        """Kill so many times."""
        while self.kills < kills:
            if self.proposed - len({record["key"] for record in self._peer.records}) < RESERVE:
                await self.prepare(RESERVE)
            while len(self._alive) < 2:
                self._start()
            name = await asyncio.to_thread(self._wait)
            victim = self._alive.pop(name)
            if victim.poll() is not None:
                self.died.append(victim.returncode)
                continue
            victim.kill()
            await asyncio.to_thread(victim.wait)
            self.kills += 1
            await self._look(name)

    async def calm(self) -> None:
        """Let the workers finish all that a machine can do."""
        while len(self._alive) < 2:
            self._start()
        for worker in self._alive.values():
            self.died.append(await asyncio.to_thread(worker.wait, 600))
        self._alive.clear()

    async def settle(self) -> None:
        """Say of each unknown action what the peer knows; what a slow machine leaves unknown again is said again."""
        for _ in range(SETTLED):
            counts = Counter(record["key"] for record in self._peer.records)
            unknown = await self._world.store.actions(state="unknown", limit=100_000)
            for action in unknown:
                async with self._world.store.transaction() as tx:
                    said = self._world.aftercare.happened if counts[action.id] else self._world.aftercare.missed
                    await said(tx, action.id, AYSE, self._world.clock.now())
            if not unknown:
                return
            await self.calm()

    def end(self) -> None:
        """Leave no worker behind."""
        for worker in self._alive.values():
            worker.kill()
            worker.wait()
        self._alive.clear()

    def _start(self) -> None:
        self._started += 1
        name = f"w{self._started}"
        command = [sys.executable, "-m", "tests.approvals.worker", "work", self._url, self._peer.url, name]
        self._alive[name] = subprocess.Popen(command, cwd=ROOT)

    def _wait(self) -> str:
        """Return whose answer is one of the next, up to some milliseconds after it, so that all moments are met."""
        with self._peer.news:
            wanted = len(self._peer.answered) + self._rng.randint(1, 5)

            def told() -> str:
                gone = [name for name, worker in self._alive.items() if worker.poll() is not None]
                names = [name for name, _ in self._peer.answered[wanted - 1 :] if name in self._alive]
                return next(iter(gone + names), "")

            while not (name := told()):
                self._peer.news.wait(timeout=0.2)
            self._peer.news.wait(timeout=self._rng.uniform(0, 0.02))
            return name

    async def _look(self, name: str) -> None:
        answered = {key for _, key in self._peer.answered}
        async with self._world.store.transaction():  # its turn comes after a commit that the dead worker had sent
            sending = await self._world.store.actions(state="sending", limit=1000)
        for action in sending:
            if action.history[-1].by == name:
                self.interrupted.add(action.id)
                if action.id in answered:
                    self.between.add(action.id)


async def everything(world: World) -> list[Action]:
    return list(await world.store.actions(limit=100_000))


def wrong(action: Action, count: int, killer: Killer) -> str:
    """Return what must not be so of an action after the workers have finished, "" where all is as it must be."""
    found = f"{action.id} {action.operation} {action.state}, {count} at the peer: {action.history[-1]}"
    if action.state == "sent":
        return "" if count == 1 else found
    if (action.state, action.operation, action.not_before) != ("unknown", "mail.send", None) or count > 1:
        return found
    doubted = action.id in killer.interrupted or action.history[-1].reason == "no answer in time"
    return "" if doubted else found


async def test_06_killed_at_any_time_nothing_is_lost_and_nothing_done_twice(url: str, peer: Peer):
    store = await open_store(url, clock=RealClock(), secret=SECRET)
    world = World(store, RealClock())
    killer = Killer(url, peer, world)
    try:
        await killer.prepare(ACTIONS)
        await killer.rage(KILLS)
        await killer.calm()
        actions = await everything(world)
        counts = Counter(record["key"] for record in peer.records)
        unknown = [action for action in actions if action.state == "unknown"]
        lost = [action.id for action in actions if action.state != "unknown" and not counts[action.id]]
        told = {
            "database": url.partition(":")[0],
            "kills": killer.kills,
            "actions": len(actions),
            "interrupted": len(killer.interrupted),
            "between answer and commit": len(killer.between),
            "letters between": sum(action.id in killer.between for action in unknown),
            "unknown": len(unknown),
            "unknown and done": sum(counts[action.id] == 1 for action in unknown),
            "twice": sum(count > 1 for count in counts.values()),
            "lost": len(lost),
            "workers that ended badly": sum(code != 0 for code in killer.died),
        }
        report(told)
        faults = [fault for action in actions if (fault := wrong(action, counts[action.id], killer))]

        await killer.settle()
    finally:
        killer.end()
    after = Counter(record["key"] for record in peer.records)
    states = Counter(action.state for action in await everything(world))
    damage = (await store.verify()).problems
    await store.aclose()
    assert (faults, lost, damage) == ([], [], ()), told
    assert (len(actions), set(counts)) == (killer.proposed, {a.id for a in actions if counts[a.id]}), told
    assert killer.between & {a.id for a in actions if a.operation == "mail.send"} <= {a.id for a in unknown}, told
    assert states == {"sent": len(actions)}, told
    assert after == {action.id: 1 for action in actions}, told
    assert set(killer.died) <= {0}, told
    assert (killer.kills, len(killer.between) >= KILLS // 2) == (KILLS, True), told


def report(told: dict[str, object]) -> None:
    """Add the counts to the file that asks for them."""
    if path := os.environ.get("OPSLAYER_TORTURE_REPORT"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")
