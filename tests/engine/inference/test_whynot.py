"""Why a rule does not hold: what failed, what was seen, what would pass, and when."""

from datetime import date
from decimal import Decimal

import pytest

from engine.inference.whynot import Part, Stage, Why, condition_of, funnel, why_not
from tests.engine.inference.told import MODEL, Told, concludes, invoice, rule

SEEN = {"status": "opn", "amount": Decimal(50), "due": date(2026, 2, 27), "customer": "c1"}


def why(told: Told, name: str, ref: str) -> Why:
    condition, entity = condition_of(told.session.rulebook, name), told.session.entity(ref)
    assert condition is not None
    assert entity is not None
    return why_not(told.session, condition, entity)


def part(when: str, **fields: object) -> Part:
    """The only conjunct of a condition on an invoice of 2 March."""
    told = Told(rule("r", "invoice", when))
    told.tell("invoice:i1", **{**SEEN, **fields})
    return why(told, "r", "invoice:i1").parts[0]


@pytest.mark.parametrize(
    ("when", "needed"),
    [
        ("amount > 100", "more than 100"),
        ("amount >= 100", "at least 100"),
        ("amount < 50", "less than 50"),
        ("100 < amount", "more than 100"),
        ("amount = 7", "7"),
        ("amount != 50", "anything but 50"),
        ("amount between 60 and 80", "at least 60"),
        ("amount between 10 and 20", "at most 20"),
        ("amount in (60..80]", "more than 60"),
        ("amount in (1, > 90)", "1 or more than 90"),
        ('status in ("open", "paid")', 'one of "open", "paid", the nearest "open"'),
        ('status = "open"', '"open"'),
        ('due > date("2026-03-01")', "after 2026-03-01"),
        ('due < @"2026-02-27"', "before 2026-02-27"),
        ("seen != null", "any value"),
        ("status = null", "nothing at all"),
        ("not(amount = 50)", "anything but 50"),
        ("amount > 100 or amount < 20", "more than 100 or less than 20"),
        ("amount + 1 > 100", "amount + 1 more than 100, it is 51"),
        ("open", "yes"),
    ],
)
def test_the_nearest_values_that_would_pass(when: str, needed: str) -> None:
    found = part(when)
    assert found.outcome == "false"
    assert found.needs == needed


def test_a_limit_that_is_computed_is_said_with_its_value() -> None:
    told = Told(rule("r", "customer", "count(invoices) > count(payments) + 2"))
    told.tell("customer:c1")
    told.tell("invoice:i1", **invoice())
    (found,) = why(told, "r", "customer:c1").parts
    assert found.needs == "count(invoices) more than 2 (count(payments) + 2), it is 1"


def test_a_virtual_field_tells_when_time_alone_brings_it() -> None:
    found = part("overdue > 7", status="open")
    assert found.values == {"overdue": 3}
    assert found.holds_from == date(2026, 3, 7)
    assert found.told == (
        "`overdue > 7` is false: overdue is 3; needs more than 7; will be true on 2026-03-07 if nothing changes"
    )


def test_the_moment_is_when_the_engine_fires() -> None:
    told = Told(rule("r", "invoice", "overdue > 7"))
    told.tell("invoice:i1", **{**SEEN, "status": "open"})
    moment = why(told, "r", "invoice:i1").parts[0].holds_from
    assert told.wait(days=4) == []
    assert told.wait(days=1) == ["propose r/go invoice:i1"]
    assert moment == told.now.date()


def test_let_names_are_looked_through() -> None:
    text = rule("r", "invoice", "late").replace("    when:", "    let:\n      late: overdue > 7\n    when:")
    told = Told(text)
    told.tell("invoice:i1", **{**SEEN, "status": "open"})
    assert why(told, "r", "invoice:i1").parts[0].needs == "more than 7"


def test_no_moment_is_told_where_a_stored_field_moves_too() -> None:
    model = MODEL.replace("due: date", "due: date\n      late: {type: boolean, derived: today() > due}")
    told = Told(rule("r", "invoice", 'not(late) and today() > due - duration("P9D")'), model=model)
    told.tell("invoice:i1", due=date(2026, 2, 27))
    assert [each.holds_from for each in why(told, "r", "invoice:i1").parts] == [None, None]
    told = Told(rule("r", "customer", "some i in invoices satisfies i.late"), model=model)
    told.tell("customer:c1")
    told.tell("invoice:i1", customer="c1", due=date(2026, 3, 4))
    assert why(told, "r", "customer:c1").parts[0].holds_from is None


