"""Working days of the company's country, and the moment at which a count of them flips."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.feel import Env, compile
from engine.feel.types import DATE
from engine.inference.expressions import Expressions
from engine.model.calendar import host_functions
from engine.model.structs import EntityType, Field, Model
from engine.source.expression import Expression

ISTANBUL = ZoneInfo("Europe/Istanbul")
FUNCTIONS = host_functions("TR")
MODEL = Model(entities={"invoice": EntityType(name="invoice", fields={"due_date": Field(type="date")})})


def value(text: str, **scope: object):
    program = compile(text, dict.fromkeys(scope, DATE), functions=FUNCTIONS)
    return program.run(scope, Env(datetime(2026, 4, 20, 12, tzinfo=ISTANBUL)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('is business day(@"2026-04-24")', True),
        ('is business day(@"2026-04-23")', False),  # National Sovereignty and Children's Day
        ('is business day(@"2026-04-25")', False),  # a Saturday
        ('business days between(@"2026-04-20", @"2026-04-20")', Decimal(0)),
        ('business days between(@"2026-04-20", @"2026-04-27")', Decimal(4)),
        ('business days between(@"2026-04-27", @"2026-04-20")', Decimal(-4)),
        ('add business days(@"2026-04-22", 1)', date(2026, 4, 24)),
        ('add business days(@"2026-04-24", -1)', date(2026, 4, 22)),
        ("is business day(null)", None),
    ],
)
def test_a_holiday_and_a_weekend_do_not_count(text, expected):
    assert value(text) == expected


def test_without_a_country_only_weekends_are_off():
    program = compile('is business day(@"2026-04-23")', {}, functions=host_functions(""))
    assert program.run({}, Env(datetime(2026, 4, 20, tzinfo=ISTANBUL))) is True


@given(due=st.dates(date(2026, 1, 1), date(2026, 12, 31)), days=st.integers(0, 30), start=st.integers(-40, 10))
def test_the_flip_is_the_first_midnight_at_which_the_outcome_differs(due, days, start):
    expressions = Expressions(MODEL, FUNCTIONS)
    compiled = expressions.expression(Expression(f"business days between(due_date, today()) > {days}"), "invoice")
    assert compiled is not None
    assert not compiled.flips.daily
    now = datetime.combine(due + timedelta(days=start), datetime.min.time(), ISTANBUL) + timedelta(hours=9)
    scope = {"due_date": due}

    def outcome(at: datetime):
        return compiled.program.run(scope, Env(at, ISTANBUL))

    flip = compiled.flips.next(scope, Env(now, ISTANBUL))
    midnights = [datetime.combine(now.date() + timedelta(days=n), datetime.min.time(), ISTANBUL) for n in range(1, 90)]
    expected = next((at for at in midnights if outcome(at) != outcome(now)), None)
    if expected is not None:
        assert flip is not None
        assert flip <= expected
