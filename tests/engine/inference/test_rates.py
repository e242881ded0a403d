"""`in currency(money, "EUR", day)`: by the last rate of that day, told in the proof, and looked at again when it changes."""

from datetime import date
from decimal import Decimal

import pytest

from engine.events import Proof
from engine.feel import Money
from engine.source.problem import ConfigError
from tests.engine.inference.told import MODEL, Told, concludes, euro, invoice, lira, rule, rulebook

RATES = (
    MODEL
    + """  fx:
    rates: {base: of, quote: in_, on: day, rate: mid}
    fields:
      of: text
      in_: text
      day: date
      mid: number
"""
)
BIG = rule("big", "invoice", 'in currency(worth, "EUR", due) > 100')
MARCH = date(2026, 3, 1)


def fx(told: Told, id: str, mid: str, *, of: str = "EUR", in_: str = "TRY", day: date = MARCH) -> list[str]:
    return told.tell(f"fx:{id}", source="bank", of=of, in_=in_, day=day, mid=Decimal(mid))


def opened(rules: str = BIG, **options: object) -> Told:
    return Told(rules, model=RATES, **options)


def test_money_is_converted_by_the_last_rate_of_the_day_in_either_direction() -> None:
    told = opened()
    fx(told, "r1", "40", day=date(2026, 2, 1))
    fx(told, "r2", "50")
    fx(told, "r3", "60", day=date(2026, 3, 9))
    told.tell("invoice:i1", worth=lira(5000), due=date(2026, 3, 8))
    assert told.session.value("invoice:i1", 'in currency(worth, "EUR", due)') == euro(100)
    assert told.session.value("invoice:i1", 'in currency(worth, "EUR", date("2026-02-28"))') == euro(125)
    told.tell("invoice:i2", worth=euro(3), due=date(2026, 3, 8))
    assert told.session.value("invoice:i2", 'in currency(worth, "TRY", due)') == lira(150)


def test_money_in_that_currency_already_needs_no_rate_and_null_is_null() -> None:
    told = opened()
    told.tell("invoice:i1", worth=euro(7), due=MARCH)
    assert told.session.value("invoice:i1", 'in currency(worth, "EUR", due)') == euro(7)
    told.tell("invoice:i1", worth=None, due=MARCH)
    assert told.session.value("invoice:i1", 'in currency(worth, "EUR", due)') is None
    assert told.truth("big", "invoice:i1") == "null"


def test_without_a_rate_by_that_day_the_condition_waits_and_the_rate_that_comes_wakes_it() -> None:
    told = opened()
    assert told.tell("invoice:i1", worth=lira(6000), due=MARCH) == []
    assert told.truth("big", "invoice:i1") == "unresolved"
    assert fx(told, "r1", "40", day=date(2026, 3, 2)) == []
    assert told.truth("big", "invoice:i1") == "unresolved"
    assert fx(told, "r2", "50", day=date(2026, 2, 28)) == ["propose big/go invoice:i1"]


def test_two_rates_of_one_day_that_differ_are_no_rate() -> None:
    told = opened()
    fx(told, "r1", "40")
    fx(told, "r2", "50")
    told.tell("invoice:i1", worth=lira(6000), due=MARCH)
    assert told.truth("big", "invoice:i1") == "unresolved"
    assert told.delete("fx:r1", source="bank") == ["propose big/go invoice:i1"]


def test_a_rate_that_is_corrected_or_goes_withdraws_what_rested_on_it() -> None:
    told = opened()
    fx(told, "r1", "50")
    assert told.tell("invoice:i1", worth=lira(6000), due=MARCH) == ["propose big/go invoice:i1"]
    assert fx(told, "r1", "70") == ["withdraw big/go invoice:i1"]
    assert told.delete("fx:r1", source="bank") == []
    assert told.truth("big", "invoice:i1") == "unresolved"


def test_only_what_could_have_used_a_rate_is_looked_at_again() -> None:
    told = opened()
    fx(told, "r1", "50")
    told.tell("invoice:i1", worth=lira(6000), due=MARCH)
    told.tell("invoice:i2", worth=euro(6000), due=MARCH)
    told.tell("invoice:i3", worth=lira(6000), due=date(2026, 2, 1))
    looked: list[str] = []
    settler, truth = told.session.settler, told.session.settler.truth
    settler.truth = lambda node, entity: (looked.append(entity.ref), truth(node, entity))[1]  # type: ignore[method-assign]
    fx(told, "r2", "55")
    assert looked == ["invoice:i1"]