def test_of_many_items_the_one_that_fails_least_is_named() -> None:
    told = Told(rule("r", "customer", 'some i in invoices satisfies i.status = "open" and i.overdue > 7'))
    told.tell("customer:c1")
    told.tell("invoice:i1", **invoice(status="paid", due=date(2026, 2, 1)))
    told.tell("invoice:i2", **invoice(due=date(2026, 2, 27)))
    told.tell("invoice:i3", **invoice(status="paid", due=date(2026, 2, 27)))
    (found,) = why(told, "r", "customer:c1").parts
    assert found.nearest is not None
    assert found.nearest.subject == "invoice:i2"
    assert "invoice:i2 comes nearest: `overdue > 7` is false: overdue is 3; needs more than 7" in found.advice
    assert "will be true on 2026-03-07" in found.advice


def test_null_says_what_is_not_given_and_by_which_record() -> None:
    found = part("amount > 7", amount=None)
    assert found.outcome == "null"
    assert found.missing == ("amount of invoice:i1 is not given; erp/invoice/i1 would tell it",)


def test_a_missing_value_is_followed_through_computed_fields() -> None:
    found = part("overdue > 7", status="open", due=None)
    assert found.outcome == "false"
    assert part("(today() - due).days > 7", due=None).missing[0].startswith("due of invoice:i1 is not given")
    model = MODEL.replace("due: date", "due: date\n      twice: {type: number, derived: amount * 2}")
    told = Told(rule("r", "invoice", "twice > 7"), model=model)
    told.tell("invoice:i1", status="open")
    assert why(told, "r", "invoice:i1").parts[0].missing[0].startswith("amount of invoice:i1 is not given")


def test_unresolved_says_who_names_what_is_not_known() -> None:
    found = part("customer.vip")
    assert found.outcome == "unresolved"
    assert found.missing == (
        "customer of invoice:i1 is customer c1, of which no source has told; erp/invoice/i1 names it",
    )


def test_a_conflict_of_conclusions_is_what_is_missing() -> None:
    told = Told(
        concludes("a", "customer", "vip", "risk", '"high"')
        + concludes("b", "customer", "vip", "risk", '"none"')
        + rule("r", "customer", 'risk = "high"')
    )
    told.tell("customer:c1", vip=True)
    (found,) = why(told, "r", "customer:c1").parts
    assert found.outcome == "unresolved"
    assert "contradicting conclusions about risk" in found.missing[0]
    assert found.told.count("contradicting") == 1
    session = told.session
    assert session.value("customer:c1", "risk") is None
    assert "contradicting conclusions about risk" in str(session.doubt("customer:c1", "risk"))
    assert session.doubt("customer:c1", "null") is None


def test_a_faulty_part_says_why() -> None:
    model = MODEL.replace("due: date", "due: date\n      code: {type: any}")
    told = Told(rule("r", "invoice", "code + 1 > 7"), model=model)
    told.tell("invoice:i1", code="x")
    (found,) = why(told, "r", "invoice:i1").parts
    assert found.outcome == "faulty"
    assert found.reason


def test_the_funnel_counts_alone_and_together() -> None:
    told = Told(rule("r", "invoice", 'status = "open" and amount > 10 and seen != null'))
    for number, (status, amount) in enumerate([("open", 5), ("open", 20), ("paid", 30), ("open", None)]):
        told.tell(f"invoice:i{number}", status=status, amount=Decimal(amount) if amount else None)
    condition = condition_of(told.session.rulebook, "r")
    assert condition is not None
    assert funnel(told.session, condition) == (
        Stage('status = "open"', passing=3, left=3),
        Stage("amount > 10", passing=2, left=1),
        Stage("seen != null", passing=0, left=0),
    )


