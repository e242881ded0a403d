"""The life of proposals: one for each becoming true, withdrawn with its reason, armed again after a while."""

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.events import ChangeEvent
from engine.inference.clock import HeldClock
from engine.inference.rulebook import Rulebook, Settings
from engine.inference.session import Session
from engine.rules import read_home
from engine.source.folder import Memory
from tests.engine.inference.told import MODEL, START, Told, invoice, rule

BIG = 'status = "open" and amount > 50'
MAIL = "mail.send"


def small(**fields: object) -> dict[str, object]:
    return {**invoice(), "amount": Decimal(1), **fields}


def test_an_action_is_proposed_once_when_its_condition_becomes_true() -> None:
    told = Told(rule("big", "invoice", BIG))
    assert told.tell("invoice:i1", **invoice()) == ["propose big/go invoice:i1"]
    assert told.tell("invoice:i1", **invoice(amount=Decimal(200))) == []
    assert told.wait(days=400) == []


def test_it_is_withdrawn_with_the_reason_when_the_condition_is_false() -> None:
    told = Told(rule("big", "invoice", BIG))
    told.tell("invoice:i1", **invoice())
    assert told.tell("invoice:i1", **invoice(status="paid")) == ["withdraw big/go invoice:i1"]
    decision = told.decisions[-1]
    assert decision.proposal == told.decisions[0].id
    assert "no longer true" in decision.because
    assert "paid" in str(decision.proof)


def test_a_deleted_subject_withdraws() -> None:
    told = Told(rule("big", "invoice", BIG))
    told.tell("invoice:i1", **invoice())
    assert told.delete("invoice:i1") == ["withdraw big/go invoice:i1"]


def test_a_record_deleted_and_written_again_does_not_propose_what_was_sent_again() -> None:
    told = Told(rule("big", "invoice", BIG, operation=MAIL))
    told.tell("invoice:i1", **invoice())
    told.becomes("big/go invoice:i1", "sent")
    told.delete("invoice:i1")
    told.restore()
    assert told.tell("invoice:i1", **invoice()) == []
    assert told.wait(days=30) == []


@pytest.mark.parametrize("end", ["sent", "rejected", "expired", "failed"])
def test_what_ended_stays_disarmed_until_false_for_a_day(end: str) -> None:
    told = Told(rule("big", "invoice", BIG, operation=MAIL))
    told.tell("invoice:i1", **invoice())
    told.becomes("big/go invoice:i1", end)
    told.tell("invoice:i1", **small())
    told.wait(hours=23)
    assert told.tell("invoice:i1", **invoice()) == []
    assert told.wait(days=3) == []
    told.tell("invoice:i1", **small())
    told.wait(hours=24)
    assert told.tell("invoice:i1", **invoice()) == ["propose big/go invoice:i1"]


def test_an_action_that_stays_inside_is_armed_again_at_once() -> None:
    told = Told(rule("big", "invoice", BIG))
    told.tell("invoice:i1", **invoice())
    told.becomes("big/go invoice:i1", "rejected")
    told.tell("invoice:i1", **small())
    assert told.tell("invoice:i1", **invoice()) == ["propose big/go invoice:i1"]


def test_rearm_says_how_long() -> None:
    told = Told(rule("big", "invoice", BIG, rearm="P3D"))
    told.tell("invoice:i1", **invoice())
    told.becomes("big/go invoice:i1", "sent")
    told.tell("invoice:i1", **small())
    told.wait(days=3)
    assert told.tell("invoice:i1", **invoice()) == ["propose big/go invoice:i1"]


def test_what_was_withdrawn_by_a_short_doubt_comes_again_when_the_pause_is_over() -> None:
    told = Told(rule("big", "invoice", BIG, operation=MAIL))
    told.tell("invoice:i1", **invoice())
    assert told.tell("invoice:i1", **small()) == ["withdraw big/go invoice:i1"]
    told.wait(hours=1)
    assert told.tell("invoice:i1", **invoice()) == []
    assert told.wait(hours=22, minutes=59) == []
    assert told.wait(minutes=1) == ["propose big/go invoice:i1"]


def test_while_lets_a_trigger_pass() -> None:
    told = Told(rule("big", "invoice", "amount > 50", while_='status = "open"'))
    told.tell("invoice:i1", **invoice())
    assert told.tell("invoice:i1", **small()) == []
    assert told.tell("invoice:i1", **small(status="paid")) == ["withdraw big/go invoice:i1"]


def test_it_waits_for_while() -> None:
    told = Told(rule("big", "invoice", "amount > 50", while_='status = "open"'))
    assert told.tell("invoice:i1", **invoice(status="draft")) == []
    assert told.tell("invoice:i1", **invoice()) == ["propose big/go invoice:i1"]


