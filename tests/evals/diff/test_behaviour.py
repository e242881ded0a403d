from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.events import ChangeEvent, Watermark
from engine.feel import Money
from engine.inference.rulebook import Rulebook
from engine.journal import entry_of
from engine.ports import Stored
from evals.diff.behaviour import compare
from evals.diff.cases import compare_cases
from evals.diff.runs import play
from evals.diff.slicing import Slices, affected

RULES = "rules/reminders/ruleset.yaml"
START = datetime(2026, 1, 1, 6, tzinfo=UTC)


def stored(*told: tuple[int, ChangeEvent | Watermark | None]) -> list[Stored]:
    """Journal entries, each so many days after the start; None is a tick."""
    found = []
    for seq, (day, event) in enumerate(told, 1):
        at = START + timedelta(days=day)
        kind, body = ("tick", {}) if event is None else (entry_of(event, at).kind, entry_of(event, at).body)
        found.append(
            Stored(seq=seq, kind=kind, recorded_at=at, valid_at=None, actor="", subjects=(), revision="", body=body)
        )
    return found


def customer(id: str, **more) -> ChangeEvent:
    fields = {"name": id, "email": f"{id}@example.org"} | more
    return ChangeEvent(entity="customer", id=id, record=f"ledger/customers/{id}", fields=fields)


def invoice(id: str, customer: str, due: date, paid: date | None = None, amount: int = 100) -> ChangeEvent:
    fields = {"number": id, "customer": customer, "amount": Money(Decimal(amount), "EUR"), "due_date": due}
    return ChangeEvent(
        entity="invoice", id=id, record=f"ledger/invoices/{id}", fields=fields | ({"paid_on": paid} if paid else {})
    )


@pytest.fixture
def history() -> list[Stored]:
    """C1 pays 8 days late, C2 never; both were due on the day after the start."""
    due = date(2026, 1, 2)
    return stored(
        (0, customer("C1")), (0, customer("C2")), (0, invoice("I1", "C1", due)), (0, invoice("I2", "C2", due)),
        (10, invoice("I1", "C1", due, date(2026, 1, 11))), (40, None),
    )  # fmt: skip


def counts(found):
    return {(each.kind, each.effect): (each.count, each.customers) for each in found.tallies}


def test_the_same_rules_decide_the_same(starter, history):
    found = compare(starter(), starter(), history)
    assert not found.differs
    assert found.compared == ()


def test_a_later_threshold_spares_who_paid_in_time_and_moves_the_other(starter, history):
    found = compare(starter(), starter((RULES, "P7D", "P9D")), history)
    assert counts(found) == {
        ("propose", "vanishes"): (1, 1), ("withdraw", "vanishes"): (1, 1), ("propose", "changes"): (1, 1),
    }  # fmt: skip
    moved = next(each for each in found.examples if each.effect == "changes")
    assert moved.details == ("2 days later",)


def test_what_vanishes_is_explained_by_both_sides(starter, history):
    found = compare(starter(), starter((RULES, "P7D", "P9D")), history, examples=2)
    gone = next(each for each in found.examples if each.effect == "vanishes")
    assert gone.subject == "customer:C1"
    assert gone.because == "Open since 2026-01-02."
    assert any("oldest_due = 2026-01-02" in line for line in gone.why)
    assert gone.why_not[0].startswith('`today() > oldest_due + duration("P9D")` is false')


def test_a_changed_payload_is_told_with_its_money(starter, history):
    model = (
        "config/model.yaml",
        "      oldest_due:\n",
        "      balance: {type: money, currency: EUR, derived: 'sum(invoices[open].amount)'}\n      oldest_due:\n",
    )
    base = starter(model, (RULES, "to: email\n", "to: email\n          in_reply_to: balance\n"))
    head = starter(model, (RULES, "to: email\n", "to: email\n          in_reply_to: balance * 2\n"))
    found = compare(base, head, history)
    assert [each.amounts for each in found.tallies] == [{"EUR": "400.00"}]
    assert found.examples[0].details == ("in_reply_to: 100.00 EUR -> 200.00 EUR",)


