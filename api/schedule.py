"""What runs by itself, on APScheduler: syncs, due timers, dispatch, expiry, anchors."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from api.facade import Layer
from api.metrics import Metrics

DISPATCH_SECONDS = 1
TICK_SECONDS = 1
EXPIRE_SECONDS = 60
ANCHOR_SECONDS = 300
FINISH_SECONDS = 10
Work = Callable[[], Awaitable[Any]]


@asynccontextmanager
async def clockwork(
    layer: Layer, metrics: Metrics | None = None, *, simulated: bool = False
) -> AsyncIterator[AsyncIOScheduler]:
    """Run the jobs inside the block; with a simulated clock dispatch and git alone, as its advance brings all else.

    At the end no job begins any more, and those under way may finish.
    """
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    metrics = metrics or Metrics()
    under_way: set[asyncio.Task[None]] = set()
    for id, seconds, work in await _jobs(layer, metrics, simulated=simulated):
        job = _watched(id, work, under_way, metrics)
        scheduler.add_job(job, "interval", seconds=seconds, id=id, name=id, next_run_time=datetime.now(UTC))
    scheduler.start()
    try:
        yield scheduler
    finally:
        scheduler.pause()
        if under_way:
            await asyncio.wait(under_way, timeout=FINISH_SECONDS)
        scheduler.shutdown(wait=False)


async def _jobs(layer: Layer, metrics: Metrics, *, simulated: bool) -> list[tuple[str, float, Work]]:
    jobs: list[tuple[str, float, Work]] = [("dispatch", DISPATCH_SECONDS, layer.dispatch)]
    if layer.follows is not None:
        jobs.append(("follow", layer.follows.total_seconds(), layer.follow))
    if simulated:
        return jobs
    jobs += [
        ("tick", TICK_SECONDS, lambda: tick_when_due(layer)),
        ("expire", EXPIRE_SECONDS, layer.expire),
        ("anchor", ANCHOR_SECONDS, layer.anchor),
    ]
    jobs += [
        (f"sync {source.name}", source.every.total_seconds(), _sync(layer, source.name, metrics))
        for source in await layer.sources()
        if source.every is not None
    ]
    return jobs


def _watched(name: str, work: Work, under_way: set[asyncio.Task[None]], metrics: Metrics) -> Work:
    async def job() -> None:
        task = asyncio.current_task()
        assert task is not None
        under_way.add(task)
        try:
            with metrics.job(name):
                await work()
        finally:
            under_way.discard(task)

    return job


async def tick_when_due(layer: Layer) -> None:
    """Run the timers once the next moment has come."""
    moment = await layer.next_moment()
    if moment is not None and moment <= layer.clock.now():
        await layer.tick()


def _sync(layer: Layer, source: str, metrics: Metrics) -> Work:
    async def sync() -> None:
        for each in await layer.sync(source):
            metrics.synced.labels(source, "accepted").inc(each.records - min(each.rejected, each.records))
            metrics.synced.labels(source, "rejected").inc(each.rejected)

    return sync
