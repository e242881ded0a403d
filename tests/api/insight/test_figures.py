"""Figures of a period: each thing counts at the moment it happened, and shares come with their intervals."""

from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.insight.chronicle import Chronicle
from api.insight.figures import Assumptions, by_rule, by_workflow, tally, weeks
from api.insight.line import line_of
from api.insight.outcome import advice, effect, report
from api.insight.sifting import Sieve, sift
from engine.events import HistoryItem
from engine.feel import Money
from tests.api import sample

NOW = sample.NOW
WEEK = timedelta(days=7)


def line(number, *steps, state="sent", created=timedelta(days=2), **more):
    """An action created some time ago, with (state, by, days ago) as its history."""
    history = tuple(HistoryItem(at=NOW - timedelta(days=ago), state=word, by=by) for word, by, ago in steps)
    return line_of(sample.mail(number, "C-1042", state, created_at=NOW - created, history=history, **more))


APPROVED = line(1, ("approved", "ayse", 1), ("sent", "dispatch", 1))
EDITED = line(2, ("edited", "ayse", 1.5), ("approved", "ayse", 1), ("sent", "dispatch", 1))
REJECTED = line(3, ("rejected", "ayse", 1), state="rejected")
ALONE = line(4, ("approved", "policy:internal_tasks", 1), ("sent", "dispatch", 1))
OLD = line(5, ("approved", "ayse", 9), ("sent", "dispatch", 9), created=timedelta(days=10))


def test_each_thing_counts_when_it_happened_and_a_policy_is_no_person():
    found = tally(Chronicle.of([APPROVED, EDITED, REJECTED, ALONE, OLD]), NOW - WEEK, NOW)
    assert (found.flagged, found.approved, found.edited, found.rejected) == (4, 1, 1, 1)
    assert (found.sent, found.alone, found.decided) == (3, 1, 3)
    assert found.acceptance == pytest.approx(1 / 3)
    assert found.wait == timedelta(days=1)
    assert found.money == {"TRY": Decimal("552750.00")}


def test_what_became_of_it_counts_when_it_was_seen():
    ends = [("good", 1), ("good", 2), ("bad", 3), ("open", 4), ("good", 9)]
    lines = [
        msgspec.structs.replace(OLD, id=f"{ago}", outcome=end, outcome_at=NOW - timedelta(days=ago))
        for end, ago in ends
    ]
    found = tally(Chronicle.of(lines), NOW - WEEK, NOW)
    assert (found.good, found.bad, found.unsettled, found.watched) == (2, 1, 1, 4)
    assert found.success == pytest.approx(0.5)
    low, high = found.success_band
    assert low < 0.5 < high
    assert tally(Chronicle.of([OLD]), NOW - WEEK, NOW).success is None
    assert sift(lines, Sieve(show="all", came="bad"), str) == [lines[2]]


def test_hours_saved_are_what_the_assumptions_say():
    found = tally(Chronicle.of([APPROVED, EDITED, ALONE]), NOW - WEEK, NOW)
    given = Assumptions(by_hand=10, decision=1, edit=5)
    assert given.hours(found) == pytest.approx((3 * 10 - 2 * 1 - 1 * 5) / 60)
    assert Assumptions(by_hand=0).hours(found) == 0


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(1, 45))
def test_weeks_add_up_to_their_period(ago, days):
    lines = [line(n, ("approved", "ayse", day), ("sent", "dispatch", day)) for n, day in enumerate(ago)]
    chronicle = Chronicle.of(lines)
    whole = tally(chronicle, NOW - timedelta(days=days), NOW)
    parts = [each for _, each in weeks(chronicle, NOW - timedelta(days=days), NOW)]
    for name in ("flagged", "approved", "sent"):
        assert sum(getattr(each, name) for each in parts) == getattr(whole, name)


def test_workflows_and_rules_are_counted_apart():
    other = msgspec.structs.replace(APPROVED, ruleset="quotes", rule="silence")
    chronicle = Chronicle.of([APPROVED, other])
    assert {name: each.sent for name, each in by_workflow(chronicle, NOW - WEEK, NOW).items()} == {
        "collections": 1,
        "quotes": 1,
    }
    assert list(by_rule(chronicle, "quotes", NOW - WEEK, NOW)) == ["silence"]


def test_a_change_of_few_decisions_may_be_chance_and_of_many_is_not():
    few = [line(n, ("approved" if n else "rejected", "ayse", 1)) for n in range(4)]
    few += [line(n, ("approved", "ayse", 8)) for n in range(4, 8)]
    many = [line(n, ("rejected", "ayse", 1)) for n in range(60)]
    many += [line(n, ("approved", "ayse", 8)) for n in range(60, 120)]
    assert not report(Chronicle.of(few), NOW - WEEK, NOW, Assumptions()).acceptance.sure
    found = report(Chronicle.of(many), NOW - WEEK, NOW, Assumptions()).acceptance
    assert found.sure
    assert found.low < found.high < 0
    assert not effect(tally(Chronicle(), NOW - WEEK, NOW), tally(Chronicle.of(many), NOW - WEEK, NOW)).sure


def test_what_to_do_next_follows_from_the_figures():
    bad = [line(n, ("rejected", "ayse", 1), state="rejected") for n in range(6)]
    good = [msgspec.structs.replace(line(n, ("approved", "ayse", 1)), rule="fine") for n in range(6, 31)]
    lost = [msgspec.structs.replace(line(1, ("failed", "dispatch", 1), state="failed"), rule="lost")]
    assert [
        (each.kind, each.rule, each.count) for each in advice(Chronicle.of([*bad, *good, *lost]), NOW - WEEK, NOW)
    ] == [
        ("failed", "lost", 1),
        ("rejected", "overdue_account", 6),
        ("trusted", "fine", 25),
    ]


def test_the_largest_money_of_a_payload_is_what_it_is_about():
    payload = {
        "a": [Money(Decimal(5), "TRY")],
        "b": {"amount": "90.50", "currency": "EUR"},
        "c": {"amount": "x", "currency": "EUR"},
    }
    assert line(1, payload=payload).amount == Money(Decimal("90.50"), "EUR")
