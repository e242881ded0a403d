"""What changes while somebody reads, told as server-sent events (HTML, 9.2)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import Request, get
from litestar.params import FromQuery
from litestar.response import ServerSentEvent, ServerSentEventMessage

from api.auth import actor_of
from api.facade import Layer
from api.insight.sifting import TABS
from api.problems import Faulty
from api.served import Served, layer_of, served_of

EVERY = 1.0
BEAT = 15
LASTS = 600
MOST = 30
"""Streams of one person: each holds a connection, and these are for all."""


@get("/live", role="viewer")
async def live(
    request: Request[Any, Any, Any], head: FromQuery[int] = 0, watch: FromQuery[str] = ""
) -> ServerSentEvent:
    """Tell when anything happened behind `head`: how much waits, and what became of the watched action.

    The browser comes back by itself when a stream ends.
    """
    served, who = served_of(request), actor_of(request).id
    if served.streams[who] >= MOST:
        told = "You listen in too many windows; close some."
        raise Faulty(429, "too-many-streams", told, headers={"Retry-After": str(BEAT)})
    changes = _changes(served, layer_of(request), head, watch[:80])
    return ServerSentEvent(_counted(served, who, changes), retry_duration=2000)


async def _counted(
    served: Served, who: str, changes: AsyncIterator[ServerSentEventMessage]
) -> AsyncIterator[ServerSentEventMessage]:
    served.streams[who] += 1
    try:
        async for each in changes:
            yield each
    finally:
        served.streams[who] -= 1


async def _changes(served: Served, layer: Layer, head: int, watch: str) -> AsyncIterator[ServerSentEventMessage]:
    seen, quiet = head or await layer.head(), 0
    for _ in range(LASTS):
        now = await layer.head()
        if now > seen:
            seen, quiet = now, 0
            told = msgspec.json.encode(await _told(layer, now, watch)).decode()
            yield ServerSentEventMessage(data=told, event="moved", id=str(now))
        elif quiet >= BEAT:
            quiet = 0
            yield ServerSentEventMessage(comment="still here")
        quiet += 1
        if await _closes(served):
            return


async def _told(layer: Layer, head: int, watch: str) -> dict[str, Any]:
    lines = await layer.lines()
    states = [each.state for each in lines]
    counts = {name: sum(states.count(state) for state in TABS[name]) for name in ("waiting", "coming", "unclear")}
    watched = next((each for each in lines if each.id == watch), None) if watch else None
    return {
        "head": head,
        "counts": counts,
        "watched": {"state": watched.state, "digest": watched.digest, "version": watched.version} if watched else None,
    }


async def _closes(served: Served) -> bool:
    """Wait for the next look; whether the server ends meanwhile."""
    try:
        await asyncio.wait_for(served.closing.wait(), EVERY)
    except TimeoutError:
        return False
    return True
