"""Simulated rules of known quality pass and fail the gates at the designed rates."""

import random
from datetime import UTC, datetime, timedelta
from math import ceil, sqrt
from pathlib import Path

import numpy as np
import pytest

from approvals.autonomy.standing import Asked
from engine.settings.earning import Earning, Graduation
from evals.autonomy.gates import Situation, go_live, graduation
from evals.autonomy.samples import Sample
from evals.autonomy.simulate import ask, simulate, tables
from evals.scoring import Confusion
from evals.statistics.binomial import at_least, needed

PAGE = Path(__file__).parents[2] / "docs" / "autonomy.md"
RUNS = 4000
NOW = datetime(2026, 6, 1, tzinfo=UTC)


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


def promoted(config, quality, rules, asks, seed):
    """Let so many rules be labelled one by one and asked for through the gate itself; return the share it lets through."""
    rng = random.Random(seed)
    right, wrong = (
        Sample(action="a", subject="customer:C1", seq=1, proposed=1, at=NOW, source="verdict", correct=each)
        for each in (True, False)
    )
    passed = 0
    for _ in range(rules):
        labels, asked = [], None
        for place in range(asks):
            labels += [
                right if rng.random() < quality else wrong for _ in range(config.fresh if place else config.samples)
            ]
            situation = Situation(
                now=NOW,
                since=NOW - timedelta(days=400),
                deployed=NOW - timedelta(days=400),
                consequence="low",
                asked=asked,
            )
            gate = graduation(config, labels, situation)
            if gate.passed:
                passed += 1
                break
            asked = Asked(seq=1, labelled=gate.labelled, passed=False, by="elif", at=NOW)
    return passed / rules


def test_a_thousand_rules_of_97_percent_through_the_gate_itself():
    """Scenario 8: a single ask and a persistent one, under the letter and under the default."""
    letter = Graduation(bound="point")
    assert within(promoted(letter, 0.97, 1000, 1, 11), at_least(490, 500, 0.97), 1000)
    assert promoted(letter, 0.97, 300, 5, 12) == pytest.approx(0.41, abs=4 * sqrt(0.41 * 0.59 / 300))
    assert promoted(Graduation(), 0.97, 1000, 5, 13) <= 0.05
    assert promoted(Graduation(), 0.99, 200, 5, 14) > 0.9


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
