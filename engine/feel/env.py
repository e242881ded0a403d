"""What an evaluation knows besides its scope: the clock, the zone, the limits, and the faults it has met."""

from datetime import date, datetime, tzinfo
from typing import Any

from engine.feel.errors import Fault, LimitExceeded
from engine.feel.limits import DEFAULT_LIMITS, Limits


class Env:
    """One batch's surroundings, made by the caller; not for two threads at once."""

    __slots__ = ("calls", "faults", "host", "limits", "now", "steps", "today", "zone")

    def __init__(
        self,
        now: datetime,
        zone: tzinfo | None = None,
        limits: Limits = DEFAULT_LIMITS,
        host: Any = None,  # noqa: ANN401  (whatever the host's functions look at)
    ) -> None:
        """`now` is aware; `today()` is its day in `zone`, by default its own; `host` is for the host's functions."""
        if now.tzinfo is None:
            msg = "now must carry a time zone"
            raise ValueError(msg)
        self.zone: tzinfo = zone or now.tzinfo
        self.now: datetime = now.astimezone(self.zone)
        self.today: date = self.now.date()
        self.limits = limits
        self.host = host
        self.faults: list[Fault] = []
        self.steps = limits.steps
        self.calls = 0

    def fault(self, message: str, at: tuple[int, int]) -> None:
        """Record why the value at (line, column) is null."""
        self.faults.append(Fault(message, *at))

    def spend(self, steps: int) -> None:
        """Count work done; raises LimitExceeded when the evaluation has used up its steps."""
        self.steps -= steps
        if self.steps < 0:
            msg = f"stopped after {self.limits.steps:,} steps"
            raise LimitExceeded(msg)
