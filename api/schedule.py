"""What runs by itself: syncs, due timers, dispatch, expiry, anchors.

Of several processes on one database each reads, writes, sends and reminds for the accounts of its own partitions; what
only one may do, as a sync, is done by whoever holds its lease.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from time import monotonic, process_time
from typing import Any

from api.facade import Layer
from api.leases import BEAT_SECONDS, Leases
from api.metrics import Metrics

DISPATCH_SECONDS = 1
REST_SECONDS = 0.02
TICK_SECONDS = 1
CATCH_UP_SECONDS = 1
HINT_SECONDS = 1
LISTEN_SECONDS = 5
SUBSCRIBE_SECONDS = 60
INDEX_SECONDS = 3
EXPIRE_SECONDS = 60
ANCHOR_SECONDS = 300
REPORT_SECONDS = 300
DRIFT_SECONDS = 6 * 3600
FINISH_SECONDS = 10
QUIET_SECONDS = 60
_log = logging.getLogger("opslayer.schedule")
Work = Callable[[], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is done again and again.

    `alone`: by one process at a time, which holds the `lease`; `woken`: sooner, when anything was written.
    """

    name: str
    seconds: float
    work: Work
    woken: bool = False
    alone: bool = False
    lease: str = ""

    @property
    def held_as(self) -> str:
        """The lease of a job that is done alone: that of another job, where both must be done by one process."""
        return self.lease or self.name


@asynccontextmanager
async def clockwork(
    layer: Layer, metrics: Metrics | None = None, *, simulated: bool = False, working: bool = True
) -> AsyncIterator[tuple[Job, ...]]:
    """Run the jobs inside the block; with a simulated clock dispatch and git alone, as its advance brings all else.

    `working`: False leaves the work to other processes and follows what they do. At the end no job begins any more,
    and those under way may finish.
    """
    runs = Runs(layer.leases, metrics or Metrics())
    jobs = await _jobs(layer, runs.metrics, simulated=simulated) if working else [_catching_up(layer)]
    alone = sorted({job.held_as for job in jobs if job.alone})
    if alone:
        await runs.beat(alone)
        jobs.append(Job("beat", BEAT_SECONDS, lambda: runs.beat(alone)))
    ticking = [asyncio.create_task(runs.again(job), name=job.name) for job in jobs]
    ticking.append(asyncio.create_task(runs.listen(layer), name="listen"))
    try:
        yield tuple(jobs)
    finally:
        for each in ticking:
            each.cancel()
        await asyncio.gather(*ticking, return_exceptions=True)
        await runs.finish()
        await layer.leases.let_go()


class Runs:
    """The jobs under way, each in a task of its own."""

    def __init__(self, leases: Leases, metrics: Metrics) -> None:
        self.metrics = metrics
        self._leases = leases
        self._under_way: dict[asyncio.Task[Any], Job] = {}
        self._failed: dict[str, tuple[str, float]] = {}
        self._news: list[asyncio.Event] = []

    async def again(self, job: Job) -> None:
        """Run a job until cancelled, which leaves what is under way alone; waits by the monotonic clock.

        So neither a leap of the machine's clock nor its long sleep stops the work or makes it run a thousand times.
        """
        news = asyncio.Event()
        if job.woken:
            self._news.append(news)
        while True:
            news.clear()
            before = process_time()
            if not job.alone or job.held_as in self._leases.held:
                task = asyncio.create_task(self._once(job), name=job.name)
                self._under_way[task] = job
                task.add_done_callback(self._ended)
                await asyncio.wait({task})
            rest = _rest(job, process_time() - before)
            await asyncio.sleep(rest)
            if rest < job.seconds:
                with suppress(TimeoutError):
                    async with asyncio.timeout(job.seconds - rest):
                        await news.wait()

    async def listen(self, layer: Layer) -> None:
        """Wake what need not wait for its time when something was written, until cancelled."""
        while True:
            if await layer.stirred(LISTEN_SECONDS):
                for news in self._news:
                    news.set()

    async def _once(self, job: Job) -> None:
        with self.metrics.job(job.name):
            await job.work()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        """Log why a job failed; the same reason again once a minute."""
        job = self._under_way.pop(task)
        fault = None if task.cancelled() else task.exception()
        if fault is None:
            self._failed.pop(job.name, None)
            return
        told, at = self._failed.get(job.name, ("", 0.0))
        if told != repr(fault) or monotonic() - at > QUIET_SECONDS:
            self._failed[job.name] = (repr(fault), monotonic())
            _log.error("%s failed and is tried again", job.name, exc_info=fault)

    async def beat(self, jobs: list[str]) -> None:
        """Keep the leases, and stop what another process has taken over."""
        try:
            await self._leases.beat(jobs)
        finally:
            self.metrics.partitions.set(self._leases.partitions)
            for task, job in self._under_way.items():
                if job.alone and job.held_as not in self._leases.held:
                    task.cancel()

    async def finish(self) -> None:
        """Let what is under way come to its end, and end what does not."""
        if self._under_way:
            _, stuck = await asyncio.wait(self._under_way, timeout=FINISH_SECONDS)
            for task in stuck:
                task.cancel()
            await asyncio.gather(*stuck, return_exceptions=True)


async def _jobs(layer: Layer, metrics: Metrics, *, simulated: bool) -> list[Job]:
    jobs = [Job("dispatch", DISPATCH_SECONDS, layer.dispatch, woken=True), Job("index", INDEX_SECONDS, layer.index)]
    if layer.follows is not None:
        jobs.append(Job("follow", layer.follows.total_seconds(), layer.follow, alone=True))
    sources = await layer.sources()
    jobs += [_heeding(layer, each.name) for each in sources if each.webhook and each.every is not None]
    if simulated:
        return jobs
    jobs += [
        _catching_up(layer),
        Job("tick", TICK_SECONDS, lambda: tick_when_due(layer)),
        Job("expire", EXPIRE_SECONDS, layer.expire),
        Job("anchor", ANCHOR_SECONDS, layer.anchor),
        Job("report", REPORT_SECONDS, layer.mail_reports, alone=True),
        Job("drift", DRIFT_SECONDS, layer.watch_drift, alone=True),
    ]
    jobs += [_subscribing(layer, each.name) for each in sources if each.webhook == "open" and each.every is not None]
    jobs += [
        Job(f"sync {source.name}", source.every.total_seconds(), _sync(layer, source.name, metrics), alone=True)
        for source in sources
        if source.every is not None
    ]
    return jobs


def _rest(job: Job, worked: float) -> float:
    """Return how long a job rests however much is written: four times as long as the process worked meanwhile."""
    return min(job.seconds, max(REST_SECONDS, worked * 4)) if job.woken else job.seconds


def _heeding(layer: Layer, source: str) -> Job:
    """Return what reads again what a source hinted at, in the process that reads it anyway."""
    return Job(f"hints {source}", HINT_SECONDS, lambda: layer.heed(source), alone=True, lease=f"sync {source}")


def _subscribing(layer: Layer, source: str) -> Job:
    """Return what keeps a source's system sending; the sweep by cursor does not rest on it."""
    name = f"subscribe {source}"
    return Job(name, SUBSCRIBE_SECONDS, lambda: layer.subscribe(source), alone=True, lease=f"sync {source}")


def _catching_up(layer: Layer) -> Job:
    return Job("catch up", CATCH_UP_SECONDS, layer.catch_up, woken=True)


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
