"""Money: a number with a currency."""

from decimal import Decimal

import pytest

from engine.feel import Money, compile, from_json, to_json

LIRA, EURO = Money(Decimal("12.50"), "TRY"), Money(Decimal(3), "EUR")
SCOPE = {"lira": LIRA, "more": Money(Decimal(20), "TRY"), "euro": EURO, "two": Decimal(2)}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("lira + lira", Money(Decimal(25), "TRY")),
        ("more - lira", Money(Decimal("7.5"), "TRY")),
        ("-euro", Money(Decimal(-3), "EUR")),
        ("lira * 2", Money(Decimal(25), "TRY")),
        ("two * lira", Money(Decimal(25), "TRY")),
        ("more / 4", Money(Decimal(5), "TRY")),
        ("more / lira", Decimal("1.6")),
        ("lira + 0", LIRA),
        ("lira < more", True),
        ("lira > 12", True),
        ("12.5 = lira", True),
        ("lira between 10 and 20", True),
        ("lira in [10..20)", True),
        ("lira in (> 100)", False),
        ("lira = lira", True),
        ("sum([lira, more])", Money(Decimal("32.5"), "TRY")),
        ("max([lira, more])", Money(Decimal(20), "TRY")),
        ("min(lira, more).amount", Decimal("12.5")),
        ("mean([lira, more])", Money(Decimal("16.25"), "TRY")),
        ("round up(lira, 0)", Money(Decimal(13), "TRY")),
        ("abs(-euro)", EURO),
        ("lira.currency", "TRY"),
        ("lira instance of money", True),
        ("lira instance of number", False),
        ("string(lira)", "12.5 TRY"),
        ("lira + null", None),
        ("lira > null", None),
    ],
)
def test_within_one_currency(expression, expected, env):
    assert compile(expression).run(SCOPE, env) == expected
    assert env.faults == []


@pytest.mark.parametrize(
    "expression",
    [
        "lira + euro",
        "lira > euro",
        "lira = euro",
        "sum([lira, euro])",
        "lira / euro",
        "lira + 1",
        "lira * lira",
        "max(lira, euro)",
        "1 / lira",
    ],
)
def test_never_across_currencies(expression, env):
    assert compile(expression).run(SCOPE, env) is None
    assert env.faults


def test_as_json():
    assert to_json(LIRA) == {"money": {"amount": "12.5", "currency": "TRY"}}
    assert from_json(to_json(LIRA)) == LIRA
