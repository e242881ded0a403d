"""What was told lately: late commits are found by reading it again, and nothing in it is told twice."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

MOST = 5000
MOST_WITHOUT_TIME = 1000


@dataclass(frozen=True, slots=True)
class Seen:
    """One row passed by: where it stands in the order, its time (None when the cursor is no time), its digest."""

    position: tuple[Any, ...]
    moment: datetime | None
    digest: str


class Window:
    """The tail of an ordered stream, `lag` long and at most 5,000 rows (1,000 when the cursor is no time).

    `after` is the position before the tail, from where the next read starts. What was told before and is not met
    again is forgotten when the read ends.
    """

    def __init__(self, after: tuple[Any, ...] | None, told: Iterable[str], lag: timedelta) -> None:
        self.after = after
        self._pending = set(told)
        self._lag = lag
        self._tail: deque[Seen] = deque()

    def admit(self, seen: Seen) -> bool:
        """Take the next row of the order; False when it was told before."""
        self._tail.append(seen)
        most = MOST if seen.moment else MOST_WITHOUT_TIME
        while len(self._tail) > most or self._old(self._tail[0], seen):
            self.after = self._tail.popleft().position
        if seen.digest in self._pending:
            self._pending.discard(seen.digest)
            return False
        return True

    def told(self, *, ended: bool) -> list[str]:
        """Return the digests to remember with `after`."""
        digests = [seen.digest for seen in self._tail]
        return digests if ended else [*digests, *sorted(self._pending)]

    def _old(self, seen: Seen, newest: Seen) -> bool:
        return bool(seen.moment and newest.moment and seen.moment < newest.moment - self._lag)
