"""Null is not unresolved; only true fires, only a definite false withdraws, everything else holds and says why."""

from datetime import date
from decimal import Decimal

import pytest

from tests.engine.inference.told import MODEL, Told, concludes, euro, invoice, lira, rule

PAYER = MODEL.replace("      status: text\n", "      status: text\n      payer: {ref: customer}\n")
RISKY = rule("risky", "invoice", 'customer.segment != "retail"')


def test_a_reference_to_nobody_is_unresolved_where_feel_would_say_true() -> None:
    told = Told(RISKY)
    assert told.tell("invoice:i1", **invoice()) == []
    assert told.truth("risky", "invoice:i1") == "unresolved"
    assert told.tell("customer:c1", segment="key") == ["propose risky/go invoice:i1"]


def test_no_reference_at_all_is_null_and_feel_goes_on() -> None:
    told = Told(RISKY)
    assert told.tell("invoice:i1", **invoice(customer=None)) == ["propose risky/go invoice:i1"]


def test_null_holds_a_live_proposal_and_false_withdraws_it() -> None:
    told = Told(rule("big", "invoice", "amount > 50"))
    assert told.tell("invoice:i1", **invoice()) == ["propose big/go invoice:i1"]
    assert told.tell("invoice:i1", **invoice(amount=None)) == []
    assert told.truth("big", "invoice:i1") == "null"
    assert told.tell("invoice:i1", **invoice(amount=Decimal(1))) == ["withdraw big/go invoice:i1"]


@pytest.mark.parametrize(
    "when",
    [
        'status = "paid" and customer.vip',
        'status = "open" or customer.vip',
        'customer.vip and status = "paid"',
        'status in ("open", customer.segment)',
        "some p in customer.payments satisfies p.amount > 1",
        "amount between 200 and customer.score",
        'if status = "open" then customer.vip else true',
    ],
)
def test_what_reads_anything_unresolved_is_unresolved_whatever_logic_would_say(when: str) -> None:
    told = Told(rule("r", "invoice", when, while_="true"))
    told.tell("invoice:i1", **invoice())
    assert told.asked("r", "invoice:i1") == "unresolved"


def test_the_branch_not_taken_is_not_read() -> None:
    told = Told(rule("r", "invoice", 'if status = "open" then true else customer.vip'))
    assert told.tell("invoice:i1", **invoice()) == ["propose r/go invoice:i1"]


def test_one_unresolved_item_makes_the_whole_collection_unresolved() -> None:
    told = Told(rule("r", "group", "some c in children satisfies c.size > 5 or c.parent.parent.size > 9"))
    told.tell("group:g1", size=Decimal(1), parent="nobody")
    told.tell("group:g2", size=Decimal(9), parent="g1")
    assert told.truth("r", "group:g1") == "unresolved"
    assert told.tell("group:nobody", size=Decimal(9)) == ["propose r/go group:g1"]


def test_a_condition_that_becomes_unresolved_neither_withdraws_nor_fires_again() -> None:
    told = Told(RISKY)
    told.tell("customer:c1", segment="key")
    assert told.tell("invoice:i1", **invoice()) == ["propose risky/go invoice:i1"]
    assert told.delete("customer:c1") == []
    assert told.truth("risky", "invoice:i1") == "unresolved"
    assert told.tell("customer:c1", segment="key") == []
    assert told.tell("customer:c1", segment="retail") == ["withdraw risky/go invoice:i1"]


def test_a_conclusion_stands_while_its_condition_is_held() -> None:
    told = Told(concludes("grade", "customer", 'name = "x" or vip', "risk", '"high"'))
    told.tell("customer:c1", name="x", vip=False)
    assert told.fact("customer:c1.risk") == "high"
    told.tell("customer:c1", name="y", vip=None)
    assert told.truth("grade", "customer:c1") == "null"
    assert told.fact("customer:c1.risk") == "high"
    told.restore()
    assert told.fact("customer:c1.risk") == "high"
    told.tell("customer:c1", name="y", vip=False)
    assert told.fact("customer:c1.risk") == "low"


