"""The two clocks: the system's, and one that moves only when told."""

from datetime import UTC, datetime


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.now(UTC)


class SimulatedClock:
    """Stands still until it is advanced; never goes back."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("a clock needs a moment with its offset")
        self._now = at

    def now(self) -> datetime:
        """Return the simulated moment."""
        return self._now

    def advance(self, to: datetime) -> None:
        """Move to `to`; raises ValueError when that is in the past."""
        if to < self._now:
            raise ValueError(f"the clock stands at {self._now.isoformat()} and does not go back to {to.isoformat()}")
        self._now = to
