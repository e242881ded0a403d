"""Evidence that may be looked at any time: a test whose error holds however often somebody asks.

Each success or failure multiplies a capital that starts at 1. Were the true share `tolerated` or less, the capital is
a supermartingale, so it ever reaches 1/risk with at most the probability `risk` (Ville 1939; Robbins 1970, Ann. Math.
Stat. 41:1397; Ramdas et al. 2023, Stat. Sci. 38:576). The capital is the likelihood ratio against `tolerated`,
averaged over alternatives spread evenly above it, so no single alternative has to be guessed.
"""

from functools import lru_cache
from math import exp, fsum, inf, log

ALTERNATIVES = 20
_MOST = 700.0


def capital(successes: int, failures: int, tolerated: float) -> float:
    """Return the evidence that the true share is above `tolerated`, as betting capital per unit staked.

    What no float holds is infinite.
    """
    ratios = [_ratio(successes, failures, tolerated, each) for each in alternatives(tolerated)]
    most = max(ratios)
    return inf if most > _MOST else exp(most) * fsum(exp(each - most) for each in ratios) / ALTERNATIVES


@lru_cache(maxsize=16)
def alternatives(tolerated: float) -> tuple[float, ...]:
    """Return the shares that are bet on: the middles of equal parts between `tolerated` and 1."""
    return tuple(tolerated + (1 - tolerated) * (part + 0.5) / ALTERNATIVES for part in range(ALTERNATIVES))


@lru_cache(maxsize=4096)
def anytime_bound(successes: int, failures: int, risk: float = 0.05) -> float:
    """Return the highest share that the evidence refutes at `risk`, whenever it is looked at; 0 when there is none."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if middle and capital(successes, failures, middle) >= 1 / risk:
            low = middle
        else:
            high = middle
    return low


def _ratio(successes: int, failures: int, tolerated: float, share: float) -> float:
    return successes * log(share / tolerated) + failures * log((1 - share) / (1 - tolerated))
