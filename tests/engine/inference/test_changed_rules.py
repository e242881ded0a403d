"""Another revision of the rules: what had fired does not fire for that, what is newly true follows `existing`."""

from decimal import Decimal

from tests.engine.inference.told import Told, concludes, invoice, rule


def days(number: int, **options: str) -> str:
    return rule("big", "invoice", f"amount > {number}", **options)


def test_a_changed_threshold_fires_for_the_newly_true_only_as_existing_says() -> None:
    for existing, expected in (("seed", []), ("propose", ["propose big/go invoice:i2"])):
        told = Told(days(80, existing=existing))
        told.tell("invoice:i1", **invoice())
        told.tell("invoice:i2", **invoice(amount=Decimal(75)))
        assert told.adopt(days(70, existing=existing)) == expected
        assert told.tell("invoice:i2", **invoice(amount=Decimal(76))) == []


def test_what_is_no_longer_true_is_withdrawn() -> None:
    told = Told(days(80))
    told.tell("invoice:i1", **invoice())
    assert told.adopt(days(500)) == ["withdraw big/go invoice:i1"]
    assert told.tell("invoice:i1", **invoice(amount=Decimal(900))) == ["propose big/go invoice:i1"]


def test_what_was_sent_and_is_no_longer_true_is_armed_again() -> None:
    told = Told(days(80))
    told.tell("invoice:i1", **invoice())
    told.becomes("big/go invoice:i1", "sent")
    assert told.adopt(days(500)) == []
    assert told.tell("invoice:i1", **invoice(amount=Decimal(900))) == ["propose big/go invoice:i1"]


def test_a_rule_that_is_gone_takes_its_proposals_along() -> None:
    told = Told(days(80))
    told.tell("invoice:i1", **invoice())
    assert told.adopt(rule("other", "invoice", "amount < 1")) == ["withdraw big/go invoice:i1"]


def test_a_renamed_rule_keeps_its_proposals_through_every_later_revision() -> None:
    told = Told(days(80))
    told.tell("invoice:i1", **invoice())
    renamed = days(80).replace("id: big", "id: large\n    was: big")
    assert told.adopt(renamed) == []
    assert told.adopt(renamed.replace("was: big", "about: x")) == []
    assert told.tell("invoice:i1", **invoice(amount=Decimal(1))) == ["withdraw big/go invoice:i1"]
    assert told.tell("invoice:i1", **invoice()) == ["propose large/go invoice:i1"]


def test_a_condition_that_the_change_leaves_unresolved_withdraws_nothing() -> None:
    told = Told(days(80))
    told.tell("invoice:i1", **invoice())
    assert told.adopt(rule("big", "invoice", "customer.vip")) == []
    assert told.tell("customer:c1", vip=True) == []
    assert told.tell("customer:c1", vip=False) == ["withdraw big/go invoice:i1"]


def test_a_conclusion_stands_while_the_changed_condition_is_unresolved() -> None:
    told = Told(concludes("grade", "customer", "vip", "risk", '"high"'))
    told.tell("customer:c1", vip=True)
    told.adopt(concludes("grade", "customer", 'segment > "a"', "risk", '"high"'))
    assert told.fact("customer:c1.risk") == "high"
    told.tell("customer:c1", vip=True, segment="A")
    assert told.fact("customer:c1.risk") == "low"


def test_what_waits_for_its_cooldown_waits_on_under_the_same_rules() -> None:
    told = Told(days(80, cooldown="P2D"))
    told.tell("customer:c1")
    told.tell("invoice:i1", **invoice())
    told.tell("invoice:i2", **invoice())
    told.restore()
    assert told.adopt(days(80, cooldown="P2D")) == []
    assert told.wait(days=2) == ["propose big/go invoice:i2"]


def test_decisions_that_follow_from_the_change_are_told() -> None:
    told = Told(days(80, existing="propose"))
    told.tell("invoice:i1", **invoice(amount=Decimal(75)))
    follow = rule("follow", "invoice", 'some a in actions satisfies a.rule = "big" and a.state = "proposed"')
    assert told.adopt(days(70, existing="propose") + follow) == [
        "propose big/go invoice:i1",
        "propose follow/go invoice:i1",
    ]
