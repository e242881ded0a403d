"""The rule index yields every rule that may be true, and of many rules in a bucket only those."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engine.events import ChangeEvent
from engine.feel import Money, parse
from engine.inference.clock import HeldClock
from engine.inference.intervals import Axis, bounds
from engine.inference.rulebook import Rulebook, Settings
from engine.inference.select import Selector
from engine.inference.session import Session
from engine.model.structs import EntityType, Field, Model
from engine.rules.structs import ActionSpec, Rule, Ruleset
from engine.source.expression import Expression

FIELDS = {
    "group": Field(type="text"),
    "amount": Field(type="number"),
    "price": Field(type="money", currency="EUR"),
    "days": Field(type="number"),
}
MODEL = Model(entities={"payment": EntityType(name="payment", fields=FIELDS)})
ACTIONS = (ActionSpec(id="act", operation="desk.note"),)
NOWHERE = [f"amount >= {1000 + each}" for each in range(8)]
"""Enough other rules that the index searches."""


def session(*conditions):
    rules = tuple(
        Rule(id=f"r{number}", for_="payment", when=Expression(text), do=ACTIONS)
        for number, text in enumerate((*conditions, *NOWHERE))
    )
    book = Rulebook(MODEL, (Ruleset(id="test", rules=rules),), Settings(leaves_company={"desk.note": False}))
    return Session(book, HeldClock(datetime(2026, 1, 5, tzinfo=UTC)))


def told(of, **fields):
    return {
        decision.key.rule
        for decision in of.apply(ChangeEvent(entity="payment", id="p", record="bank/p", fields=fields))
        if decision.kind == "propose"
    }


def looked_at(of):
    selector = next(node for node in of.rulebook.nodes if isinstance(node, Selector))
    true, possible = selector.candidates(of.entity("payment:p"), None)
    return {condition.rule.id for condition in (*true, *possible)}


@pytest.mark.parametrize(
    ("condition", "inside", "outside"),
    [
        ("amount in [1..3]", (1, 2, 3), (0, 4)),
        ("amount in (1..3)", (2,), (1, 3)),
        ("amount in [1..3)", (1, 2), (3,)),
        ("amount between 1 and 3", (1, 3), (0, 4)),
        ("amount >= 1 and amount < 3", (1, 2), (0, 3)),
        ("3 > amount and 1 < amount", (2,), (1, 3)),
        ("amount in (<= 3)", (3, -10), (4,)),
        ("amount > -2 and amount <= 0", (-1, 0), (-2, 1)),
        ("amount > 2 and amount < 2", (), (1, 2, 3)),
        ("amount >= 2 and amount <= 2", (2,), (1, 3)),
    ],
)
def test_a_range_yields_its_rule_inside_only(condition, inside, outside):
    for amount in inside:
        assert told(session(condition), amount=Decimal(amount)) == {"r0"}
    for amount in outside:
        of = session(condition)
        assert told(of, amount=Decimal(amount)) == set()
        assert looked_at(of) == set()


def test_of_many_ranges_those_that_contain_the_value_are_looked_at():
    of = session(*(f"amount in [{low}..{low + 10}]" for low in range(0, 200, 5)))
    assert told(of, amount=Decimal(52)) == {"r9", "r10"}
    assert looked_at(of) == {"r9", "r10"}


def test_two_fields_narrow_each_other():
    of = session(*(f"amount >= {low} and days < {low}" for low in range(20)))
    assert told(of, amount=Decimal(12), days=Decimal(9)) == {"r10", "r11", "r12"}
    assert looked_at(of) == {"r10", "r11", "r12"}


def test_a_rule_that_was_true_is_looked_at_when_its_range_is_left():
    of = session("amount in [1..3]")
    told(of, amount=Decimal(2))
    (withdrawn,) = of.apply(ChangeEvent(entity="payment", id="p", record="bank/p", fields={"amount": Decimal(5)}))
    assert (withdrawn.kind, withdrawn.key.rule) == ("withdraw", "r0")
    assert looked_at(of) == set()


def test_null_is_in_no_range_but_every_rule_holds_visibly():
    of = session("amount in [1..3]")
    assert told(of, amount=None, group="x") == set()
    held = of.entity("payment:p").truths
    assert len(held) == 1 + len(NOWHERE)
    assert {each.state for each in held.values()} == {"null"}


def test_money_is_compared_with_a_number_by_its_amount():
    of = session("price > 5", *(f"price > {low}" for low in range(100, 110)))
    assert told(of, price=Money(Decimal(6), "EUR"), amount=Decimal(0)) == {"r0"}
    assert looked_at(of) == {"r0"}


def test_true_is_not_one():
    rules = [f"amount = {number}" for number in range(10)]
    assert told(session(*rules), amount=True) == set()
    assert told(session(*rules), amount=Decimal(1)) == {"r1"}


def test_equal_numbers_are_found_however_they_are_written():
    assert told(session("amount = 1.0"), amount=Decimal("1.000")) == {"r0"}
    assert told(session("amount in [1.0..1.0]"), amount=Decimal("1.000")) == {"r0"}


def test_a_choice_of_values_is_found_under_each():
    for group in ("a", "b"):
        assert told(session('group in ("a", "b") and amount > 1'), group=group, amount=Decimal(2)) == {"r0"}


def test_an_alternative_is_no_bound():
    assert told(session("amount > 5 or days > 5"), amount=Decimal(1), days=Decimal(6)) == {"r0"}


def test_bounds_are_those_of_a_conjunction_of_comparisons_with_constants():
    found = bounds(parse("amount > 1 and 9 >= days and amount < days and not(amount > 3)"))
    assert [(each.field, each.number, each.upper, each.included) for each in found] == [
        ("amount", 1, False, False),
        ("days", 9, True, True),
    ]


def test_an_axis_knows_points_and_gaps():
    axis = Axis("amount", [bounds(parse("amount > 1")), bounds(parse("amount < 0")), bounds(parse("amount = 1.5"))])
    assert axis.containing(Decimal(2)) == 0b001
    assert axis.containing(Decimal("1.5")) == 0b101
    assert axis.containing(Decimal("0.5")) == 0
    assert axis.containing(Decimal(-1)) == 0b010


@pytest.mark.parametrize(
    ("condition", "decided"),
    [
        ('group = "a" and amount > 1 and days in [1..3]', True),
        ("amount = 2 and days < 3", True),
        ('group = "a" and group = "b"', False),
        ("amount > 1 and days > amount", False),
        ("amount > 1 and not(days > 3)", False),
        ("amount > 1 and days in [1..amount]", False),
    ],
)
def test_what_the_index_says_all_about_is_true_where_it_is_met(condition, decided):
    of = session(condition)
    told(of, group="a", amount=Decimal(2), days=Decimal(2))
    selector = next(node for node in of.rulebook.nodes if isinstance(node, Selector))
    true, possible = selector.candidates(of.entity("payment:p"), None)
    assert ("r0" in {each.rule.id for each in true}) is decided
    assert ("r0" in {each.rule.id for each in possible}) is (not decided and condition != 'group = "a" and group = "b"')
