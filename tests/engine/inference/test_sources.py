"""Absence waits for its source, and what is older than its `max_age` is unresolved."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.inference.rulebook import Rulebook
from engine.rules import read_home
from engine.source.folder import Memory
from tests.engine.inference.told import MODEL, START, Told, concludes, invoice, rule

TELLERS = {"payment": ("bank",), "invoice": ("erp",)}
UNPAID_SINCE = 'count(payments[paid_on >= today() - duration("P2D")]) = 0'
UNPAID = rule("unpaid", "customer", UNPAID_SINCE)
SHOP_SOURCES = """
format: 1
sources:
  bank:
    connector: webhook
    streams: {payments: {key: id}}
"""
SHOP = {
    "config/model.yaml": MODEL,
    "config/sources.yaml": SHOP_SOURCES,
    "mappings/bank.yaml": """
format: 1
source: bank
streams:
  payments:
    - entity: payment
      fields: {customer: who, paid_on: day}
""",
    "rules/shop/ruleset.yaml": f"format: 1\nrules:\n{UNPAID}",
}


def paying() -> Told:
    """A customer who paid today; on 5 March at midnight nothing was paid for two days."""
    told = Told(UNPAID, tellers=TELLERS)
    told.tell("payment:p1", source="bank", customer="c1", paid_on=date(2026, 3, 2))
    assert told.tell("customer:c1") == []
    return told


def test_a_source_that_never_gave_a_watermark_is_waited_for() -> None:
    told = paying()
    assert told.wait(days=5) == []
    assert told.truth("unpaid", "customer:c1") == "unresolved"
    assert told.hears("bank") == ["propose unpaid/go customer:c1"]


def test_what_a_source_pushed_before_any_rule_rested_on_it_is_its_last_word_all_the_same() -> None:
    told = Told(rule("other", "customer", "vip"))
    told.tell("customer:c1")
    told.tell("payment:p1", source="bank", customer="c2", paid_on=date(2026, 3, 2))
    unpaid = rule("unpaid", "customer", UNPAID_SINCE, existing="propose")
    assert told.adopt(unpaid, tellers=TELLERS) == ["propose unpaid/go customer:c1"]


def test_a_source_that_is_taken_to_have_told_all_is_not_waited_for() -> None:
    home = {**SHOP, "config/sources.yaml": SHOP_SOURCES.replace("webhook\n", "webhook\n    absence: assumed\n")}
    assert Rulebook.of(read_home(Memory(home))).tellers == {}
    assert list(Rulebook.of(read_home(Memory(SHOP))).tellers.values()) == [("bank",)]


READ = SHOP_SOURCES.replace("connector: webhook", "connector: files\n    path: bank")


@pytest.mark.parametrize(
    ("sources", "rules", "warned"),
    [
        (SHOP_SOURCES, UNPAID, ["rule unpaid holds when something is missing (payment), and bank never says"]),
        (SHOP_SOURCES.replace("webhook\n", "webhook\n    absence: assumed\n"), UNPAID, []),
        (READ, UNPAID, []),
        (READ.replace("streams: {", "webhook: {streams: {").replace("}}", "}}}"), UNPAID, ["rule unpaid holds when"]),
        (SHOP_SOURCES, rule("none", "customer", "count(payments) = 0"), []),
        (SHOP_SOURCES, rule("some", "customer", "count(payments[paid_on < today()]) > 0"), []),
        (
            SHOP_SOURCES,
            rule("some", "customer", "vip", while_=UNPAID_SINCE),
            ["rule some, action go, holds when something is missing (payment)"],
        ),
    ],
)
def test_who_waits_for_a_source_that_never_says_how_far_it_has_told_is_warned_of(
    sources: str, rules: str, warned: list[str]
) -> None:
    home = {**SHOP, "config/sources.yaml": sources, "rules/shop/ruleset.yaml": f"format: 1\nrules:\n{rules}"}
    found = [each for each in Rulebook.of(read_home(Memory(home))).notes if each.code == "absence-unconfirmed"]
    assert len(found) == len(warned)
    for each, start in zip(found, warned, strict=True):
        assert each.message.startswith(start)
        assert each.level == "warning"
        assert "absence: assumed" in each.hint
        assert str(each.place).startswith("rules/shop/ruleset.yaml:")


def test_absence_waits_too_when_an_event_completes_it() -> None:
    """The bank is down since 3 March; that the customer is one on 20 March says nothing about payments since."""
    told = Told(UNPAID, tellers=TELLERS)
    told.tell("payment:p1", source="bank", customer="c1", paid_on=date(2026, 3, 2))
    told.hears("bank")
    told.wait(days=18)
    assert told.tell("customer:c1") == []
    assert told.truth("unpaid", "customer:c1") == "unresolved"
    assert told.hears("bank") == ["propose unpaid/go customer:c1"]


def test_what_the_clock_has_no_part_in_waits_for_nobody() -> None:
    told = Told(rule("none", "customer", "count(payments) = 0"), tellers=TELLERS)
    assert told.tell("customer:c1") == ["propose none/go customer:c1"]


def test_what_was_true_at_the_first_load_is_remembered_once_the_source_has_told() -> None:
    told = Told(UNPAID, tellers=TELLERS)
    assert told.tell("customer:c1", first_load=True) == []
    told.restore()
    assert told.hears("bank") == []
    assert told.truth("unpaid", "customer:c1") is True


def test_what_is_true_under_new_rules_is_remembered_once_the_source_has_told() -> None:
    told = Told(rule("other", "customer", "vip"), tellers=TELLERS)
    told.tell("customer:c1")
    assert told.adopt(UNPAID, tellers=TELLERS) == []
    assert told.truth("unpaid", "customer:c1") == "unresolved"
    assert told.hears("bank") == []
    assert told.truth("unpaid", "customer:c1") is True


def test_no_payment_by_then_waits_until_the_bank_has_told_up_to_then() -> None:
    told = paying()
    told.hears("bank")
    assert told.wait(days=5) == []
    assert told.truth("unpaid", "customer:c1") == "unresolved"
    midnight = told.now.replace(day=5, hour=0)
    assert told.hears("bank", midnight - timedelta(seconds=1)) == []
    assert told.hears("bank", midnight) == ["propose unpaid/go customer:c1"]


def test_a_payment_that_comes_late_is_in_time() -> None:
    told = paying()
    told.hears("bank")
    told.wait(days=3)
    assert told.tell("payment:p2", source="bank", customer="c1", paid_on=date(2026, 3, 4)) == []
    assert told.hears("bank") == []
    assert told.truth("unpaid", "customer:c1") is False


def test_other_changes_do_not_make_true_what_waits() -> None:
    told = paying()
    told.hears("bank")
    told.wait(days=3)
    told.restore()
    assert told.tell("customer:c1", name="renamed") == []
    assert told.tell("payment:p0", source="bank", customer="c1", paid_on=date(2025, 1, 1)) == []
    assert told.truth("unpaid", "customer:c1") == "unresolved"
    assert told.hears("bank") == ["propose unpaid/go customer:c1"]


def test_the_watermark_of_a_source_that_would_not_have_told_changes_nothing() -> None:
    told = paying()
    told.hears("bank")
    told.wait(days=5)
    assert told.hears("erp") == []


def test_what_rests_on_nothing_missing_does_not_wait() -> None:
    told = Told(rule("paying", "customer", "count(payments[paid_on < today()]) > 0"), tellers=TELLERS)
    told.tell("customer:c1")
    told.tell("payment:p1", source="bank", customer="c1", paid_on=date(2026, 3, 2))
    told.hears("bank")
    assert told.wait(days=1) == ["propose paying/go customer:c1"]


# --- one absence after another ------------------------------------------------------------------------------------

SLOW = concludes("slow", "customer", UNPAID_SINCE, "risk", '"high"')
POOR = 'risk = "high" and sum(payments.amount) < 50'
MARCH_5 = datetime(2026, 3, 5, tzinfo=START.tzinfo)


def slowly(*rules: str) -> Told:
    """A customer who paid 10 on 2 March and is slow from 5 March on; on 12 March the bank has not told of that yet."""
    told = Told("".join((SLOW, *rules)), tellers=TELLERS)
    told.tell("payment:p1", source="bank", customer="c1", paid_on=date(2026, 3, 2), amount=Decimal(10))
    assert told.tell("customer:c1") == []
    told.hears("bank")
    assert told.wait(days=10) == []
    return told


def test_what_follows_from_an_absence_needs_no_further_word() -> None:
    told = slowly(rule("poor", "customer", POOR))
    assert told.hears("bank", MARCH_5 - timedelta(seconds=1)) == []
    assert told.hears("bank", MARCH_5) == ["propose poor/go customer:c1"]


def test_a_chain_of_absences_needs_one_word() -> None:
    gold = concludes("gold", "customer", POOR, "tier", '"gold"')
    told = slowly(gold, rule("few", "customer", 'tier = "gold" and count(payments) < 5'))
    told.restore()
    assert told.hears("bank", MARCH_5) == ["propose few/go customer:c1"]


def test_what_follows_from_an_absence_waits_for_its_own_source_as_long() -> None:
    """The bank has told that nothing was paid up to 5 March, the ERP has to tell that nothing was bought up to then."""
    told = slowly(rule("gone", "customer", 'risk = "high" and count(invoices) = 0'))
    told.hears("erp", MARCH_5 - timedelta(days=1))
    assert told.hears("bank", MARCH_5) == []
    assert told.truth("gone", "customer:c1") == "unresolved"
    assert told.hears("erp", MARCH_5 - timedelta(seconds=1)) == []
    assert told.hears("erp", MARCH_5) == ["propose gone/go customer:c1"]


def test_what_an_event_completes_counts_from_when_time_moved_what_it_rests_on() -> None:
    late = concludes("late", "customer", 'today() > max(invoices.due) + duration("P3D")', "risk", '"high"')
    told = Told(late + rule("poor", "customer", 'vip and risk = "high" and count(payments) = 0'), tellers=TELLERS)
    told.tell("invoice:i1", **invoice(due=date(2026, 3, 1)))
    told.tell("customer:c1")
    told.wait(days=10)
    assert told.hears("bank", MARCH_5 + timedelta(days=1)) == []
    assert told.tell("customer:c1", vip=True) == ["propose poor/go customer:c1"]


def test_what_time_moves_in_others_counts_from_the_last_that_it_moved() -> None:
    model = MODEL.replace(
        "      open: {type: boolean, derived",
        "      due_soon: {type: boolean, derived: 'today() > due - duration(\"P1D\")'}\n      open: {type: boolean, derived",
    )
    when = "vip and count(payments) = 0 and count(invoices[due_soon]) > 1"
    told = Told(rule("both", "customer", when), model=model, tellers=TELLERS)
    told.tell("customer:c1")
    told.tell("invoice:i1", **invoice(due=date(2026, 3, 4)))
    told.tell("invoice:i2", **invoice(due=date(2026, 3, 5)))
    told.wait(days=10)
    told.hears("bank", MARCH_5 - timedelta(seconds=1))
    assert told.tell("customer:c1", vip=True) == []
    assert told.hears("bank", MARCH_5) == ["propose both/go customer:c1"]


def test_more_of_what_moves_with_time_might_have_come_until_today() -> None:
    """How long the window has been empty is known only for the payments that were told."""
    told = Told(rule("idle", "customer", UNPAID_SINCE + " and vip"), tellers=TELLERS)
    told.tell("payment:p1", source="bank", customer="c1", paid_on=date(2026, 3, 2))
    told.tell("customer:c1")
    told.wait(days=10)
    told.hears("bank", MARCH_5 + timedelta(days=1))
    assert told.tell("customer:c1", vip=True) == []
    assert told.hears("bank", told.now.replace(hour=0)) == ["propose idle/go customer:c1"]


@pytest.mark.parametrize(
    ("when", "waits"),
    [
        ("count(payments) = 0", True),
        ("count(payments) < 2 and vip", True),
        ("not(some p in payments satisfies p.amount > 5)", True),
        ("every p in payments satisfies p.amount > 5", True),
        ("sum(payments[amount > 1].amount) <= 100", True),
        ('today() - max(payments.paid_on) > duration("P3D")', True),
        ("count(invoices[count(customer.payments) = 0]) > 0", True),
        ("if count(payments) = 0 then vip else false", True),
        ("mean(payments.amount) > 4", True),
        ("count(payments) > 0", False),
        ("some p in payments satisfies p.amount > 5", False),
        ("not(count(payments) < 3)", False),
        ("not(vip)", False),
        ("sum(payments.amount) - 5 > 0", False),
    ],
)
def test_which_conditions_rest_on_something_missing(when: str, waits: bool) -> None:
    told = Told(rule("r", "customer", when), tellers=TELLERS)
    assert ("bank" in [each for found in told.session.rulebook.tellers.values() for each in found]) is waits


# --- a value that is missing --------------------------------------------------------------------------------------

OFFERS = """
format: 1
entities:
  offer:
    fields:
      sent_at: datetime
      replied_at: datetime
      reply: {ref: reply, inverse: offers}
      won: {type: boolean, derived: 'replied_at != null'}
  reply:
    fields:
      at: datetime
