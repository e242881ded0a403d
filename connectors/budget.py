"""Restraint towards a vendor: how many requests in how long, how many at once, with a lane kept for people.

A budget belongs to what the vendor counts by (account, user, mailbox), so sources that name the same key share one.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from engine.ports import SourceDown

Lane = Literal["interactive", "background"]
Now = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


PATIENCE = 10.0
"""Seconds that a request on somebody's behalf, or of an action, waits for its turn: less than any of them has."""


class Busy(SourceDown):
    """There is no turn in time: nothing was asked; in `seconds` there may be one."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"its limits leave no room for {seconds:.0f} s")
        self.seconds = seconds


class TokenBucket:
    """`rate` requests `per` so long, all of which may come at once after a pause.

    Background requests leave the share `reserve` of the bucket to interactive ones.
    """

    def __init__(
        self, rate: int, per: timedelta, reserve: float, now: Now = time.monotonic, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._rate = float(rate)
        self._speed = rate / per.total_seconds()
        self._reserve = min(reserve * rate, rate - 1)
        self._now = now
        self._sleep = sleep
        self._tokens = self._rate
        self._at = now()
        self._closed_until = 0.0

    async def take(self, lane: Lane) -> None:
        """Wait for one token; raises Busy at once where somebody who does not wait so long would wait in vain."""
        keep = 0.0 if lane == "interactive" else self._reserve
        while (wait := self._wait(keep)) > 0:
            if lane == "interactive" and wait > PATIENCE:
                raise Busy(wait)
            await self._sleep(wait)
        self._tokens -= 1

    def pause(self, seconds: float) -> None:
        """Give nothing for so long, because the vendor asked for it."""
        self._closed_until = max(self._closed_until, self._now() + seconds)

    def _wait(self, keep: float) -> float:
        """Return the seconds until a token beyond `keep` is there."""
        now = self._now()
        self._tokens = min(self._rate, self._tokens + (now - self._at) * self._speed)
        self._at = now
        missing = keep + 1 - self._tokens
        filling = missing / self._speed if missing > 1e-9 else 0.0
        return max(filling, self._closed_until - now, 0.0)


@asynccontextmanager
async def _patience(lane: Lane) -> AsyncIterator[None]:
    """Wait no longer than somebody would; the background waits as long as it takes."""
    try:
        async with asyncio.timeout(PATIENCE if lane == "interactive" else None):
            yield
    except TimeoutError:
        raise Busy(PATIENCE) from None


@dataclass(frozen=True, slots=True)
class Allowance:
    """`rate` requests `per` so long."""

    rate: int
    per: timedelta


class Budget:
    """Every window the vendor counts in, and how many requests may be under way; one of these is kept for people."""

    def __init__(self, windows: Sequence[Allowance], reserve: float, concurrent: int = 0) -> None:
        self._buckets = [TokenBucket(each.rate, each.per, reserve) for each in windows]
        self._all = asyncio.Semaphore(concurrent) if concurrent else None
        self._background = asyncio.Semaphore(max(1, concurrent - 1)) if concurrent else None

    @asynccontextmanager
    async def request(self, lane: Lane) -> AsyncIterator[None]:
        """Wait for a turn, and hold it while the request is under way."""
        wanted = [each for each in (self._background if lane == "background" else None, self._all) if each is not None]
        held: list[asyncio.Semaphore] = []
        try:
            async with _patience(lane):
                for semaphore in wanted:
                    await semaphore.acquire()
                    held.append(semaphore)
                for bucket in self._buckets:
                    await bucket.take(lane)
            yield
        finally:
            for semaphore in held:
                semaphore.release()

    def pause(self, seconds: float) -> None:
        """Ask nothing for so long."""
        for bucket in self._buckets:
            bucket.pause(seconds)


@dataclass(frozen=True, slots=True)
class Budgets:
    """The budgets of one company's sources, by what the vendors count by."""

    known: dict[str, Budget] = field(default_factory=dict)

    def get(self, key: str, windows: Sequence[Allowance], reserve: float, concurrent: int) -> Budget:
        """Return the budget of a key, which the first source that names it sets."""
        if key not in self.known:
            self.known[key] = Budget(windows, reserve, concurrent)
        return self.known[key]
