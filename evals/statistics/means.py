"""Means and their intervals, and the difference of two estimates from the interval of each."""

from collections.abc import Sequence
from functools import cache
from math import exp, lgamma, log, log1p, sqrt
from statistics import fmean, stdev

import msgspec

from evals.scoring import wilson

_STEPS = 200


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """A mean or a share with its 95 % interval, over `count` observations."""

    value: float
    low: float
    high: float
    count: int


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """How much an estimate changed, with the 95 % interval of the change."""

    value: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out no change."""
        return self.low > 0 or self.high < 0


def mean(values: Sequence[float]) -> Estimate | None:
    """Return the mean with its interval (Student 1908); None without values, and no bound on one value alone."""
    if not values:
        return None
    return mean_of(fmean(values), stdev(values) if len(values) > 1 else 0.0, len(values))


def mean_of(middle: float, deviation: float, count: int) -> Estimate:
    """Return the same of values whose mean, standard deviation and number are known."""
    if count == 1:
        return Estimate(value=middle, low=float("-inf"), high=float("inf"), count=1)
    half = t_quantile(0.975, count - 1) * deviation / sqrt(count)
    return Estimate(value=middle, low=middle - half, high=middle + half, count=count)


def share(successes: int, count: int) -> Estimate | None:
    """Return a share with its interval (Wilson 1927); None of nothing."""
    if not count:
        return None
    low, high = wilson(successes, count)
    return Estimate(value=successes / count, low=low, high=high, count=count)


def change(before: Estimate, now: Estimate) -> Change:
    """Return the change with its interval from those of both (Zou & Donner 2008; Newcombe 1998, method 10)."""
    moved = now.value - before.value
    down = sqrt((now.value - now.low) ** 2 + (before.high - before.value) ** 2)
    up = sqrt((now.high - now.value) ** 2 + (before.value - before.low) ** 2)
    return Change(value=moved, low=moved - down, high=moved + up)


@cache
def t_quantile(probability: float, freedom: int) -> float:
    """Return Student's t quantile for a probability above one half, by bisection of the distribution."""
    low, high = 0.0, 1.0
    while t_below(high, freedom) < probability:
        high *= 2
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if t_below(middle, freedom) < probability else (low, middle)
    return low


def t_below(t: float, freedom: int) -> float:
    """Return the probability of a Student's t below a value that is not negative."""
    return 1 - _beta_share(freedom / (freedom + t * t), freedom / 2, 0.5) / 2


def _beta_share(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function (DLMF 8.17.22, by Lentz's continued fraction)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_share(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    top, bottom, result = 1.0, 0.0, 1.0
    for step in range(_STEPS):
        m = step // 2
        if step == 0:
            factor = 1.0
        elif step % 2 == 0:
            factor = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        else:
            factor = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        bottom = 1 / (1 + factor * bottom)
        top = 1 + factor / top
        result *= top * bottom
        if step and abs(top * bottom - 1) < 1e-15:
            break
    return front * (result - 1)
