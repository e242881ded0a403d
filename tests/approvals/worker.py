"""A process of its own for the scenarios: decides, or dispatches over HTTP, against a given database.

python -m tests.approvals.worker decide URL PERSON VERDICT DIGEST
python -m tests.approvals.worker dispatch URL PEER [die-after-answer]
"""

# ruff: noqa: T201  (the processes talk over standard output)

import asyncio
import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from approvals.dispatch.ports import Settings
from engine.events import Receipt
from engine.ports import Clock, Operation
from engine.store import open_store
from tests.approvals.world import MAIL, PEOPLE, SECRET, TASK, ManualClock, Target, World


class Http(Target):
    """Writes by POST with our key in a header, and looks up by GET."""

    def __init__(self, name: str, operation: Operation, url: str, *, die: bool) -> None:
        super().__init__(name, operation)
        self._url = url
        self._die = die

    async def perform(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt:
        async with httpx.AsyncClient() as client:
            answer = await client.post(self._url, json={operation: payload}, headers={"Idempotency-Key": key})
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
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
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


if __name__ == "__main__":
    name, *given = sys.argv[1:]
    if name == "decide":
        asyncio.run(decide(*given))
    else:
        asyncio.run(dispatch(given[0], given[1], die="die-after-answer" in given))
