"""A clock that stands where it is put: the engine's time is the journal's, not the machine's."""

from datetime import datetime


class HeldClock:
    """ports.Clock at a given moment until it is set to another."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """Return the moment it was set to."""
        return self._at

    def set(self, at: datetime) -> None:
        """Put the clock to a moment, aware."""
        self._at = at