def test_a_new_rule_appears_and_a_renamed_one_does_not_vanish(starter, history):
    examples = ("rules/reminders/examples.yaml", "late/remind", "overdue/remind")
    head = starter((RULES, "id: late", "id: overdue\n    was: late"), examples, examples)
    assert not compare(starter(), head, history).differs
    unknown = starter((RULES, "id: late", "id: overdue"), examples, examples)
    assert counts(compare(starter(), unknown, history)).keys() == {
        (kind, effect) for kind in ("propose", "withdraw") for effect in ("appears", "vanishes")
    }


MODEL = "config/model.yaml"
DOLLARS = """
      dollars: {type: money, currency: USD, derived: 'in currency(amount, "USD", due_date)'}
"""
RATES = """
  fx:
    rates: {base: of, quote: to, on: day, rate: mid}
    fields: {of: text, to: text, day: date, mid: number}

"""
AMOUNT = "      amount: {type: money, currency: EUR}\n"
RATED = (
    (MODEL, AMOUNT, AMOUNT + DOLLARS),
    (MODEL, "  invoice:\n", f"{RATES}  invoice:\n"),
    (RULES, "when: oldest_due", "when: max(invoices[open].dollars) > 150 and oldest_due"),
)


def rate(mid: int) -> ChangeEvent:
    fields = {"of": "EUR", "to": "USD", "day": date(2026, 1, 1), "mid": Decimal(mid)}
    return ChangeEvent(entity="fx", id="r1", record="ledger/rates/1", fields=fields)


def test_a_rule_that_converts_money_has_its_rates(starter, history):
    found = compare(starter(*RATED), starter(*RATED, (RULES, "P7D", "P9D")), [*stored((0, rate(2))), *history])
    assert counts(found) == {
        ("propose", "vanishes"): (1, 1), ("withdraw", "vanishes"): (1, 1), ("propose", "changes"): (1, 1),
    }  # fmt: skip


CLAIMS = """
  claim:
    fields:
      about: text
      kind: text
      amount: {type: money, currency: EUR}
      named:
        match: invoice
        inverse: claims
        where: |
          item.number = about and kind = "dispute" and amount <= item.amount

"""
JOINED = (
    (MODEL, "  invoice:\n", f"{CLAIMS}  invoice:\n"),
    (RULES, "when: oldest_due", "when: count(invoices[count(claims) > 0]) > 0 and oldest_due"),
)


def claim(about: str) -> ChangeEvent:
    fields = {"about": about, "kind": "dispute", "amount": Money(Decimal(10), "EUR")}
    return ChangeEvent(entity="claim", id="K1", record="ledger/claims/K1", fields=fields)


def test_a_rule_over_a_join_has_both_sides(starter, history):
    found = compare(starter(*JOINED), starter(*JOINED, (RULES, "P7D", "P9D")), [*stored((0, claim("I1"))), *history])
    assert counts(found) == {("propose", "vanishes"): (1, 1), ("withdraw", "vanishes"): (1, 1)}


def test_only_the_period_is_compared(starter, history):
    early = compare(starter(), starter((RULES, "P7D", "P9D")), history, inside=lambda at: at < START)
    assert not early.differs


def test_a_lost_autonomy_is_told_with_the_decisions_it_concerns(starter, history):
    alone = ("config/autonomy.yaml", "approval: always", "approval: never\n    max_consequence: high")
    found = compare(starter(alone), starter(), history)
    assert [each.text for each in found.standings if each.shifts] == [
        "loses its autonomous status: customer_mail asks for approval; consequence medium is above low"
    ]
    assert counts(found) == {("propose", "changes"): (2, 2)}


