"""Drift of inputs and edits, as pure functions."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from engine.events import ActionKey, Decision, Proof
from evals.drift import edits, inputs

SINCE = datetime(2026, 2, 1, tzinfo=UTC)


def decisions(values, at):
    return [
        Decision(
            id=f"{at:%d}{number}", kind="propose", proposal=str(number), key=ActionKey("r", "a", "b", "customer:C1"),
            at=at, revision="", because="", inputs={"amount": value}, proof=Proof(kind="rule", path=""),
        )
        for number, value in enumerate(values)
    ]  # fmt: skip


def test_amounts_that_stay_alike_are_no_alarm_and_amounts_that_move_are():
    before = decisions([Decimal(each) for each in range(200)], SINCE - timedelta(days=10))
    same = decisions([Decimal(each) for each in range(0, 200, 2)], SINCE + timedelta(days=1))
    moved = decisions([Decimal(each + 150) for each in range(100)], SINCE + timedelta(days=1))
    assert [each.alarm for each in inputs("r/a/b", before + same, SINCE)] == [False]
    assert [each.alarm for each in inputs("r/a/b", before + moved, SINCE)] == [True]
    assert inputs("r/a/b", before + moved[:10], SINCE) == []


def test_kinds_that_appear_are_an_alarm():
    before = decisions(["a", "b"] * 50, SINCE - timedelta(days=10))
    assert [each.alarm for each in inputs("r", before + decisions(["a", "c"] * 50, SINCE), SINCE)] == [True]


def test_drafts_that_are_rewritten_more_are_an_alarm():
    likeness = [(SINCE - timedelta(days=1), 0.95)] * 40 + [(SINCE, 0.6)] * 40
    assert [each.alarm for each in edits("r", likeness, SINCE)] == [True]
    assert [each.alarm for each in edits("r", [*likeness[:40], *[(SINCE, 0.93)] * 40], SINCE)] == [False]
