"""One JSON form: the same bytes for the same value, and the same value back."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.canonical import action_digest, canonical_json, digest, from_plain, to_plain
from engine.events import ActionKey, Merge, Source
from engine.feel import Money, Range, YearsMonths

BERLIN = ZoneInfo("Europe/Berlin")

ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.times().map(lambda each: each.replace(fold=0))
    | st.timedeltas(timedelta(days=-999_999), timedelta(days=999_999))
    | st.datetimes().map(lambda each: each.replace(fold=0))
    | st.datetimes(timezones=st.just(UTC) | st.just(timezone(timedelta(hours=5.5)))).map(
        lambda each: each.replace(fold=0)
    )
    | st.datetimes(timezones=st.just(BERLIN))
)
NAMES = st.text() | st.sampled_from(["number", "date", "context", "date and time", "list"])
VALUES = st.recursive(ATOMS, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner))


def back(value):
    return from_plain(msgspec.json.decode(msgspec.json.encode(to_plain(value))))


@given(VALUES)
def test_every_value_comes_back_as_it_was(value):
    assert repr(back(value)) == repr(value)


@pytest.mark.parametrize(
    "value",
    [
        Money(Decimal("1.50"), "TRY"),
        YearsMonths(-14),
        YearsMonths(0),
        Range(Decimal(1), date(2026, 1, 5), True, False),
        Range(None, Decimal("1.0"), False, False, "<"),
        {"money": {"amount": "1.50", "currency": "TRY"}},
        {"range": [{"money": None}]},
    ],
)
def test_the_values_of_feel_alone_come_back_too(value):
    assert back(value) == value
    assert type(back(value)) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, None, "ü"]}, '{"a":[true,null,"ü"],"b":1}'),
        (Decimal("1.50"), '{"number":"1.50"}'),
        (date(2026, 1, 5), '{"date":"2026-01-05"}'),
        (time(8, 30), '{"time":"08:30:00"}'),
        (datetime(2026, 1, 5, 8, tzinfo=UTC), '{"date and time":"2026-01-05T08:00:00+00:00"}'),
        (datetime(2026, 1, 5, 8, tzinfo=BERLIN), '{"date and time":"2026-01-05T08:00:00@Europe/Berlin"}'),
        (
            datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1),
            '{"date and time":"2026-10-25T02:30:00+01:00@Europe/Berlin"}',
        ),
        ({"number": "a word"}, '{"context":{"number":"a word"}}'),
        ({"context": {}}, '{"context":{"context":{}}}'),
        (Money(Decimal("1.50"), "TRY"), '{"money":{"amount":"1.50","currency":"TRY"}}'),
        (YearsMonths(14), '{"duration":"P1Y2M"}'),
        (YearsMonths(-1), '{"duration":"-P0Y1M"}'),
        (timedelta(days=1, hours=2), '{"duration":"P1DT7200S"}'),
        (timedelta(0), '{"duration":"PT0S"}'),
        (timedelta(days=-2), '{"duration":"-P2D"}'),
        (timedelta(microseconds=-1500), '{"duration":"-PT0.0015S"}'),
        (
            Range(Decimal(1), Decimal(5), True, False),
            '{"range":{"end":{"number":"5"},"end included":false,"operator":"","start":{"number":"1"},"start included":true}}',
        ),
        (ActionKey("a", "b", "c", "d"), '{"action":"c","rule":"b","ruleset":"a","subject":"d"}'),
        (Source(record="erp/invoices/1"), '{"record":"erp/invoices/1"}'),
        (Merge("customer", "C1", "C2"), '{"entity":"customer","id":"C1","other":"C2","type":"Merge"}'),
    ],
)
def test_the_form_is_fixed(value, text):
    assert canonical_json(value).decode() == text


def test_a_digest_is_the_sha_256_of_the_form():
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    one = action_digest("a1", "crm.create_task", {"x": 1, "y": Decimal(2)})
    assert one == action_digest("a1", "crm.create_task", {"y": Decimal(2), "x": 1})
    assert one != action_digest("a1", "mail.send", {"x": 1, "y": Decimal(2)})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN"), "\ud800"])
def test_what_is_no_number_and_no_text_is_refused(value):
    with pytest.raises(ValueError):
        canonical_json([value])


@pytest.mark.parametrize("value", [{1: 2}, object(), {"a"}, b"bytes"])
def test_what_has_no_form_is_refused(value):
    with pytest.raises(TypeError):
        canonical_json(value)


@pytest.mark.parametrize(
    "plain",
    [
        {"number": "x"},
        {"number": 1.5},
        {"date": "2026-99-01"},
        {"duration": "long"},
        {"duration": "PM"},
        {"money": "1"},
        {"money": {}},
        {"range": {}},
        {"date and time": "2026-01-01T00:00@No/Where"},
    ],
)
def test_a_tag_holding_what_it_may_not_is_refused(plain):
    with pytest.raises(ValueError):
        from_plain(plain)
