"""Joins: entities that no reference connects, found by equality and narrowed by any condition."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Rulebook, Session
from engine.events import ChangeEvent
from engine.inference.clock import HeldClock
from engine.rules import load_home
from engine.source import ConfigError
from engine.source.folder import Memory

APP = "format: 1\ncompany: Test\n"
MODEL = """
format: 1
entities:
  bank_line:
    fields:
      amount: number
      text: text
      booked_on: date
      candidates:
        match: invoice
        inverse: bank_lines
        where: |
          item.amount = amount and item.status = "open" and contains(text, item.number)
          and booked_on >= item.issued_on and booked_on <= item.issued_on + duration("P60D")
      candidate_count: {type: number, derived: count(candidates)}
  invoice:
    fields:
      number: text
      amount: number
      status: text
      issued_on: date
      line_count: {type: number, derived: count(bank_lines)}
"""
RULES = """
format: 1
owner: ada
rules:
  - id: paid_by_bank
    for: bank_line
    when: candidate_count = 1
    do:
      - id: propose
        operation: bank.match
        with:
          invoice: candidates[1].number
"""


def session(model: str = MODEL, rules: str = RULES) -> Session:
    files = {"config/app.yaml": APP, "config/model.yaml": model, "rules/bank/ruleset.yaml": rules}
    home = load_home(Memory(files))
    faults = [each for each in home.problems if each.place and each.place.file == "config/model.yaml"]
    if faults:
        raise ConfigError(tuple(faults))
    return Session(Rulebook.of(home), HeldClock(datetime(2026, 3, 1, tzinfo=UTC)))


def tell(running: Session, entity: str, id: str, **fields):
    return running.apply(ChangeEvent(entity=entity, id=id, record=f"x/{entity}/{id}", fields=fields))


def invoice(running: Session, id: str, amount: int, status: str = "open", issued: str = "2026-02-01"):
    issued_on = date.fromisoformat(issued)
    return tell(running, "invoice", id, number=id, amount=Decimal(amount), status=status, issued_on=issued_on)


def line(running: Session, id: str, amount: int, text: str, booked: str = "2026-02-20"):
    return tell(running, "bank_line", id, amount=Decimal(amount), text=text, booked_on=date.fromisoformat(booked))


def test_a_line_finds_the_invoice_of_its_amount_that_its_text_names():
    running = session()
    invoice(running, "F1", 100)
    invoice(running, "F2", 100)
    (decision,) = line(running, "B1", 100, "payment F1")
    assert decision.inputs == {"invoice": "F1"}
    assert running.value("invoice:F1", "line_count") == 1
    assert running.value("invoice:F2", "line_count") == 0


def test_the_order_of_arrival_does_not_matter():
    running = session()
    assert line(running, "B1", 100, "payment F1") == []
    (decision,) = invoice(running, "F1", 100)
    assert decision.key.subject == "bank_line:B1"


@pytest.mark.parametrize(
    ("change", "count"),
    [
        (lambda running: invoice(running, "F1", 100, "paid"), 0),
        (lambda running: invoice(running, "F1", 101), 0),
        (lambda running: invoice(running, "F1", 100, issued="2026-02-21"), 0),
        (lambda running: line(running, "B1", 100, "no reference"), 0),
        (lambda running: line(running, "B1", 100, "F1 again"), 1),
    ],
)
def test_a_pair_parts_when_either_side_changes(change, count):
    running = session()
    invoice(running, "F1", 100)
    line(running, "B1", 100, "payment F1")
    change(running)
    assert running.value("bank_line:B1", "candidate_count") == count
    assert running.value("invoice:F1", "line_count") == count


def test_a_pair_parts_when_one_side_is_gone():
    running = session()
    invoice(running, "F1", 100)
    line(running, "B1", 100, "payment F1")
    decisions = running.apply(ChangeEvent(entity="invoice", id="F1", record="x/invoice/F1", fields={}, deleted=True))
    assert [decision.kind for decision in decisions] == ["withdraw"]
    assert running.value("bank_line:B1", "candidate_count") == 0


def test_a_snapshot_keeps_the_pairs():
    running = session()
    invoice(running, "F1", 100)
    line(running, "B1", 100, "payment F1")
    again = Session.restore(running.rulebook, running.clock, running.snapshot())
    assert again.value("bank_line:B1", "candidate_count") == 1
    invoice(again, "F1", 100, "paid")
    assert again.value("bank_line:B1", "candidate_count") == 0


AMOUNTS = st.integers(1, 3)
NUMBERS = st.sampled_from(["F1", "F2", "F3"])
CHANGES = st.one_of(
    st.tuples(st.just("invoice"), NUMBERS, AMOUNTS, st.sampled_from(["open", "paid"]), st.integers(0, 90)),
    st.tuples(st.just("line"), st.sampled_from(["B1", "B2"]), AMOUNTS, NUMBERS, st.integers(0, 90)),
)


@settings(max_examples=60)
@given(st.lists(CHANGES, max_size=25))
def test_the_pairs_are_those_of_comparing_everything_with_everything(changes):
    running = session()
    start = date(2026, 1, 1)
    invoices: dict[str, tuple] = {}
    lines: dict[str, tuple] = {}
    for kind, id, amount, word, day in changes:
        at = (start + timedelta(days=day)).isoformat()
        if kind == "invoice":
            invoices[id] = (amount, word, day)
            invoice(running, id, amount, word, at)
        else:
            lines[id] = (amount, word, day)
            line(running, id, amount, f"for {word}", at)
        for name, (wanted, text, booked) in lines.items():
            expected = sum(
                amount == wanted and status == "open" and number == text and issued <= booked <= issued + 60
                for number, (amount, status, issued) in invoices.items()
            )
            assert running.value(f"bank_line:{name}", "candidate_count") == expected


def test_a_join_without_an_equality_is_refused():
    model = MODEL.replace("item.amount = amount and ", "item.amount > amount and ")
    with pytest.raises(ConfigError, match="equates nothing"):
        session(model)


def test_a_clock_between_both_sides_is_refused():
    model = MODEL.replace("booked_on >= item.issued_on", "today() > item.issued_on + (booked_on - item.issued_on)")
    with pytest.raises(ConfigError, match="both sides and the clock"):
        session(model)


def test_a_clock_on_one_side_flips_the_pair_in_time():
    model = MODEL.replace(
        'item.status = "open"', 'item.status = "open" and today() > item.issued_on + duration("P40D")'
    )
    running = session(model)
    invoice(running, "F1", 100)
    line(running, "B1", 100, "payment F1")
    assert running.value("bank_line:B1", "candidate_count") == 0
    (decision,) = running.advance(datetime(2026, 3, 20, tzinfo=UTC))
    assert decision.at == datetime(2026, 3, 14, tzinfo=UTC)