def test_what_waits_for_its_source_says_so_though_all_parts_are_true() -> None:
    text = rule("r", "invoice", 'count(customer.payments) = 0 and today() > due + duration("P7D")')
    told = Told(text, tellers={"payment": ("bank",)})
    told.tell("customer:c1")
    told.tell("invoice:i1", **invoice(due=date(2026, 3, 1)))
    told.hears("bank")
    assert told.wait(days=10) == []
    found = why(told, "r", "invoice:i1")
    assert [each.outcome for each in found.parts] == ["true", "true"]
    assert found.outcome == "unresolved"
    assert "bank has told up to 2026-03-02" in found.reason


def test_a_circle_of_references_is_named_with_the_record_that_makes_it() -> None:
    told = Told(rule("r", "group", "total > 100"))
    told.tell("group:a", parent="b", size=Decimal(1))
    told.tell("group:b", parent="a", size=Decimal(2))
    (found,) = why(told, "r", "group:a").parts
    assert found.outcome == "unresolved"
    assert "parent of group b leads back to itself; erp/group/b says so" in found.missing


# --- it holds, and nothing is proposed ------------------------------------------------------------------------------


def standing(told: Told, name: str = "r") -> tuple[str, str]:
    """How the only action of a rule stands for customer c1."""
    (found,) = why(told, name, "customer:c1").actions
    return found.state, found.reason


def held(*rules: str, **first: bool) -> Told:
    told = Told("".join(rules))
    told.tell("customer:c1", vip=True, **first)
    return told


def test_what_is_proposed_says_since_when() -> None:
    assert standing(held(rule("r", "customer", "vip"))) == ("live", "proposed at 2026-03-02 09:00")


def test_what_was_true_at_the_first_load_is_remembered() -> None:
    state, reason = standing(held(rule("r", "customer", "vip"), first_load=True))
    assert (state, "existing: seed" in reason) == ("remembered", True)


def test_what_was_sent_waits_until_it_was_false() -> None:
    told = held(rule("r", "customer", "vip", operation="mail.send"))
    told.becomes("r/go customer:c1", "sent")
    expected = "sent at 2026-03-02 09:00; proposed again once the rule was definitely false for P1D"
    assert standing(told) == ("done", expected)


def test_what_is_repeated_says_when() -> None:
    told = held(rule("r", "customer", "vip", repeat="P7D"))
    told.becomes("r/go customer:c1", "sent")
    assert standing(told) == ("done", "sent at 2026-03-02 09:00; repeated at 2026-03-09 09:00")


def test_what_was_rejected_waits_until_it_was_false() -> None:
    told = held(rule("r", "customer", "vip"))
    told.becomes("r/go customer:c1", "rejected")
    assert standing(told) == ("done", "rejected; proposed again once the rule was definitely false")


def test_what_is_replaced_names_the_stronger_rule() -> None:
    told = held(rule("r", "customer", "vip"), rule("s", "customer", 'segment = "key"', instead_of="[r]"))
    told.tell("customer:c1", vip=True, segment="key")
    assert standing(told) == ("replaced", "shop/s holds and stands instead of it")
    assert standing(told, "s")[0] == "live"


def test_what_came_back_after_a_doubt_says_when_it_is_proposed_again() -> None:
    told = held(rule("r", "customer", "vip", operation="mail.send"))
    told.tell("customer:c1", vip=False)
    told.wait(hours=1)
    told.tell("customer:c1", vip=True)
    assert standing(told) == ("withdrawn", "withdrawn; proposed again at 2026-03-03 09:00")


def test_what_its_while_ends_names_it() -> None:
    told = held(rule("r", "customer", "vip", while_='segment = "key"'))
    assert standing(told) == ("ended", 'its `while` does not hold: segment = "key"')


def test_what_rests_says_until_when() -> None:
    told = Told(rule("r", "invoice", "amount > 50", cooldown="P3D"))
    told.tell("customer:c1")
    told.tell("invoice:i1", **invoice())
    told.tell("invoice:i2", **invoice())
    (found,) = why(told, "r", "invoice:i2").actions
    assert (found.state, found.reason) == ("resting", "its cooldown of P3D lasts until 2026-03-05 09:00")


def test_a_rule_that_does_not_hold_says_nothing_of_its_actions() -> None:
    told = held(rule("r", "customer", "not(vip)"))
    assert why(told, "r", "customer:c1").actions == ()
