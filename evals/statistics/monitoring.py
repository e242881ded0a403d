"""Watching a stream after it was trusted: a cumulative sum for drift in errors, and stability of inputs."""

from collections.abc import Iterable, Mapping, Sequence
from math import log

_FLOOR = 1e-4
"""What an empty bin counts as; without it the index would be infinite."""


def cusum(errors: Iterable[bool], good: float, bad: float, start: float = 0.0) -> float:
    """Return Page's cumulative sum (1954, Biometrika 41:100) of log-likelihood ratios of two error rates."""
    total = start
    for error in errors:
        total = max(0.0, total + step(error=error, good=good, bad=bad))
    return total


def step(*, error: bool, good: float, bad: float) -> float:
    """Return what one more result adds to the sum."""
    return log(bad / good) if error else log((1 - bad) / (1 - good))


def population_stability(before: Mapping[str, int], after: Mapping[str, int]) -> float:
    """Return the population stability index: under 0.1 little has moved, over 0.25 much has (Siddiqi 2006, ch. 8).

    Counts by bin; 0 when either side is empty, for then there is nothing to compare.
    """
    first, second = sum(before.values()), sum(after.values())
    if not first or not second:
        return 0.0
    shares = [
        (max(before.get(bin, 0) / first, _FLOOR), max(after.get(bin, 0) / second, _FLOOR))
        for bin in {*before, *after}
    ]  # fmt: skip
    return sum((new - old) * log(new / old) for old, new in shares)


def deciles(values: Sequence[float], bins: int = 10) -> tuple[float, ...]:
    """Return the inner borders of bins that hold equally many of the values."""
    ordered = sorted(values)
    return tuple(sorted({ordered[len(ordered) * each // bins] for each in range(1, bins)})) if ordered else ()
