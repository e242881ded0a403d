"""Intervals of means against scipy, and of changes against their promise."""

import random

import pytest
from scipy import stats

from evals.statistics.means import change, mean, share, t_quantile


@pytest.mark.parametrize("freedom", [1, 2, 5, 30, 300, 5000])
@pytest.mark.parametrize("probability", [0.6, 0.9, 0.975, 0.999])
def test_the_quantile_is_students(freedom, probability):
    assert t_quantile(probability, freedom) == pytest.approx(stats.t.ppf(probability, freedom), rel=1e-8)


def test_the_interval_of_a_mean_is_scipys():
    values = [2.0, 3.5, 5.0, 11.0, 2.5]
    found = mean(values)
    low, high = stats.t.interval(0.95, len(values) - 1, loc=found.value, scale=stats.sem(values))
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert mean([]) is None
    assert mean([4.0]).high == float("inf")
    assert share(0, 0) is None


def test_the_interval_of_a_change_holds_the_truth_as_often_as_it_says():
    draw = random.Random(7)
    held = 0
    for _ in range(400):
        before = mean([draw.gauss(10, 4) for _ in range(25)])
        now = mean([draw.gauss(8, 2) for _ in range(15)])
        moved = change(before, now)
        held += moved.low <= -2 <= moved.high
    assert held >= 370  # 95 % of 400 are 380
