"""A process of its own for the scenarios: decides, or dispatches over HTTP, against a given database.

python -m tests.approvals.worker decide URL PERSON VERDICT DIGEST
python -m tests.approvals.worker dispatch URL PEER [die-after-answer]
python -m tests.approvals.worker work URL PEER NAME
python -m tests.approvals.worker race URL PEER NAME
python -m tests.approvals.worker withdraw URL REASON ID ...
"""

# ruff: noqa: T201  (the processes talk over standard output)

import asyncio
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from approvals.dispatch.ports import Settings
from engine.events import Receipt
from engine.ports import Clock, Operation
from engine.store import SqlStore, open_store
from tests.approvals.world import MAIL, PEOPLE, SECRET, TASK, ManualClock, Target, World


class Http(Target):
    """Writes by POST with our key in a header, and looks up by GET."""

    def __init__(self, name: str, operation: Operation, url: str, *, die: bool = False, worker: str = "") -> None:
        super().__init__(name, operation)
        self._url = url
        self._die = die
        self._worker = worker

    async def perform(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt:
        async with httpx.AsyncClient() as client:
            headers = {"Idempotency-Key": key, "X-Worker": self._worker}
            answer = await client.post(self._url, json={operation: payload}, headers=headers)
        if self._die:
            print("answered", flush=True)
            await asyncio.Event().wait()
        return Receipt(result="ok", reference=answer.json()["id"])

    async def probe(self, operation: str, payload: Any, key: str) -> Receipt | None:  # noqa: ARG002  (the port's form)
        async with httpx.AsyncClient() as client:
            items = (await client.get(self._url, params={"key": key})).json()["items"]
        return Receipt(result="ok", reference=items[0]["id"]) if items else None


async def decide(url: str, person: str, verdict: str, digest: str) -> None:
    """Wait for a line on stdin, so that two processes start together, then decide and tell the result."""
    clock: Clock = ManualClock()
    store = await open_store(url, clock=clock, secret=SECRET)
    world = World(store, ManualClock())
    await started()
    result = await world.decide(verdict, PEOPLE[person], digest=digest)
    print(type(result).__name__, getattr(result, "by", ""), flush=True)
    await store.aclose()


async def dispatch(url: str, peer: str, *, die: bool) -> None:
    """Look up what is unknown and send what is due, until nothing moves, some minutes later each time."""
    clock = ManualClock()
    store = await open_store(url, clock=clock, secret=SECRET)
    world = World(
        store,
        clock,
        crm=Http("crm", TASK, peer, die=die),
        mail=Http("mail", MAIL, peer, die=die),
        settings=Settings(lease=timedelta(seconds=90), timeout=timedelta(seconds=60)),
    )
    for _ in range(4):
        await world.dispatcher("process").run()
        clock.advance(minutes=5)
        await world.look_up().run()
    await store.aclose()


async def started() -> None:
    """Tell that this process is ready, and wait for a line on stdin, so that all start together."""
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)


async def race(url: str, peer: str, name: str) -> None:
    """Send what may be sent at this moment, beside others, until nothing moves."""
    clock = ManualClock()
    store = await open_store(url, clock=clock, secret=SECRET)
    crm, mail = Http("crm", TASK, peer, worker=name), Http("mail", MAIL, peer, worker=name)
    # One after the other in each process: a PostgreSQL as installed takes a hundred connections.
    dispatcher = World(store, clock, crm=crm, mail=mail, settings=Settings(parallel=1)).dispatcher(name)
    await started()
    while await dispatcher.run():
        pass
    await store.aclose()


async def withdraw(url: str, reason: str, *ids: str) -> None:
    """Withdraw one after the other, as when a customer pays."""
    clock = ManualClock()
    store = await open_store(url, clock=clock, secret=SECRET)
    world = World(store, clock)
    await started()
    for id in ids:
        await world.withdraw(id, reason=reason)
    await store.aclose()


class RealClock(ManualClock):
    """The machine's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


HASTY = Settings(
    lease=timedelta(seconds=3),
    timeout=timedelta(seconds=2.5),
    settle=timedelta(seconds=0.1),
    hold=timedelta(seconds=0.1),
    backoff=timedelta(seconds=0.1),
    longest=timedelta(seconds=0.5),
    attempts=1000,
    batch=20,
    parallel=4,
)


async def work(url: str, peer: str, name: str) -> None:
    """Send and look up in real time until nothing is left that a machine can do."""
    clock = RealClock()
    store = await open_store(url, clock=clock, secret=SECRET)
    crm, mail = Http("crm", TASK, peer, worker=name), Http("mail", MAIL, peer, worker=name)
    world = World(store, clock, crm=crm, mail=mail, settings=HASTY)
    dispatcher, look_up = world.dispatcher(name), world.look_up()
    while await left(store):
        moved = await dispatcher.run() + await look_up.run()
        if not moved:
            await asyncio.sleep(0.02)
    await store.aclose()


async def left(store: SqlStore) -> bool:
    """Whether an action is due or in flight, or waits to be looked up."""
    for state in ("approved", "scheduled", "sending"):
        if await store.actions(state=state, limit=1):
            return True
    return any(action.not_before for action in await store.actions(state="unknown", limit=10_000))


if __name__ == "__main__":
    name, *given = sys.argv[1:]
    if name == "decide":
        asyncio.run(decide(*given))
    elif name == "work":
        asyncio.run(work(*given))
    elif name == "race":
        asyncio.run(race(*given))
    elif name == "withdraw":
        asyncio.run(withdraw(*given))
    else:
        asyncio.run(dispatch(given[0], given[1], die="die-after-answer" in given))
