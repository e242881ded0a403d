"""How often something may fail before it must wait."""

import time
from collections import deque
from collections.abc import Callable


class Tries:
    """Counts failures by name in a sliding window (seconds); forgets names when many are tracked."""

    def __init__(
        self, limit: int, window: float, clock: Callable[[], float] = time.monotonic, most: int = 10_000
    ) -> None:
        self._limit = limit
        self._window = window
        self._clock = clock
        self._most = most
        self._failures: dict[str, deque[float]] = {}

    def wait(self, name: str) -> int:
        """Return how many seconds `name` must wait before the next try, 0 when it may."""
        failures = self._recent(name)
        if len(failures) < self._limit:
            return 0
        return max(1, int(failures[0] + self._window - self._clock()) + 1)

    def failed(self, name: str) -> None:
        """Count a failure."""
        if name not in self._failures and len(self._failures) >= self._most:
            self._failures.pop(next(iter(self._failures)))
        self._failures.setdefault(name, deque()).append(self._clock())

    def succeeded(self, name: str) -> None:
        """Forget the failures of `name`."""
        self._failures.pop(name, None)

    def _recent(self, name: str) -> deque[float]:
        failures = self._failures.get(name, deque())
        while failures and failures[0] <= self._clock() - self._window:
            failures.popleft()
        return failures


class SignInTries:
    """Wrong passwords, in five minutes: 5 of one person from one address, 30 of one person, 60 from one address.

    So who guesses neither goes on for long nor keeps the person, or all who share an address, from signing in.
    """

    def __init__(self) -> None:
        self._both, self._person, self._host = (Tries(limit, 300) for limit in (5, 30, 60))

    def wait(self, person: str, host: str) -> int:
        """Return how many seconds this try must wait, 0 when it may be made."""
        return max(self._both.wait(f"{person} {host}"), self._person.wait(person), self._host.wait(host))

    def failed(self, person: str, host: str) -> None:
        """Count a failure."""
        self._both.failed(f"{person} {host}")
        self._person.failed(person)
        self._host.failed(host)

    def succeeded(self, person: str, host: str) -> None:
        """Forget the failures of this person here; those of others, and from elsewhere, still count."""
        self._both.succeeded(f"{person} {host}")
