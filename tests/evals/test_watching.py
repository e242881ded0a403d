"""Canary, audit and watch: pure functions."""

from datetime import UTC, datetime, timedelta

import pytest

from approvals.autonomy.standing import Standing, alone, draw
from approvals.structs import Policy
from engine.settings.earning import Audit, Canary, Watch
from evals.autonomy.samples import Sample
from evals.autonomy.watching import audit_share, next_share, watch

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def results(*right, critical=False):
    return [
        Sample(action=str(place), subject="customer:C1", seq=place, proposed=place, at=NOW, source="audit", correct=each,
               critical=critical and not each)
        for place, each in enumerate(right)
    ]  # fmt: skip


def test_the_canary_widens_after_enough_reviews_and_days():
    config, good = Canary(), results(*[True] * 30)
    week = NOW + timedelta(days=7)
    assert next_share(config, 0.05, good, NOW, week) == 0.25
    assert next_share(config, 0.25, good, NOW, week) == 1.0
    assert next_share(config, 1.0, good, NOW, week) == 1.0
    assert next_share(config, 0.05, good[:29], NOW, week) == 0.05
    assert next_share(config, 0.05, good, NOW, week - timedelta(hours=1)) == 0.05


def test_audits_thin_out_with_each_streak_and_are_full_after_an_error():
    config = Audit()
    assert audit_share(config, []) == 1.0
    assert audit_share(config, results(*[True] * 100)) == 0.2
    assert audit_share(config, results(*[True] * 900)) == 0.1
    assert audit_share(config, results(*[True] * 900, False)) == 1.0
    assert audit_share(Audit(shares=(1.0, 0.0)), results(*[True] * 100)) == 0.05, "never below one in twenty"


def test_four_errors_in_a_row_nine_in_a_hundred_or_one_critical_raise_the_alarm():
    config = Watch()
    assert watch(config, results(True, False, False, False)).alarm == ""
    assert watch(config, results(False, False, False, False)).alarm.startswith("errors drift beyond 2%")
    assert watch(config, results(*[True] * 50, False, critical=True)).alarm == "a critical error: 50"
    spread = [place % 11 != 0 for place in range(100)]
    lax = Watch(threshold=100)
    assert watch(lax, results(*spread)).alarm == "the error budget is spent: 9 among the last 89 reviewed"
    assert watch(Watch(threshold=100, errors=10), results(*spread)).alarm == ""


def test_a_stage_lets_only_what_it_should_go_alone():
    earned, never = Policy(name="p", approval="earned"), Policy(name="p", approval="never")
    full = Standing(stage="autonomous", since=NOW, fingerprint="f")
    assert alone(earned, full, "f", "a").reasons == ()
    assert alone(earned, full, "other", "a").reasons == (
        "what the action depends on has changed since it earned autonomy",
    )
    assert alone(earned, None, "f", "a").reasons == ("in approval: autonomy is not earned yet",)
    assert alone(never, None, "", "a").reasons == ()
    assert alone(earned, Standing(stage="shadow", since=NOW), "f", "a").shadow
    assert alone(None, full, "f", "a").reasons == ()
    drawn = [draw("canary", str(each)) for each in range(4000)]
    assert sum(each < 0.05 for each in drawn) / 4000 == pytest.approx(0.05, abs=0.012)