def test_a_conclusion_that_is_unresolved_is_read_back_as_such() -> None:
    aging = MODEL.replace("score: {type: number, concluded: max}", "score: {type: number, max_age: P1D}")
    told = Told(concludes("limited", "customer", "vip", "floor", "score"), model=aging)
    told.tell("customer:c1", vip=True, score=Decimal(3))
    told.wait(days=2)
    reason = told.session.doubt("customer:c1", "floor")
    assert reason == "score of customer:c1 is older than P1D: erp has not been heard since"
    told.restore()
    assert told.session.doubt("customer:c1", "floor") == reason
    told.tell("customer:c1", vip=None, score=Decimal(4))
    told.restore()
    assert told.session.doubt("customer:c1", "floor") == reason


def test_lira_and_euro_never_make_a_sum() -> None:
    told = Told(rule("rich", "customer", "worth > 1"))
    told.tell("customer:c1")
    assert told.tell("invoice:i1", **invoice(worth=lira(5))) == ["propose rich/go customer:c1"]
    assert told.tell("invoice:i2", **invoice(worth=euro(5))) == []
    assert told.fact("customer:c1.worth") == "faulty"
    assert told.truth("rich", "customer:c1") == "faulty"
    told.delete("invoice:i2")
    assert told.fact("customer:c1.worth") == lira(5)


def test_lira_and_euro_are_not_compared_and_no_item_is_left_out_for_it() -> None:
    told = Told(
        rule("r", "customer", "count(invoices[worth > customer.ceiling]) = 0 or vip")
        + concludes("limit", "customer", "true", "ceiling", "max(invoices.worth)")
    )
    told.tell("customer:c1", vip=True)
    told.tell("invoice:i1", **invoice(worth=euro(5), due=date(2026, 3, 1)))
    told.tell("invoice:i2", **invoice(worth=lira(5)))
    assert told.truth("r", "customer:c1") == "faulty"


# --- conditions that the index of rules passes over ------------------------------------------------------------------

OPEN_AND_RISKY = rule("risky", "invoice", 'status = "open" and customer.segment != "retail"')


def test_what_the_index_passes_over_is_unresolved_and_not_false_when_it_reads_nobody() -> None:
    told = Told(OPEN_AND_RISKY)
    told.tell("invoice:i1", **invoice(status="paid"))
    assert told.truth("risky", "invoice:i1") == "unresolved"
    told.tell("customer:c1", segment="key")
    assert told.truth("risky", "invoice:i1") is False


@pytest.mark.parametrize("before", ["open", "paid"])
def test_what_is_held_is_held_after_a_restart_though_its_indexed_value_is_another_by_now(before: str) -> None:
    told = Told(OPEN_AND_RISKY)
    told.tell("customer:c1", segment="key")
    told.tell("invoice:i1", **invoice(status=before))
    told.delete("customer:c1")
    told.tell("invoice:i1", **invoice(status="paid"))
    for _ in range(2):
        assert told.truth("risky", "invoice:i1") == "unresolved"
        assert told.session.activations.live.keys() == (
            {told.last["risky/go invoice:i1"]} if before == "open" else set()
        )
        told.restore()
    assert told.tell("customer:c1", segment="key") == (["withdraw risky/go invoice:i1"] if before == "open" else [])


def test_a_merge_into_what_the_index_passes_over_holds_and_does_not_withdraw() -> None:
    told = Told(
        rule("worried", "customer", 'segment = "key" and (some i in invoices satisfies i.payer.vip)'), model=PAYER
    )
    told.tell("customer:c1", segment="retail")
    told.tell("customer:c2", segment="key")
    told.tell("customer:c3", vip=True)
    told.tell("invoice:i1", customer="c2", payer="c3")
    told.tell("invoice:i2", customer="c1", payer="nobody")
    assert told.merge("customer", "c1", "c2") == []
    assert told.truth("worried", "customer:c1") == "unresolved"
    assert told.session.activations.live.keys() == {told.last["worried/go customer:c2"]}
