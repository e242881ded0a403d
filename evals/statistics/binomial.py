"""Exact binomial probabilities and bounds, in plain arithmetic."""

from functools import lru_cache
from math import exp, fsum, lgamma, log, log1p

_STEPS = 200


def probability(successes: int, trials: int, share: float) -> float:
    """Return the probability of exactly so many successes; 0 outside of what is possible."""
    if not 0 <= successes <= trials:
        return 0.0
    if share in (0.0, 1.0):
        return float(successes == (trials if share else 0))
    ways = lgamma(trials + 1) - lgamma(successes + 1) - lgamma(trials - successes + 1)
    return exp(ways + successes * log(share) + (trials - successes) * log1p(-share))


def at_least(successes: int, trials: int, share: float) -> float:
    """Return the probability of so many successes or more."""
    return min(1.0, fsum(probability(each, trials, share) for each in range(max(successes, 0), trials + 1)))


def at_most(successes: int, trials: int, share: float) -> float:
    """Return the probability of so many successes or fewer."""
    return min(1.0, fsum(probability(each, trials, share) for each in range(min(successes, trials) + 1)))


@lru_cache(maxsize=4096)
def lower_bound(successes: int, trials: int, risk: float = 0.05) -> float:
    """Return the one-sided lower bound of a share (Clopper & Pearson 1934, Biometrika 26:404); 0 without trials.

    At the bound so many successes or more would have the probability `risk`.
    """
    if not successes:
        return 0.0
    low, high = 0.0, successes / trials
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (low, middle) if at_least(successes, trials, middle) > risk else (middle, high)
    return low


@lru_cache(maxsize=256)
def needed(trials: int, share: float, risk: float = 0.05) -> int | None:
    """Return the fewest successes whose lower bound reaches a share; None when even all of them do not."""
    if at_least(trials, trials, share) > risk:
        return None
    low, high = 0, trials
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if at_least(middle, trials, share) <= risk else (middle + 1, high)
    return low
