"""The recipient's business hours: in their zone, on their days, never on their holidays."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.hours import Hours, next_open

ISTANBUL, NEW_YORK = ZoneInfo("Europe/Istanbul"), ZoneInfo("America/New_York")
HOURS = Hours(opens=time(9), closes=time(17, 30), off={date(2026, 1, 1)})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("now", "zone", "opens"),
    [
        ("2026-01-05T08:00:00+00:00", ISTANBUL, "2026-01-05T08:00:00+00:00"),  # Monday, 11:00 there
        ("2026-01-05T05:00:00+00:00", ISTANBUL, "2026-01-05T06:00:00+00:00"),  # 08:00 there: an hour later
        ("2026-01-05T14:30:00+00:00", ISTANBUL, "2026-01-06T06:00:00+00:00"),  # closed on the minute
        ("2026-01-09T18:00:00+00:00", ISTANBUL, "2026-01-12T06:00:00+00:00"),  # Friday evening
        ("2025-12-31T18:00:00+00:00", ISTANBUL, "2026-01-02T06:00:00+00:00"),  # over the holiday
        ("2026-01-05T08:00:00+00:00", NEW_YORK, "2026-01-05T14:00:00+00:00"),  # 03:00 in New York
        ("2026-03-06T23:00:00+00:00", NEW_YORK, "2026-03-09T13:00:00+00:00"),  # the clocks went forward on Sunday
    ],
)
def test_what_is_due_at_another_time_waits_until_they_begin(now, zone, opens):
    assert next_open(HOURS, at(now), zone) == at(opens)


@pytest.mark.parametrize(
    "hours", [{"days": frozenset()}, {"opens": time(17), "closes": time(9)}], ids=["no day", "turned round"]
)
def test_hours_that_never_are_keep_everything_back(hours):
    never = msgspec.structs.replace(HOURS, **hours)
    moment = at("2026-01-05T08:00:00+00:00")
    for _ in range(20):
        opens = next_open(never, moment, ISTANBUL)
        assert opens > moment, "and not at once"
        moment = opens


@given(st.integers(0, 360 * 24 * 3600), st.sampled_from([ISTANBUL, NEW_YORK, UTC]))
def test_the_moment_found_is_open_and_the_first(seconds, zone):
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    opens = next_open(HOURS, now, zone)
    local = opens.astimezone(zone)
    assert opens >= now
    assert local.weekday() < 5
    assert time(9) <= local.time().replace(tzinfo=None) < time(17, 30)
    assert local.date() != date(2026, 1, 1)
    assert next_open(HOURS, opens, zone) == opens
    if opens > now:
        assert next_open(HOURS, opens - timedelta(seconds=1), zone) == opens
