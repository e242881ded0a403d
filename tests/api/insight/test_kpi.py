"""A key figure is measured over its period and held against its baseline; the change comes with its interval."""

from datetime import date, timedelta

import pytest

from api.insight.kpi import Figure, Observed, figure

START = date(2026, 1, 5)
EMPTY = Figure(
    id="late", ruleset="collections", title="Days late", since=START, until=START + timedelta(days=28),
    before_from=date(2025, 1, 1), before_until=START,
)  # fmt: skip


def seen(values, start, each=1):
    return [Observed(start + timedelta(days=number // each), value) for number, value in enumerate(values)]


def test_only_what_falls_into_each_time_counts():
    before = seen([10.0, 12.0, 14.0], date(2025, 6, 1))
    now = seen([4.0, 6.0], START)
    outside = [
        Observed(date(2024, 12, 31), 900.0), Observed(START + timedelta(days=28), 900.0),
    ]  # fmt: skip
    found = figure(EMPTY, [*before, *now, *outside])
    assert (found.before.value, found.before.count) == (pytest.approx(12.0), 3)
    assert (found.now.value, found.now.count) == (pytest.approx(5.0), 2)
    assert found.change.value == pytest.approx(-7.0)


def test_few_observations_may_be_chance_and_many_are_not():
    few = figure(EMPTY, [*seen([10.0, 14.0], date(2025, 6, 1)), *seen([4.0, 12.0], START)])
    assert few.verdict == "unsure"
    many = [*seen([10.0, 14.0] * 40, date(2025, 6, 1)), *seen([4.0, 8.0] * 40, START, each=4)]
    assert figure(EMPTY, many).verdict == "better"
    assert figure(Figure(**{name: getattr(EMPTY, name) for name in EMPTY.__struct_fields__} | {"lower": False}), many
                  ).verdict == "worse"  # fmt: skip
    assert len(figure(EMPTY, many).weeks) == 3
    assert all(each.low < each.value < each.high for _, each in figure(EMPTY, many).weeks)


def test_a_yes_or_no_is_a_share():
    found = figure(EMPTY, [*seen([True, False, False, False], date(2025, 6, 1)), *seen([True, True, False], START)])
    assert found.shares
    assert found.before.value == pytest.approx(0.25)
    assert found.now.value == pytest.approx(2 / 3)
    assert 0 <= found.now.low < found.now.high <= 1


def test_nothing_seen_is_no_figure():
    found = figure(EMPTY, [])
    assert (found.now, found.before, found.change, found.verdict) == (None, None, None, "")
    assert figure(EMPTY, seen([3.0], START)).verdict == ""