def test_valid_for_expires_at_the_moment() -> None:
    told = Told(rule("big", "invoice", BIG, valid_for="PT5H"))
    told.tell("invoice:i1", **invoice())
    start = told.now
    assert told.decisions[0].valid_until == start + timedelta(hours=5)
    assert told.wait(days=2) == ["expire big/go invoice:i1"]
    assert told.decisions[-1].at == start + timedelta(hours=5)


def test_repeat_counts_from_the_sending() -> None:
    told = Told(rule("big", "invoice", BIG, repeat="P7D"))
    told.tell("invoice:i1", **invoice())
    told.wait(days=3)
    told.becomes("big/go invoice:i1", "sent")
    assert told.wait(days=6, hours=23) == []
    assert told.wait(hours=1) == ["propose big/go invoice:i1"]
    assert told.wait(days=30) == []
    told.becomes("big/go invoice:i1", "rejected")
    assert told.wait(days=30) == []


def test_cooldown_rests_over_the_account() -> None:
    told = Told(rule("big", "invoice", BIG, cooldown="P2D"))
    told.tell("customer:c1")
    told.tell("customer:c2")
    assert told.tell("invoice:i1", **invoice()) == ["propose big/go invoice:i1"]
    assert told.tell("invoice:i2", **invoice()) == []
    assert told.tell("invoice:i3", **invoice(customer="c2")) == ["propose big/go invoice:i3"]
    assert told.wait(days=2) == ["propose big/go invoice:i2"]


def test_cooldown_counts_from_the_sending_too() -> None:
    told = Told(rule("big", "invoice", BIG, cooldown="P2D"))
    told.tell("customer:c1")
    told.tell("invoice:i1", **invoice())
    told.wait(days=1)
    told.becomes("big/go invoice:i1", "sent")
    assert told.tell("invoice:i2", **invoice()) == []
    assert told.wait(days=1, hours=23) == []
    assert told.wait(hours=1) == ["propose big/go invoice:i2"]


def test_what_rests_for_one_account_is_proposed_for_another() -> None:
    told = Told(rule("big", "invoice", BIG, cooldown="P2D"))
    told.tell("customer:c1")
    told.tell("customer:c2")
    told.tell("invoice:i1", **invoice())
    assert told.tell("invoice:i2", **invoice()) == []
    assert told.tell("invoice:i2", **invoice(customer="c2")) == ["propose big/go invoice:i2"]


def test_the_stronger_rule_withdraws_the_weaker_proposal() -> None:
    told = Told(rule("mild", "invoice", BIG) + rule("firm", "invoice", "amount > 500", instead_of="[mild]"))
    assert told.tell("invoice:i1", **invoice()) == ["propose mild/go invoice:i1"]
    made = told.tell("invoice:i1", **invoice(amount=Decimal(900)))
    assert made == ["withdraw mild/go invoice:i1", "propose firm/go invoice:i1"]
    assert told.decisions[1].because == "replaced by shop/firm"


def test_the_weaker_rule_never_begins_while_the_stronger_holds() -> None:
    told = Told(rule("mild", "invoice", BIG) + rule("firm", "invoice", "amount > 500", instead_of="[mild]"))
    assert told.tell("invoice:i1", **invoice(amount=Decimal(900))) == ["propose firm/go invoice:i1"]


def test_what_was_sent_was_sent_though_withdrawn_meanwhile() -> None:
    told = Told(rule("big", "invoice", BIG, operation=MAIL))
    told.tell("invoice:i1", **invoice())
    told.tell("invoice:i1", **small())
    told.becomes("big/go invoice:i1", "sent")
    assert told.tell("invoice:i1", **invoice()) == []
    assert told.wait(days=9) == []


def test_the_life_of_actions_is_a_fact_for_other_rules() -> None:
    told = Told(
        rule("big", "invoice", BIG)
        + rule(
            "silence",
            "invoice",
            'some a in actions satisfies a.rule = "big" and a.state = "sent" and now() > a.sent_at + duration("P5D")',
        )
    )
    told.tell("invoice:i1", **invoice())
    told.becomes("big/go invoice:i1", "sent")
    assert told.wait(days=5) == []
    assert told.wait(minutes=1) == ["propose silence/go invoice:i1"]


def test_the_first_load_is_remembered_and_not_proposed() -> None:
    told = Told(rule("big", "invoice", BIG) + rule("loud", "invoice", BIG, existing="propose"))
    assert told.tell("invoice:i1", first_load=True, **invoice()) == ["propose loud/go invoice:i1"]
    assert told.tell("invoice:i1", **invoice(amount=Decimal(70))) == []
    assert told.tell("invoice:i2", **invoice()) == ["propose big/go invoice:i2", "propose loud/go invoice:i2"]


