"""Long work that somebody began and that goes on while the page is closed: what it is, how far, what came of it.

It is kept in memory: a restart of the server ends what is under way, and what it wrote until then stays.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Literal

KEPT = 50


@dataclass(slots=True)
class Work:
    """One piece of work; `begun_head` is how far the journal had come, `result` what it gave."""

    id: str
    kind: str
    about: str
    by: str
    begun: datetime
    begun_head: int = 0
    state: Literal["running", "done", "failed"] = "running"
    ended: datetime | None = None
    result: Any = None
    failure: str = ""
    task: "asyncio.Task[None] | None" = None
    started: float = field(default_factory=monotonic)
    took: timedelta | None = None

    @property
    def elapsed(self) -> timedelta:
        """How long it has run, by a clock that nobody moves."""
        return self.took or timedelta(seconds=monotonic() - self.started)


@dataclass(slots=True)
class Works:
    """The work under way and what was done of late, newest first."""

    all: dict[str, Work] = field(default_factory=dict)

    def begin(self, work: Work, doing: Callable[[], Awaitable[Any]], now: Callable[[], datetime]) -> Work:
        """Begin a piece of work; the same kind of work about the same thing is not begun twice."""
        for each in self.all.values():
            if (each.kind, each.about, each.state) == (work.kind, work.about, "running"):
                return each
        self.all = {work.id: work, **self.all}
        for old in [id for id, each in self.all.items() if each.state != "running"][KEPT:]:
            del self.all[old]

        async def run() -> None:
            try:
                work.result = await doing()
                work.state = "done"
            except asyncio.CancelledError:
                work.state, work.failure = "failed", "the server ended"
                raise
            except Exception as fault:  # noqa: BLE001  (whatever broke is told to who began it)
                work.state, work.failure = "failed", f"{type(fault).__name__}: {fault}"[:300]
            finally:
                work.took = work.elapsed
                work.ended = now()

        work.task = asyncio.create_task(run())
        return work

    async def aclose(self) -> None:
        """End what is under way."""
        running = [each.task for each in self.all.values() if each.task and not each.task.done()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def work(kind: str, about: str, by: str, now: datetime, head: int) -> Work:
    """Return work that is to begin."""
    return Work(id=secrets.token_hex(8), kind=kind, about=about, by=by, begun=now, begun_head=head)
