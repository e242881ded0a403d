"""What reviewers miss, in the figures that rest on their verdicts."""

from datetime import UTC, datetime, timedelta

import pytest
from scipy import stats

from engine.settings.earning import Graduation
from evals.autonomy.gates import Situation, graduation
from evals.autonomy.samples import Sample
from evals.statistics.binomial import at_least
from evals.statistics.misses import Misses, stricter

NOW = datetime(2026, 6, 1, tzinfo=UTC)
YEAR = timedelta(days=365)


def gate(right, misses, bound="point"):
    samples = [
        Sample(action=str(each), subject="customer:C1", seq=each, proposed=each, at=NOW, source="verdict",
               correct=each >= 500 - right)
        for each in range(500)
    ]  # fmt: skip
    situation = Situation(now=NOW, since=NOW - YEAR, deployed=NOW - YEAR, consequence="low", misses=misses)
    return graduation(Graduation(bound=bound), samples, situation)


def test_the_bound_of_what_is_missed_is_the_beta_quantile():
    assert Misses(shown=40, missed=10).upper(20, 0.05) == pytest.approx(stats.beta.ppf(0.95, 11, 30), abs=1e-9)
    assert Misses(shown=30, missed=30).upper(20, 0.05) == 1.0
    assert Misses(shown=19, missed=19).upper(20, 0.05) == 0.0, "too few to say"


def test_reviewers_who_miss_half_let_a_95_percent_rule_through_until_that_is_measured():
    """Seen through such eyes 95 % look like 97.5 %, and pass 490 of 500 some 29 times in a hundred."""
    assert at_least(490, 500, stricter(0.95, 0.5)) == pytest.approx(0.29, abs=0.01)
    half = Misses(shown=60, missed=30)
    assert gate(490, Misses()).passed
    asked = next(count for count in range(490, 501) if gate(count, half).passed)
    assert at_least(asked, 500, stricter(0.95, 0.5)) < 0.002
    assert at_least(asked, 500, stricter(0.995, 0.5)) > 0.9, "and a good rule still passes"


@pytest.mark.parametrize("bound", ["point", "lower_bound", "anytime"])
def test_every_bound_is_stricter_by_what_is_missed(bound):
    needed = [
        next(count for count in range(480, 501) if gate(count, each, bound).passed)
        for each in (Misses(), Misses(shown=60, missed=6))
    ]
    assert needed[0] < needed[1]


def test_reviewers_who_see_nothing_can_show_nothing():
    found = gate(500, Misses(shown=30, missed=29))
    assert any(each.startswith("reviewers who see mistakes; they missed 29 of 30") for each in found.missing)
