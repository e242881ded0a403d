"""Simulated rules of known quality pass and fail the gates at the designed rates."""

from math import ceil, sqrt
from pathlib import Path

import numpy as np
import pytest

from engine.settings.earning import Earning, Graduation
from evals.autonomy.gates import go_live
from evals.autonomy.simulate import ask, simulate, tables
from evals.scoring import Confusion
from evals.statistics.binomial import at_least, needed

PAGE = Path(__file__).parents[2] / "docs" / "autonomy.md"
RUNS = 4000


def within(found, exact, runs=RUNS):
    """Within four standard errors of Monte Carlo."""
    return abs(found - exact) <= 4 * sqrt(max(exact * (1 - exact), 1 / runs) / runs)


@pytest.mark.parametrize("quality", [0.95, 0.97, 0.98, 0.99])
def test_a_single_ask_passes_as_often_as_the_binomial_says(quality):
    rng = np.random.default_rng(5)
    point = ask(Graduation(bound="point"), quality, RUNS, 1, rng)
    assert within(point.single, at_least(490, 500, quality))
    bounded = ask(Graduation(bound="lower_bound"), quality, RUNS, 1, rng)
    assert within(bounded.single, at_least(needed(500, 0.98), 500, quality))


def test_one_persistent_asker_under_the_letter_and_under_the_default():
    """Scenario 8: by the letter 41 % of 97 % rules are through by the 5th ask and 98 % by the 40th."""
    rng = np.random.default_rng(6)
    letter = Graduation(bound="point")
    assert ask(letter, 0.97, RUNS, 5, rng).persistent == pytest.approx(0.41, abs=0.03)
    assert ask(letter, 0.97, RUNS, 40, rng).persistent == pytest.approx(0.98, abs=0.01)
    assert ask(Graduation(), 0.97, RUNS, 200, rng).persistent <= 0.05
    assert ask(Graduation(), 0.96, RUNS, 200, rng).persistent <= 0.05


def test_of_a_thousand_rules_of_97_percent_the_designed_share_is_promoted_and_good_ones_are_not_kept_waiting():
    rng = np.random.default_rng(7)
    assert ask(Graduation(), 0.97, 1000, 40, rng).persistent <= 0.05
    good = ask(Graduation(), 0.99, 1000, 40, rng)
    assert good.persistent > 0.99
    assert good.labels <= 1000


@pytest.mark.parametrize(("cases", "quality"), [(50, 0.8), (50, 0.9), (100, 0.8)])
def test_go_live_passes_as_often_as_the_binomial_says(cases, quality):
    rng = np.random.default_rng(8)
    config = Earning().go_live
    right = rng.binomial(cases, quality, RUNS)
    half = cases // 2
    passed = [
        go_live(config, Confusion(hits=min(k, half), misses=max(half - k, 0), rejections=max(k - half, 0),
                                  false_alarms=cases - half - max(k - half, 0))).passed
        for k in right
    ]  # fmt: skip
    exact = at_least(ceil(0.8 * cases + 1e-9) if (0.8 * cases) % 1 else int(0.8 * cases) + 1, cases, quality)
    assert within(sum(passed) / RUNS, exact)


def test_the_page_shows_what_the_simulation_prints():
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition("<!-- simulated -->\n")
    shown, _, after = rest.partition("<!-- end -->")
    fresh = tables(simulate(Earning())) + "\n"
    assert before
    assert after
    assert shown == fresh
