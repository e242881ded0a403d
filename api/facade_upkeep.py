"""What runs by itself."""

from datetime import datetime
from typing import Protocol

from api.configuration import Followed
from api.outcomes import Measures, Ready


class Upkeep(Protocol):
    """What runs by itself, driven by api/schedule.py."""

    async def warm(self) -> None:
        """Read into memory what pages look at, so that nobody waits for it; others are served meanwhile."""
        ...

    async def tick(self) -> None:
        """Run the timers that are due by the clock."""
        ...

    async def next_moment(self) -> datetime | None:
        """Return when the next timer is due."""
        ...

    async def dispatch(self) -> int:
        """Send what is due; returns how many actions moved."""
        ...

    async def expire(self) -> int:
        """Expire, remind and escalate; returns how many actions moved."""
        ...

    async def anchor(self) -> None:
        """Write the head of the chain outside the database."""
        ...

    async def catch_up(self) -> None:
        """Take in what other processes on the same database have written."""
        ...

    async def stirred(self, seconds: float) -> bool:
        """Wait until something may have happened, in whichever process, or so long; whether it may have."""
        ...

    async def measures(self) -> Measures:
        """Return what is watched of the running layer."""
        ...

    async def follow(self) -> Followed | None:
        """Look at the followed branch and put a new commit in force, or refuse it; None when none is followed."""
        ...

    async def ready(self) -> Ready:
        """Return whether everything that serving needs is open."""
        ...
