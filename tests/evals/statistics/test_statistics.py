"""The statistics against scipy and against published tables."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evals.scoring import wilson
from evals.statistics.binomial import at_least, at_most, lower_bound, needed, probability
from evals.statistics.monitoring import cusum, deciles, population_stability
from evals.statistics.paired import kappa, mcnemar, worse
from evals.statistics.sequential import anytime_bound, capital

counts = st.integers(1, 600).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
shares = st.floats(0.01, 0.99)


@given(counts, shares)
def test_binomial_probabilities_are_scipys(count, share):
    k, n = count
    assert probability(k, n, share) == pytest.approx(stats.binom.pmf(k, n, share), rel=1e-8, abs=1e-300)
    assert at_least(k, n, share) == pytest.approx(stats.binom.sf(k - 1, n, share), rel=1e-8, abs=1e-13)
    assert at_most(k, n, share) == pytest.approx(stats.binom.cdf(k, n, share), rel=1e-8, abs=1e-13)


@given(counts, st.sampled_from([0.01, 0.025, 0.05]))
def test_the_lower_bound_is_the_beta_quantile_of_clopper_and_pearson(count, risk):
    k, n = count
    expected = stats.beta.ppf(risk, k, n - k + 1) if k else 0.0
    assert lower_bound(k, n, risk) == pytest.approx(expected, abs=1e-9)


@given(counts)
def test_wilson_bounds_are_scipys(count):
    k, n = count
    expected = stats.binomtest(k, n).proportion_ci(0.95, "wilson")
    assert wilson(k, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


@given(st.integers(0, 200), st.integers(0, 200))
def test_mcnemar_is_the_binomial_test_of_the_discordant_pairs(before, after):
    expected = stats.binomtest(before, before + after).pvalue if before + after else 1.0
    assert mcnemar(before, after) == pytest.approx(expected, rel=1e-9)
    if before + after:
        one_sided = stats.binomtest(after, before + after, alternative="less").pvalue
        assert worse(before, after) == pytest.approx(one_sided, rel=1e-9)


def test_what_approvals_rest_on():
    """Figures of 98 % over 500 and of go-live, worked out independently."""
    assert lower_bound(490, 500) == pytest.approx(0.966, abs=5e-4)
    assert (needed(500, 0.98), needed(1000, 0.98)) == (496, 988)
    assert at_least(490, 500, 0.97) == pytest.approx(0.115, abs=5e-4)
    assert [_first(trials) for trials in (50, 75, 100)] == [45, 66, 87]
    assert at_least(41, 50, 0.80) == pytest.approx(0.44, abs=0.01)
    assert needed(50, 0.98) is None


def _first(trials):
    """The fewest right ones whose two-sided Wilson bound of 90 % is above 80 %, i.e. 95 % on one side."""
    return next(k for k in range(trials + 1) if wilson(k, trials, 1.6448536269514722)[0] > 0.8)


def test_kappa_of_cohens_textbook_table():
    """Two raters over 50 proposals: 20 both yes, 15 both no, 5 and 10 apart: 0.4 (Cohen's kappa, the usual example)."""
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert kappa(first, second) == pytest.approx(0.4)
    assert kappa(["yes"], ["yes"]) is None
    assert kappa([], []) is None


@given(st.integers(0, 60), st.integers(0, 10), st.floats(0.5, 0.99))
def test_the_capital_is_a_fair_bet_where_the_share_is_just_tolerated(successes, failures, tolerated):
    """One more draw at the tolerated share leaves the capital, on average, as it was: a martingale."""
    now = capital(successes, failures, tolerated)
    after = tolerated * capital(successes + 1, failures, tolerated) + (1 - tolerated) * capital(
        successes, failures + 1, tolerated
    )
    assert after == pytest.approx(now, rel=1e-9)


def test_the_anytime_bound_is_below_the_bound_of_a_single_look():
    for successes, failures in ((490, 10), (985, 15), (60, 0)):
        assert 0 < anytime_bound(successes, failures) < lower_bound(successes, successes + failures)
    assert anytime_bound(0, 5) == 0


def test_the_cumulative_sum_raises_few_false_alarms_and_finds_errors_soon():
    """2 % -> 5 %, h = 3: a false alarm in about 1,950 reviewed, 10 % errors found after about 46."""
    assert _run_length(0.02) == pytest.approx(1950, rel=0.1)
    assert _run_length(0.10) == pytest.approx(46, rel=0.1)
    assert cusum([True] * 4, 0.02, 0.05) > 3 > cusum([True] * 3, 0.02, 0.05)
    assert cusum([False] * 100, 0.02, 0.05) == 0


def _run_length(share, runs=1500):
    """The mean number of reviewed actions until an alarm, simulated."""
    rng = random.Random(7)
    up, down, lengths = math.log(2.5), math.log(0.95 / 0.98), []
    for _ in range(runs):
        total, length = 0.0, 0
        while total <= 3:
            length += 1
            total = max(0.0, total + (up if rng.random() < share else down))
        lengths.append(length)
    return sum(lengths) / runs


def test_the_stability_index_of_a_textbook_table():
    """Two bins that swap 60:40 to 40:60: (0.4 - 0.6) ln(0.4/0.6) + (0.6 - 0.4) ln(0.6/0.4) = 0.1622."""
    assert population_stability({"a": 60, "b": 40}, {"a": 40, "b": 60}) == pytest.approx(0.1622, abs=5e-5)
    assert population_stability({"a": 6, "b": 4}, {"a": 60, "b": 40}) == pytest.approx(0)
    assert population_stability({}, {"a": 1}) == 0
    assert population_stability({"a": 100}, {"b": 100}) > 0.25
    assert deciles(list(range(100))) == (10, 20, 30, 40, 50, 60, 70, 80, 90)
    assert deciles([]) == ()


def test_evidence_of_a_long_life_is_no_overflow():
    assert capital(100_000, 10, 0.5) == float("inf")
    assert 0.99 < anytime_bound(100_000, 100) < 0.9991
