from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.feel import Env, Money, compile
from engine.mapping import FUNCTIONS

ISTANBUL = ZoneInfo("Europe/Istanbul")


def run(expression):
    env = Env(datetime(2026, 1, 1, tzinfo=ISTANBUL))
    value = compile(expression, {}, functions=FUNCTIONS).run({}, env)
    return value, [fault.message for fault in env.faults]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('parse date("4/6/2013", "M/d/yyyy")', date(2013, 4, 6)),
        ('parse date("31.01.2026", "dd.MM.yyyy")', date(2026, 1, 31)),
        ('parse date("20260131", "yyyyMMdd")', date(2026, 1, 31)),
        ('parse date("31/01/99", "dd/MM/yy")', date(1999, 1, 31)),
        ('parse date("31/01/26", "dd/MM/yy")', date(2026, 1, 31)),
        ('parse date("31.01.2026 9:05", "dd.MM.yyyy H:mm")', datetime(2026, 1, 31, 9, 5, tzinfo=ISTANBUL)),
        ('parse date(" ", "dd.MM.yyyy")', None),
        ('parse date(null, "dd.MM.yyyy")', None),
        ('parse number("1.234.567,89", ",", ".")', Decimal("1234567.89")),
        ('parse number("1234567,89", ",", ".")', Decimal("1234567.89")),
        ('parse number("12,34,567.8", ".", ",")', Decimal("1234567.8")),
        ('parse number("-5")', Decimal(-5)),
        ('parse number("1 234,5", ",", " ")', Decimal("1234.5")),
        ("parse number(7)", Decimal(7)),
        ('parse number("")', None),
        ('money(12.5, "try")', Money(Decimal("12.5"), "TRY")),
        ('money("12.5", "EUR")', Money(Decimal("12.5"), "EUR")),
        ('money(null, "EUR")', None),
    ],
)
def test_what_is_read(expression, expected):
    assert run(expression) == (expected, [])


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ('parse date("31/04/2026", "dd/MM/yyyy")', '"31/04/2026" is no date of the calendar'),
        ('parse date("2026-01-31", "dd.MM.yyyy")', '"2026-01-31" has not the form dd.MM.yyyy'),
        ('parse date("x", "EEE")', '"EEE" in the pattern "EEE" is not known'),
        ('parse number("1.234,56")', '"1.234,56" has not the form 1234.56'),
        ('parse number("1,2,3", ".", ",")', '"1,2,3" has not the form 1,234.56'),
        ('parse number("١٢")', "has not the form"),
        ('money(1, "lira")', '"lira" is no ISO 4217 currency code'),
    ],
)
def test_what_cannot_be_read_is_null_with_the_reason(expression, message):
    value, faults = run(expression)
    assert value is None
    assert message in faults[0]
