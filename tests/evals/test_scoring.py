"""Figures of a prediction, against values worked out by hand or published."""

import pytest

from evals.report import share
from evals.scoring import Confusion, wilson

PUBLISHED = {
    # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3 (score, without continuity correction)
    (81, 263): (0.2553, 0.3662),
    (15, 148): (0.0624, 0.1605),
    (0, 20): (0.0000, 0.1611),
    (1, 29): (0.0061, 0.1718),
}


@pytest.mark.parametrize(("counts", "bounds"), PUBLISHED.items(), ids=str)
def test_wilson_gives_the_published_intervals(counts, bounds):
    assert wilson(*counts) == pytest.approx(bounds, abs=0.00006)


def test_wilson_without_trials_knows_nothing():
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("trials", [1, 7, 500])
def test_wilson_is_symmetric_and_stays_within_bounds(trials):
    for successes in range(trials + 1):
        low, high = wilson(successes, trials)
        assert 0 <= low <= successes / trials <= high <= 1
        mirrored = wilson(trials - successes, trials)
        assert (low, high) == pytest.approx((1 - mirrored[1], 1 - mirrored[0]))


def test_what_a_point_estimate_of_98_percent_is_worth():
    """One-sided 95 %: 490 of 500 shows 96.6 %, and a bound of 98 % needs 496."""
    one_sided = 1.6448536269514722
    assert wilson(490, 500, one_sided)[0] == pytest.approx(0.9668, abs=0.0001)
    assert wilson(495, 500, one_sided)[0] < 0.98 < wilson(496, 500, one_sided)[0]


def counted(*cases):
    total = Confusion()
    for predicted, true in cases:
        total = total.add(predicted, true)
    return total


def test_each_case_counts_once_where_it_belongs():
    found = counted((True, True), (True, False), (False, True), (False, False), (True, True))
    assert found == Confusion(hits=2, false_alarms=1, misses=1, rejections=1)
    assert (found.flagged, found.true, found.total) == (3, 3, 5)
    assert (found.precision, found.recall, found.accuracy) == (2 / 3, 2 / 3, 3 / 5)
    assert found.f1 == pytest.approx(2 / 3)
    assert found + found == Confusion(4, 2, 2, 2)


def test_a_share_of_nothing_is_none_and_not_zero():
    none = counted((False, False))
    assert (none.precision, none.recall, none.f1) == (None, None, None)
    assert share(none.precision) == "-"
    assert Confusion().accuracy is None
    wrong = counted((True, False), (False, True))
    assert (wrong.precision, wrong.recall, wrong.f1) == (0.0, 0.0, 0.0)