def test_what_held_at_the_first_load_is_remembered_though_its_while_did_not() -> None:
    told = Told(rule("big", "invoice", "amount > 50", while_='status = "open"'))
    told.tell("invoice:i1", first_load=True, **invoice(status="disputed"))
    assert told.tell("invoice:i1", **invoice()) == []


def test_withdrawals_come_first_and_everything_in_the_order_of_the_keys() -> None:
    told = Told(
        rule("z", "invoice", 'status = "open"')
        + rule("b", "invoice", 'status = "paid"')
        + rule("a", "invoice", 'status = "paid"')
    )
    told.tell("invoice:i1", **invoice())
    made = told.tell("invoice:i1", **invoice(status="paid"))
    assert made == ["withdraw z/go invoice:i1", "propose a/go invoice:i1", "propose b/go invoice:i1"]


def test_a_rule_that_its_own_proposal_makes_false_comes_to_rest() -> None:
    told = Told(rule("shy", "invoice", 'count(actions[state = "proposed"]) = 0'))
    assert told.tell("invoice:i1", **invoice()) == ["propose shy/go invoice:i1", "withdraw shy/go invoice:i1"]
    assert told.wait(days=9) == []


def test_a_failed_action_that_is_scheduled_again_is_live_again() -> None:
    told = Told(rule("big", "invoice", BIG))
    told.tell("invoice:i1", **invoice())
    told.becomes("big/go invoice:i1", "failed")
    assert told.becomes("big/go invoice:i1", "scheduled") == []
    assert told.tell("invoice:i1", **invoice(amount=Decimal(1))) == ["withdraw big/go invoice:i1"]


def test_a_failed_action_that_is_scheduled_when_its_reason_is_gone_is_withdrawn_at_once() -> None:
    told = Told(rule("big", "invoice", BIG, operation="mail.send"))
    told.tell("invoice:i1", **invoice())
    told.becomes("big/go invoice:i1", "failed")
    told.tell("invoice:i1", **invoice(amount=Decimal(1)))
    assert told.becomes("big/go invoice:i1", "scheduled") == ["withdraw big/go invoice:i1"]


def test_a_failed_action_that_is_scheduled_again_still_expires() -> None:
    told = Told(rule("big", "invoice", BIG, valid_for="P2D"))
    told.tell("invoice:i1", **invoice())
    told.becomes("big/go invoice:i1", "failed")
    assert told.wait(days=3) == []
    assert told.becomes("big/go invoice:i1", "scheduled") == ["expire big/go invoice:i1"]


def test_a_rule_of_another_ruleset_is_replaced_when_it_is_named_in_full() -> None:
    head = "format: 1\nrules:\n"
    home = read_home(
        Memory(
            {
                "config/model.yaml": MODEL,
                "rules/calm/ruleset.yaml": head + rule("mild", "invoice", BIG),
                "rules/hard/ruleset.yaml": head + rule("firm", "invoice", "amount > 500", instead_of="[calm/mild]"),
            }
        )
    )
    book = Rulebook(home.model, tuple(home.rulesets.values()), Settings(leaves_company={"desk.note": False}))
    session = Session(book, HeldClock(START))
    made = []
    for amount in (200, 600):
        fields = {"amount": Decimal(amount), "status": "open"}
        made += session.apply(ChangeEvent(entity="invoice", id="i1", record="erp/invoice/i1", fields=fields))
    assert [(each.kind, each.key.ruleset, each.key.rule) for each in made] == [
        ("propose", "calm", "mild"), ("withdraw", "calm", "mild"), ("propose", "hard", "firm"),
    ]  # fmt: skip


def test_of_an_exclusive_group_the_rule_of_the_highest_priority_that_holds_proposes() -> None:
    """In whichever order they stand in the file."""
    steps = {"third": (30, "amount > 500"), "first": (10, "amount > 50"), "second": (20, "amount > 200")}
    told = Told(
        "".join(
            rule(id, "invoice", when, exclusive="dunning", priority=str(priority))
            for id, (priority, when) in steps.items()
        )
    )
    assert told.tell("invoice:i1", **invoice(amount=Decimal(100))) == ["propose first/go invoice:i1"]
    assert told.tell("invoice:i1", **invoice(amount=Decimal(900))) == [
        "withdraw first/go invoice:i1", "propose third/go invoice:i1",
    ]  # fmt: skip
    assert told.tell("invoice:i1", **invoice(amount=Decimal(300))) == [
        "withdraw third/go invoice:i1", "propose second/go invoice:i1",
    ]  # fmt: skip
