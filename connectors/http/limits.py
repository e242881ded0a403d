"""A rest after repeated failure: the circuit breaker of one source."""

import time
from collections.abc import Callable
from datetime import timedelta

from engine.ports import SourceDown


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
