"""Restraint towards a source: a token bucket with a lane for people, and a rest after repeated failure."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Literal

from engine.ports import SourceDown

Lane = Literal["interactive", "background"]


class TokenBucket:
    """`rate` requests `per` so long, all of which may come at once after a pause.

    Background requests leave the share `reserve` of the bucket to interactive ones.
    """

    def __init__(
        self,
        rate: int,
        per: timedelta,
        reserve: float,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rate = float(rate)
        self._speed = rate / per.total_seconds()
        self._reserve = min(reserve * rate, rate - 1)
        self._now = now
        self._sleep = sleep
        self._tokens = self._rate
        self._at = now()

    async def take(self, lane: Lane) -> None:
        """Wait for one token."""
        keep = 0.0 if lane == "interactive" else self._reserve
        while (wait := self._wait(keep)) > 0:
            await self._sleep(wait)
        self._tokens -= 1

    def _wait(self, keep: float) -> float:
        """Return the seconds until a token beyond `keep` is there."""
        now = self._now()
        self._tokens = min(self._rate, self._tokens + (now - self._at) * self._speed)
        self._at = now
        missing = keep + 1 - self._tokens
        return missing / self._speed if missing > 1e-9 else 0.0


class Breaker:
    """After so many failures in a row the source is left alone for a while; then one request tries again."""

    def __init__(self, name: str, after: int, rest: timedelta, now: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._after = after
        self._rest = rest.total_seconds()
        self._now = now
        self._failures = 0
        self._until = 0.0

    def check(self) -> None:
        """Raise SourceDown while the source rests; the first one after that goes through and the others wait for it."""
        left = self._until - self._now()
        if left > 0:
            raise SourceDown(f"{self._name} failed {self._failures} times in a row and is left alone for {left:.0f} s")
        if self._failures >= self._after:
            self._until = self._now() + self._rest

    def succeeded(self) -> None:
        """Forget the failures."""
        self._failures = 0
        self._until = 0.0

    def failed(self) -> None:
        """Count a failure."""
        self._failures += 1
        if self._failures >= self._after:
            self._until = self._now() + self._rest
