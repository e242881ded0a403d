from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest

from api.render import duration, literal, months, number, plain
from api.routes.shapes import action_out
from engine.events import HistoryItem
from engine.feel import Money, YearsMonths
from tests.api import sample


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("12", 12),
        ("12.00", 12),
        ("0.1", 0.1),
        ("9007199254740992", 9007199254740992),
        ("9007199254740993", "9007199254740993"),
        ("0.1234567890123456789", "0.1234567890123456789"),
    ],
)
def test_a_number_is_a_json_number_only_where_that_is_exact(value, shown):
    assert number(Decimal(value)) == shown
    assert type(number(Decimal(value))) is type(shown)


def test_money_keeps_its_digits_and_its_currency():
    assert plain(Money(Decimal("12.50"), "TRY")) == {"amount": "12.50", "currency": "TRY"}
    assert plain(Money(Decimal("1E+3"), "TRY"))["amount"] == "1000.00"
    assert plain(Money(Decimal("0.1250"), "TRY"))["amount"] == "0.1250"


def test_times_are_iso_8601():
    assert plain(date(2026, 1, 5)) == "2026-01-05"
    assert plain(datetime(2026, 1, 5, 8, tzinfo=UTC)) == "2026-01-05T08:00:00+00:00"
    assert duration(timedelta(days=1, hours=2, seconds=1.5)) == "P1DT2H1.5S"
    assert duration(-timedelta(minutes=3)) == "-PT3M"
    assert duration(timedelta()) == "PT0S"
    assert months(14) == "P1Y2M"
    assert plain(YearsMonths(-3)) == "-P3M"


def test_nesting_is_followed_through_lists_contexts_and_tuples():
    assert plain({"a": [Decimal(1), (None, True)]}) == {"a": [1, [None, True]]}


def test_a_literal_is_what_feel_would_read_again():
    value = {"a": [Decimal("1.50"), 'say "hi"', None], "d": date(2026, 1, 5)}
    assert literal(value) == '{a: [1.50, "say \\"hi\\"", null], d: @"2026-01-05"}'


def test_the_moments_of_an_action_stand_in_one_zone():
    action = sample.mail(1, "C-1042")
    sent = HistoryItem(at=sample.NOW.astimezone(ZoneInfo("Europe/Istanbul")), state="sent", by="dispatch")
    told = action_out(msgspec.structs.replace(action, history=(*action.history, sent)))
    zones = {datetime.fromisoformat(step["at"]).utcoffset() for step in told.history}
    assert zones == {told.created_at.utcoffset()}
