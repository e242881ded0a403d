"""The clock and the calendar (DMN 1.5, 10.3.4.10 to 10.3.4.12)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from engine.feel import Env, compile, evaluate


def test_calendar(case):
    """
    day of year(@"2026-12-31") => 365
    day of year(@"2024-12-31T10:00:00Z") => 366
    day of week(@"2026-01-05") => "Monday"
    month of year(@"2026-01-05") => "January"
    week of year(@"2026-01-01") => 1
    week of year(@"2023-01-01") => 52
    week of year(@"2020-12-31") => 53
    day of week(@"-0001-01-01") => "Friday"
    day of week(1) => fault
    """
    case.check()


def test_the_clock_is_the_callers(case):
    """
    now() => @"2026-01-05T08:00:00Z"
    today() => @"2026-01-05"
    today() - @"2025-12-31" => @"P5D"
    now() - @"2026-01-04T08:00:00Z" > @"PT23H" => true
    """
    case.check()


def test_the_zone_makes_the_day():
    late = datetime(2026, 1, 5, 22, 30, tzinfo=UTC)
    assert compile("today()").run({}, Env(late)).isoformat() == "2026-01-05"
    assert compile("today()").run({}, Env(late, ZoneInfo("Europe/Istanbul"))).isoformat() == "2026-01-06"


def test_a_clock_needs_a_zone():
    with pytest.raises(ValueError, match="time zone"):
        Env(datetime(2026, 1, 5))  # noqa: DTZ001  (that is the point)


def test_evaluate_reads_the_real_clock():
    before = datetime.now(UTC)
    assert before <= evaluate("now()") <= datetime.now(UTC)