def test_a_field_that_was_not_kept_is_not_evaluable_rather_than_vanished(starter, history):
    head = starter((RULES, "oldest_due != null and", "oldest_due != null and email != null and name = email and"))
    kept = sorted(f"{type}.{field}" for type, field in Rulebook.of(starter()).kept())
    coverage = [
        Stored(
            seq=90,
            kind="coverage",
            recorded_at=START,
            valid_at=None,
            actor="",
            subjects=(),
            revision="",
            body={"fields": kept},
        )
    ]
    found = compare(starter(), head, history, coverage)
    assert not found.differs
    assert str(found.unevaluable[0]) == (
        "reminders/late: not evaluable before 2026-02-10, for customer.email, customer.name was not kept until then"
        " (3 decisions left out)"
    )


def test_everything_that_present_rules_read_is_covered():
    from pathlib import Path

    from engine.rules import load_home
    from evals.diff.evaluable import missing

    home = load_home(Path()).sound()
    rulebook = Rulebook.of(home)
    slices = Slices(home, rulebook)
    kept = [f"{type}.{field}" for type, field in rulebook.kept()]
    coverage = [
        Stored(
            seq=1,
            kind="coverage",
            recorded_at=START,
            valid_at=None,
            actor="",
            subjects=(),
            revision="",
            body={"fields": kept},
        )
    ]
    gaps = missing(slices, slices.rules, [*coverage, *coverage])
    assert gaps == {}


def test_cases_take_the_place_of_a_journal(starter):
    base, head = starter(), starter((RULES, "P7D", "P9D"))
    found = compare_cases(base, head, base.examples["reminders"].examples)
    assert counts(found) == {("propose", "vanishes"): (1, 1), ("withdraw", "vanishes"): (1, 1)}
    assert found.examples[0].because == "Open since 2026-02-22."
    assert not compare_cases(base, base, base.examples["reminders"].examples).differs


def test_a_slice_decides_as_the_whole_does():
    from pathlib import Path

    from engine.rules import load_home

    home = load_home(Path()).sound()
    slices = Slices(home, Rulebook.of(home))
    due = date(2026, 1, 2)
    erp = {"crm_id": "A", "owner": "p1", "home_currency": "EUR", "credit_limit": Money(Decimal(10), "EUR")}
    bill = {"currency": "EUR"}
    told: list[tuple[int, ChangeEvent | Watermark]]
    told = [(0, ChangeEvent(entity="person", id="p1", record="crm/people/p1", fields={"name": "P"}))]
    for number in range(6):
        told.append((0, customer(f"C{number}", **erp)))
        event = invoice(f"I{number}", f"C{number}", due)
        told.append(
            (0, ChangeEvent(entity="invoice", id=event.id, record=event.record, fields={**event.fields, **bill}))
        )
        pay = {
            "customer": f"C{number}",
            "invoice": f"I{number}",
            "currency": "EUR",
            "amount": Money(Decimal(100), "EUR"),
        }
        pay |= {"paid_on": due + timedelta(days=9 * number), "matched": True}
        told.append((9 * number, ChangeEvent(entity="payment", id=f"P{number}", record=f"erp/p/{number}", fields=pay)))
    for day in range(0, 91, 5):
        told += [(day, Watermark(source, START + timedelta(days=day))) for source in ("erp", "crm", "mail")]
    inputs = stored(*sorted(told, key=lambda each: each[0]), (90, None))
    whole = play(home, inputs, frozenset(slices.rules))
    for name in sorted(slices.rules):
        wanted = frozenset({name})
        assert play(slices.sliced([name]), inputs, wanted).made == [each for each in whole.made if each.rule == name]
    assert {each.rule for each in whole.made} >= {"collections/overdue_account", "collections/second_reminder"}


def test_a_rule_is_left_out_when_nothing_it_depends_on_changed(starter):
    other = "\n  - id: other\n    for: customer\n    when: email = null\n    do:\n      - {id: x, operation: mail.send, with: {to: name}, draft: prompts/reminder.md}\n"
    base = starter((RULES, "\n  - id: late", other + "\n  - id: late"))
    head = starter(
        (RULES, "\n  - id: late", other + "\n  - id: late"),
        ("config/model.yaml", "derived: paid_on = null", "derived: paid_on = null and amount != null"),
    )
    assert affected(Slices(base, Rulebook.of(base)), Slices(head, Rulebook.of(head))) == {"reminders/late"}