"""
ANSWERS = {"offer": ("crm",), "reply": ("mail",)}
SILENT = 'replied_at = null and now() > sent_at + duration("P10D")'


def offered(when: str, **options: Any) -> Told:
    """An offer without a reply, made on 2 March; ten days later nobody has replied."""
    told = Told(rule("silent", "offer", when), model=OFFERS, tellers=ANSWERS, **options)
    assert told.tell("offer:o1", sent_at=told.now) == []
    return told


def test_no_reply_within_ten_days_of_the_offer_waits_for_the_source_of_replies() -> None:
    told = offered(SILENT)
    told.hears("crm")
    assert told.wait(days=11) == []
    assert told.truth("silent", "offer:o1") == "unresolved"
    assert told.hears("crm", told.now - timedelta(days=2)) == []
    told.restore()
    assert told.hears("crm") == ["propose silent/go offer:o1"]


def test_a_reply_that_the_source_tells_of_late_is_in_time() -> None:
    told = offered(SILENT)
    told.hears("crm")
    told.wait(days=11)
    assert told.tell("offer:o1", sent_at=told.now - timedelta(days=11), replied_at=told.now - timedelta(days=3)) == []
    assert told.hears("crm") == []


@pytest.mark.parametrize(
    ("when", "waits"),
    [
        ("replied_at = null", {"crm"}),
        ("null = replied_at", {"crm"}),
        ("not(replied_at != null)", {"crm"}),
        ("replied_at = null or replied_at > sent_at", {"crm"}),
        ("if replied_at = null then true else false", {"crm"}),
        ("reply = null", {"crm"}),
        ("reply.at = null", {"crm", "mail"}),
        ("not(won)", {"crm"}),
        ("replied_at != null", set()),
        ("not(replied_at = null)", set()),
        ("won", set()),
        ("replied_at > sent_at", set()),
    ],
)
def test_which_conditions_rest_on_a_value_that_is_missing(when: str, waits: set[str]) -> None:
    tellers = Told(rule("r", "offer", when), model=OFFERS, tellers=ANSWERS).session.rulebook.tellers
    assert {each for found in tellers.values() for each in found} == waits


def test_a_derived_field_rests_on_what_it_reads() -> None:
    model = MODEL.replace(
        "      vip: boolean\n", "      vip: boolean\n      paid: {type: number, derived: 'count(payments)'}\n"
    )
    book: Rulebook = Told(rule("r", "customer", "paid < 1"), model=model, tellers=TELLERS).session.rulebook
    assert list(book.tellers.values()) == [("bank",)]


# --- staleness ----------------------------------------------------------------------------------------------------

AGING = MODEL.replace(
    "      amount: number\n      worth: money\n", "      amount: {type: number, max_age: P2D}\n      worth: money\n"
)


def big() -> Told:
    told = Told(rule("big", "invoice", "amount > 50"), model=AGING)
    assert told.tell("invoice:i1", **invoice()) == ["propose big/go invoice:i1"]
    return told


def test_a_value_older_than_its_max_age_is_unresolved_and_holds() -> None:
    told = big()
    assert told.wait(days=2) == []
    assert told.fact("invoice:i1.amount") == 100
    assert told.wait(seconds=1) == []
    assert told.fact("invoice:i1.amount") == "unresolved"
    assert told.truth("big", "invoice:i1") == "unresolved"


def test_hearing_the_record_again_makes_it_fresh() -> None:
    told = big()
    told.wait(days=3)
    assert told.tell("invoice:i1", **invoice()) == []
    assert told.fact("invoice:i1.amount") == 100
    told.wait(days=3)
    assert told.tell("invoice:i1", **invoice(amount=Decimal(1))) == ["withdraw big/go invoice:i1"]


def test_the_watermark_confirms_what_was_told_before() -> None:
    told = big()
    told.wait(days=1)
    told.hears("erp")
    told.wait(days=2)
    assert told.fact("invoice:i1.amount") == 100
    told.wait(days=1)
    assert told.fact("invoice:i1.amount") == "unresolved"
    assert told.hears("erp") == []
    assert told.fact("invoice:i1.amount") == 100


def test_what_is_stale_is_stale_after_reading_a_snapshot() -> None:
    told = big()
    told.wait(days=3)
    content = told.session.snapshot()
    told.restore()
    assert told.fact("invoice:i1.amount") == "unresolved"
    assert told.session.snapshot() == content
    told.hears("erp")
    assert told.fact("invoice:i1.amount") == 100
