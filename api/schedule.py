"""What runs by itself, on APScheduler: syncs, due timers, dispatch, expiry, anchors.

Of several processes on one database each reads, writes, sends and reminds for the accounts of its own partitions; what
only one may do, as a sync, is done by whoever holds its lease.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from api.facade import Layer
from api.leases import BEAT_SECONDS, Leases
from api.metrics import Metrics

DISPATCH_SECONDS = 1
TICK_SECONDS = 1
CATCH_UP_SECONDS = 1
INDEX_SECONDS = 3
EXPIRE_SECONDS = 60
ANCHOR_SECONDS = 300
REPORT_SECONDS = 300
FINISH_SECONDS = 10
Work = Callable[[], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is done again and again; `alone`: by one process at a time."""

    name: str
    seconds: float
    work: Work
    alone: bool = False


@asynccontextmanager
async def clockwork(
    layer: Layer, metrics: Metrics | None = None, *, simulated: bool = False, working: bool = True
) -> AsyncIterator[AsyncIOScheduler]:
    """Run the jobs inside the block; with a simulated clock dispatch and git alone, as its advance brings all else.

    `working`: False leaves the work to other processes and follows what they do. At the end no job begins any more,
    and those under way may finish.
    """
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    runs = Runs(layer.leases, metrics or Metrics())
    jobs = await _jobs(layer, runs.metrics, simulated=simulated) if working else [_catching_up(layer)]
    alone = [job.name for job in jobs if job.alone]
    if alone:
        await runs.beat(alone)
        jobs.append(Job("beat", BEAT_SECONDS, lambda: runs.beat(alone)))
    for job in jobs:
        now = datetime.now(UTC)
        scheduler.add_job(runs.of(job), "interval", seconds=job.seconds, id=job.name, name=job.name, next_run_time=now)
    scheduler.start()
    try:
        yield scheduler
    finally:
        scheduler.pause()
        await runs.finish()
        scheduler.shutdown(wait=False)
        await layer.leases.let_go()


class Runs:
    """The jobs under way."""

    def __init__(self, leases: Leases, metrics: Metrics) -> None:
        self.metrics = metrics
        self._leases = leases
        self._under_way: dict[asyncio.Task[None], Job] = {}

    def of(self, job: Job) -> Work:
        """Return the job, timed, and passed over while another process does it."""

        async def run() -> None:
            if job.alone and job.name not in self._leases.held:
                return
            task = asyncio.current_task()
            assert task is not None
            self._under_way[task] = job
            try:
                with self.metrics.job(job.name):
                    await job.work()
            finally:
                del self._under_way[task]

        return run

    async def beat(self, jobs: list[str]) -> None:
        """Keep the leases, and stop what another process has taken over."""
        try:
            await self._leases.beat(jobs)
        finally:
            self.metrics.partitions.set(self._leases.partitions)
            for task, job in self._under_way.items():
                if job.alone and job.name not in self._leases.held:
                    task.cancel()

    async def finish(self) -> None:
        """Let what is under way come to its end."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=FINISH_SECONDS)


async def _jobs(layer: Layer, metrics: Metrics, *, simulated: bool) -> list[Job]:
    jobs = [Job("dispatch", DISPATCH_SECONDS, layer.dispatch), Job("index", INDEX_SECONDS, layer.index)]
    if layer.follows is not None:
        jobs.append(Job("follow", layer.follows.total_seconds(), layer.follow, alone=True))
    if simulated:
        return jobs
    jobs += [
        _catching_up(layer),
        Job("tick", TICK_SECONDS, lambda: tick_when_due(layer)),
        Job("expire", EXPIRE_SECONDS, layer.expire),
        Job("anchor", ANCHOR_SECONDS, layer.anchor),
        Job("report", REPORT_SECONDS, layer.mail_reports, alone=True),
    ]
    jobs += [
        Job(f"sync {source.name}", source.every.total_seconds(), _sync(layer, source.name, metrics), alone=True)
        for source in await layer.sources()
        if source.every is not None
    ]
    return jobs


def _catching_up(layer: Layer) -> Job:
    return Job("catch up", CATCH_UP_SECONDS, layer.catch_up)


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
