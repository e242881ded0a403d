"""What runs by itself, on APScheduler: syncs, due timers, dispatch, expiry, anchors."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from api.facade import Layer

DISPATCH_SECONDS = 1
TICK_SECONDS = 1
EXPIRE_SECONDS = 60
ANCHOR_SECONDS = 300


@asynccontextmanager
async def clockwork(layer: Layer, *, simulated: bool = False) -> AsyncIterator[AsyncIOScheduler]:
    """Run the jobs inside the block; with a simulated clock dispatch alone, as its advance brings all else."""
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    _every(scheduler, "dispatch", DISPATCH_SECONDS, layer.dispatch)
    if not simulated:
        _every(scheduler, "tick", TICK_SECONDS, lambda: tick_when_due(layer))
        _every(scheduler, "expire", EXPIRE_SECONDS, layer.expire)
        _every(scheduler, "anchor", ANCHOR_SECONDS, layer.anchor)
        for source in await layer.sources():
            if source.every is not None:
                _every(scheduler, f"sync {source.name}", source.every.total_seconds(), _sync(layer, source.name))
    scheduler.start()
    try:
        yield scheduler
    finally:
        scheduler.shutdown(wait=False)


async def tick_when_due(layer: Layer) -> None:
    """Run the timers once the next moment has come."""
    moment = await layer.next_moment()
    if moment is not None and moment <= layer.clock.now():
        await layer.tick()


def _sync(layer: Layer, source: str) -> Callable[[], Awaitable[Any]]:
    return lambda: layer.sync(source)


def _every(scheduler: AsyncIOScheduler, id: str, seconds: float, work: Callable[[], Awaitable[Any]]) -> None:
    async def job() -> None:
        await work()

    scheduler.add_job(job, "interval", seconds=seconds, id=id, name=id, next_run_time=datetime.now(UTC))
