"""Long work that somebody began and that goes on while the page is closed: what it is, how far, what came of it.

What is known of it is kept beside the journal, so that a restart of the server does not make it vanish: work whose
process is gone says so. What it wrote until then stays.
"""

import asyncio
import secrets
import zlib
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import time
from typing import Any, Literal, Protocol

import msgspec

KEPT = 50
REPORTS = 20
"""Reports that are kept; an older one has to be made again."""
BEAT = 5.0
"""Seconds after which running work says again that it lives."""
LOST = 20.0
"""Seconds of silence after which its process is taken for gone."""
State = Literal["running", "done", "failed", "interrupted"]


class Work(msgspec.Struct, kw_only=True):
    """One piece of work; `begun_head` is how far the journal had come, `came` what came of it in plain facts.

    `started` and `alive` are seconds of the machine's clock, for the layer's may be a simulated one.
    """

    id: str
    kind: str
    about: str
    by: str
    begun: datetime
    begun_head: int = 0
    state: State = "running"
    ended: datetime | None = None
    came: dict[str, Any] = {}
    failure: str = ""
    started: float = msgspec.field(default_factory=time)
    alive: float = msgspec.field(default_factory=time)
    took: float | None = None

    @property
    def elapsed(self) -> timedelta:
        """How long it has run, or ran."""
        return timedelta(seconds=max(0.0, time() - self.started) if self.took is None else self.took)


class Came(msgspec.Struct, frozen=True):
    """What work gives: plain facts, and a report that is a page of its own."""

    facts: Mapping[str, Any]
    report: bytes = b""


class Shelf(Protocol):
    """Where work is kept; see api.insight.port.Insight."""

    async def preference(self, person: str, name: str) -> Any:  # noqa: ANN401  (JSON)
        """Return what was kept under this name, None when nothing was."""
        ...

    async def set_preference(self, person: str, name: str, value: Any) -> None:  # noqa: ANN401  (JSON)
        """Keep a value."""
        ...


@dataclass(slots=True)
class Works:
    """The work under way in this process and what was done of late, newest first."""

    all: dict[str, Work] = field(default_factory=dict)
    reports: dict[str, bytes] = field(default_factory=dict)
    _tasks: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)

    async def begin(
        self, work: Work, doing: Callable[[], Awaitable[Came]], now: Callable[[], datetime], shelf: Shelf
    ) -> Work:
        """Begin a piece of work; the same kind of work about the same thing is not begun twice."""
        for each in self.all.values():
            if (each.kind, each.about, each.state) == (work.kind, work.about, "running"):
                return each
        self.all = {work.id: work, **self.all}
        for old in [id for id, each in self.all.items() if each.state != "running"][KEPT:]:
            del self.all[old]
            self.reports.pop(old, None)
        await _keep(work, shelf)
        task = self._tasks[work.id] = asyncio.create_task(self._run(work, doing, now, shelf))
        task.add_done_callback(lambda _: self._tasks.pop(work.id, None))
        return work

    async def _run(
        self, work: Work, doing: Callable[[], Awaitable[Came]], now: Callable[[], datetime], shelf: Shelf
    ) -> None:
        beating = asyncio.create_task(_beat(work, shelf))
        try:
            came = await doing()
            work.came, work.state = dict(came.facts), "done"
            if came.report:
                self.reports[work.id] = came.report
                with suppress(Exception):  # it is read from memory as long as this process lives
                    await _keep_report(work.id, came.report, shelf)
        except asyncio.CancelledError:
            work.state = "interrupted"
            raise
        except Exception as fault:  # noqa: BLE001  (whatever broke is told to who began it)
            work.state, work.failure = "failed", f"{type(fault).__name__}: {fault}"[:300]
        finally:
            beating.cancel()
            work.took, work.ended = time() - work.started, now()
            with suppress(Exception):  # it is told from memory; the store may be what is down
                await _keep(work, shelf)

    async def find(self, id: str, shelf: Shelf) -> Work | None:
        """Return a piece of work, this process's own or another's; None when nobody knows of it."""
        if id in self.all:
            return self.all[id]
        kept = await shelf.preference("", f"work:{id}")
        if kept is None:
            return None
        found = msgspec.convert(kept, Work)
        if found.state == "running" and time() - found.alive > LOST:
            found.state, found.took = "interrupted", found.alive - found.started
        return found

    async def report(self, id: str, shelf: Shelf) -> bytes | None:
        """Return the report of a piece of work; None when it has none, or it was too old to be kept."""
        if id in self.reports:
            return self.reports[id]
        kept = await shelf.preference("", f"report:{id}")
        return None if kept is None else zlib.decompress(b64decode(kept))

    async def aclose(self) -> None:
        """End what is under way; it says that it was interrupted."""
        running = list(self._tasks.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _beat(work: Work, shelf: Shelf) -> None:
    while True:
        await asyncio.sleep(BEAT)
        work.alive = time()
        with suppress(Exception):  # the next one may come through
            await _keep(work, shelf)


async def _keep(work: Work, shelf: Shelf) -> None:
    await shelf.set_preference("", f"work:{work.id}", msgspec.to_builtins(work))


async def _keep_report(id: str, report: bytes, shelf: Shelf) -> None:
    """Keep a report, and let go of the oldest beyond those that are kept."""
    await shelf.set_preference("", f"report:{id}", b64encode(zlib.compress(report)).decode())
    kept = [id, *(await shelf.preference("", "reports") or ())]
    await shelf.set_preference("", "reports", kept[:REPORTS])
    for old in kept[REPORTS:]:
        await shelf.set_preference("", f"report:{old}", None)


def work(kind: str, about: str, by: str, now: datetime, head: int) -> Work:
    """Return work that is to begin."""
    return Work(id=secrets.token_hex(8), kind=kind, about=about, by=by, begun=now, begun_head=head)
