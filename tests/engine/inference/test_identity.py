"""Merge and split: facts are derived anew, episodes keep their names, and nothing is proposed again."""

from decimal import Decimal

from engine.inference.session import Session
from tests.engine.inference.told import Told, rule

VIP = rule("vip", "customer", "vip", operation="mail.send")
MANY = rule("many", "customer", "count(invoices) > 1")


def pair(rules: str, **first: object) -> Told:
    told = Told(rules)
    told.tell("customer:c1", **first)
    told.tell("customer:c2", vip=True)
    return told


def test_a_merge_derives_facts_anew() -> None:
    told = pair(MANY)
    told.tell("invoice:i1", customer="c1")
    told.tell("invoice:i2", customer="erp/customer/c2")
    assert told.merge("customer", "c1", "c2") == ["propose many/go customer:c1"]


def test_what_fired_for_either_has_fired() -> None:
    told = pair(VIP)
    told.becomes("vip/go customer:c2", "sent")
    assert told.merge("customer", "c1", "c2") == []
    assert told.fact("customer:c1.vip") is True
    assert told.wait(days=30) == []


def test_of_two_live_proposals_one_is_withdrawn() -> None:
    told = pair(VIP, vip=True)
    assert told.merge("customer", "c1", "c2") == ["withdraw vip/go customer:c2"]
    assert "are one" in told.decisions[-1].because
    assert told.tell("customer:c1", vip=False) == ["withdraw vip/go customer:c1"]


def test_a_live_proposal_moves_under_its_name_and_falls_with_the_merged_facts() -> None:
    told = Told(rule("few", "customer", "count(invoices) = 0"))
    told.tell("customer:c1")
    told.tell("invoice:i1", customer="c1")
    told.tell("customer:c2")
    assert told.merge("customer", "c1", "c2") == ["withdraw few/go customer:c2"]


def test_a_moved_proposal_still_expires() -> None:
    told = pair(rule("vip", "customer", "vip", valid_for="P2D"))
    told.merge("customer", "c1", "c2")
    assert told.wait(days=3) == ["expire vip/go customer:c2"]


def test_a_split_undoes_a_merge_and_proposes_nothing_again() -> None:
    told = pair(VIP)
    told.merge("customer", "c1", "c2")
    told.becomes("vip/go customer:c2", "sent")
    assert told.split("customer", "c1", "c2", "erp/customer/c2") == []
    assert told.fact("customer:c2.vip") is True
    assert told.fact("customer:c1.vip") is None
    assert told.wait(days=30) == []


def test_references_follow_the_records_keys() -> None:
    told = pair(MANY)
    told.tell("invoice:i1", customer="erp/customer/c2")
    told.merge("customer", "c1", "c2")
    assert told.session.value("customer:c1", "count(invoices)") == 1
    told.split("customer", "c1", "c2", "erp/customer/c2")
    assert told.session.value("customer:c1", "count(invoices)") == 0
    assert told.session.value("customer:c2", "count(invoices)") == 1


def test_an_account_that_rests_rests_after_a_merge_too() -> None:
    told = Told(rule("big", "invoice", "amount > 1", cooldown="P2D"))
    told.tell("customer:c1")
    told.tell("customer:c2")
    told.tell("invoice:i1", customer="c2", amount=Decimal(5))
    told.merge("customer", "c1", "c2")
    assert told.tell("invoice:i2", customer="c1", amount=Decimal(5)) == []
    assert told.wait(days=2) == ["propose big/go invoice:i2"]


def test_a_snapshot_after_a_split_of_everything_reads_back() -> None:
    told = pair(VIP)
    told.split("customer", "c2", "c3", "erp/customer/c2", "no/such/record")
    content = told.session.snapshot()
    assert told.session.entity("customer:c2") is None
    assert Session.restore(told.session.rulebook, told.clock, content).snapshot() == content


def test_what_is_unresolved_after_a_merge_is_so_too_when_it_is_read_back() -> None:
    when = 'status = "open" and customer.segment = "retail"'
    told = Told(rule("ask", "invoice", when, while_='status in ("open", "late")'))
    told.tell("customer:c1", segment="retail")
    told.tell("invoice:i1", customer="nobody", status="late")
    assert told.tell("invoice:i2", customer="c1", status="open") == ["propose ask/go invoice:i2"]
    assert told.merge("invoice", "i1", "i2") == []
    assert told.truth("ask", "invoice:i1") == "unresolved"
    content = told.session.snapshot()
    told.restore()
    assert told.session.snapshot() == content
    assert told.adopt(rule("ask", "invoice", when, while_='status = "late"')) == []
    assert told.session.activations.live


# --- a split sends what lives to a person ---------------------------------------------------------------------------


def test_a_split_asks_a_person_about_the_live_proposals_of_both() -> None:
    told = pair(VIP + rule("big", "invoice", "amount > 1"), vip=True, name="kept")
    told.merge("customer", "c1", "c2")
    told.tell("invoice:i1", customer="erp/customer/c2", amount=Decimal(5))
    made = told.split("customer", "c1", "c2", "erp/customer/c2")
    assert made == ["ask big/go invoice:i1", "ask vip/go customer:c1"]
    assert "customer:c1 was split" in told.decisions[-1].because
    assert told.decisions[-1].proposal == told.last["vip/go customer:c1"]
    assert told.decisions[-1].id != told.decisions[-1].proposal


def test_what_falls_with_the_split_is_withdrawn_and_nobody_asked() -> None:
    told = pair(MANY)
    told.tell("invoice:i1", customer="c1")
    told.tell("invoice:i2", customer="erp/customer/c2")
    told.merge("customer", "c1", "c2")
    assert told.split("customer", "c1", "c2", "erp/customer/c2") == ["withdraw many/go customer:c1"]


def test_a_split_that_concerns_others_asks_nobody() -> None:
    told = pair(VIP, vip=True)
    assert told.split("customer", "c3", "c4", "erp/customer/c3") == []
    assert told.split("customer", "c1", "c1", "erp/customer/c1") == []


def test_each_split_asks_anew() -> None:
    told = pair(VIP, vip=True)
    told.merge("customer", "c1", "c2")
    told.split("customer", "c1", "c2", "erp/customer/c2")
    told.wait(days=1)
    told.merge("customer", "c1", "c2")
    told.split("customer", "c1", "c2", "erp/customer/c2")
    ids = [each.id for each in told.decisions if each.kind == "ask"]
    assert len(ids) == len(set(ids)) > 1
