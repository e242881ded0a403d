"""Figures of a yes-or-no prediction against what came true, with their bounds."""

from math import sqrt

import msgspec

Z95 = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""


class Confusion(msgspec.Struct, frozen=True):
    """How often a prediction was right and wrong, by what came true."""

    hits: int = 0
    false_alarms: int = 0
    misses: int = 0
    rejections: int = 0

    def add(self, predicted: bool, true: bool) -> "Confusion":
        """Count one more case."""
        return Confusion(
            self.hits + (predicted and true),
            self.false_alarms + (predicted and not true),
            self.misses + (not predicted and true),
            self.rejections + (not predicted and not true),
        )

    def __add__(self, other: "Confusion") -> "Confusion":
        return Confusion(
            self.hits + other.hits,
            self.false_alarms + other.false_alarms,
            self.misses + other.misses,
            self.rejections + other.rejections,
        )

    @property
    def flagged(self) -> int:
        """How many were predicted."""
        return self.hits + self.false_alarms

    @property
    def true(self) -> int:
        """How many came true."""
        return self.hits + self.misses

    @property
    def total(self) -> int:
        """All cases."""
        return self.flagged + self.misses + self.rejections

    @property
    def precision(self) -> float | None:
        """Share of the predicted that came true; None when nothing was predicted."""
        return self.hits / self.flagged if self.flagged else None

    @property
    def recall(self) -> float | None:
        """Share of what came true that was predicted; None when nothing came true."""
        return self.hits / self.true if self.true else None

    @property
    def specificity(self) -> float | None:
        """Share of what did not come true that was not predicted; None when everything came true."""
        others = self.false_alarms + self.rejections
        return self.rejections / others if others else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None when either has no value."""
        if self.precision is None or self.recall is None:
            return None
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def accuracy(self) -> float | None:
        """Share of cases that were right; None when there are none."""
        return (self.hits + self.rejections) / self.total if self.total else None


def wilson(successes: int, trials: int, z: float = Z95) -> tuple[float, float]:
    """Return the score interval of a share (Wilson 1927); (0, 1) without trials."""
    if not trials:
        return 0.0, 1.0
    share = successes / trials
    spread = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    centre = share + z * z / (2 * trials)
    scale = 1 + z * z / trials
    low, high = (centre - spread) / scale, (centre + spread) / scale
    return low if successes else 0.0, high if successes < trials else 1.0  # exact at the ends, where rounding is not