def test_the_proof_names_the_rate_and_where_it_came_from() -> None:
    told = opened()
    fx(told, "r1", "50")
    told.tell("invoice:i1", worth=lira(6000), due=MARCH)
    (used,) = [each for each in leaves(told.decisions[-1].proof) if each.kind == "rate"]
    assert (used.path, used.value) == ("fx:r1", Decimal(50))
    assert used.text == "1 EUR is 50 TRY from 2026-03-01 on"
    assert used.source is not None
    assert used.source.record == "bank/fx/r1"


def test_totals_in_one_currency_are_kept_up_to_date() -> None:
    total = 'sum(for i in invoices return in currency(i.worth, "TRY", i.due))'
    told = opened(rule("owes", "customer", f"{total} > 400"))
    told.tell("customer:c1")
    told.tell("invoice:i1", customer="c1", worth=lira(100), due=MARCH)
    told.tell("invoice:i2", customer="c1", worth=euro(5), due=MARCH)
    assert told.truth("owes", "customer:c1") == "unresolved"
    assert fx(told, "r1", "50") == []
    assert told.session.value("customer:c1", total) == lira(350)
    assert fx(told, "r1", "70") == ["propose owes/go customer:c1"]


def test_a_conclusion_follows_the_rate() -> None:
    told = opened(concludes("cap", "customer", "vip", "ceiling", 'in currency(worth, "EUR", date("2026-03-05"))'))
    fx(told, "r1", "50")
    told.tell("customer:c1", vip=True)
    told.tell("invoice:i1", customer="c1", worth=lira(500))
    assert told.fact("customer:c1.ceiling") == euro(10)
    fx(told, "r2", "25", day=date(2026, 3, 4))
    assert told.fact("customer:c1.ceiling") == euro(20)


def test_a_restart_knows_the_rates_and_who_used_them() -> None:
    told = opened()
    fx(told, "r1", "50")
    told.tell("invoice:i1", worth=lira(6000), due=MARCH)
    told.restore()
    assert fx(told, "r1", "70") == ["withdraw big/go invoice:i1"]


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ('in currency(amount, "EUR", due) > 1', "money is needed here, not number"),
        ('in currency(worth, 5, due) > currency(1, "EUR")', "string is needed here, not number"),
        ('in currency(worth, "EUR", due) > in currency(worth, "TRY", due)', "EUR"),
    ],
)
def test_what_cannot_be_meant_is_refused_when_loading(when: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        rulebook(rule("r", "invoice", when), model=RATES)


def test_without_rates_in_the_model_a_conversion_is_refused_with_its_place() -> None:
    with pytest.raises(ConfigError) as refused:
        rulebook(BIG)
    (problem,) = refused.value.problems
    assert (problem.code, problem.place and problem.place.file) == ("no-rates", "rules/shop/ruleset.yaml")


def test_a_rate_that_needs_a_conversion_itself_is_a_loop() -> None:
    looped = RATES.replace("      mid: number\n", """      worth: money
      mid: {type: number, derived: 'in currency(worth, "EUR", day).amount'}
""")  # fmt: skip
    with pytest.raises(ConfigError, match="the rates of fx reads"):
        rulebook(BIG, model=looped)


def test_what_is_due_is_looked_at_when_the_day_brings_another_rate() -> None:
    told = opened(rule("big", "invoice", 'in currency(worth, "EUR", today()) > 100'))
    fx(told, "r1", "70")
    fx(told, "r2", "50", day=date(2026, 3, 4))
    told.tell("invoice:i1", **invoice(worth=Money(Decimal(6000), "TRY")))
    assert told.wait(days=1) == []
    assert told.wait(days=1) == ["propose big/go invoice:i1"]


def leaves(proof: Proof) -> list[Proof]:
    return [proof] if not proof.reasons else [leaf for each in proof.reasons for leaf in leaves(each)]
