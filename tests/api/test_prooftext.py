"""Proofs as text, on the example company as it is shipped."""

import os
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.prooftext import proof_lines
from api.shipped import shipped_home
from api.words import Told, Words
from engine.events import ChangeEvent, Decision
from engine.feel import Money
from engine.inference.clock import HeldClock
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session

ISTANBUL = ZoneInfo("Europe/Istanbul")
NOW = datetime(2026, 3, 2, 9, tzinfo=ISTANBUL)
GOLDEN = Path(__file__).parent / "golden" / "second_reminder.txt"
WORDS = Words("Europe/Istanbul", {"customer:C1": "Karadeniz Beton"})


def lira(amount: int) -> Money:
    return Money(Decimal(amount), "TRY")


@pytest.fixture(scope="module")
def decision() -> Decision:
    """The second reminder to a customer with two open invoices."""
    session = Session(Rulebook.load(shipped_home()), HeldClock(NOW), complete=True)
    made: list[Decision] = []

    def tell(entity: str, id: str, record: str, version: str, **fields: Any) -> None:
        event = ChangeEvent(
            entity=entity,
            id=id,
            record=record,
            fields=fields,
            version=version,
            valid_at=datetime(2026, 2, 1, 8, tzinfo=ISTANBUL),
        )
        made.extend(session.apply(event))

    tell("customer", "C1", "erp/customers/C1", "3", name="Karadeniz Beton", home_currency="TRY")
    for number, due, amount in (("F1", date(2026, 2, 2), 184250), ("F2", date(2026, 2, 10), 90000)):
        tell(
            "invoice", number, f"erp/invoices/{number}", "7",
            number=number, customer="C1", currency="TRY", due_date=due, amount=lira(amount),
        )  # fmt: skip
    return next(each for each in made if each.key.rule == "second_reminder")


def test_a_reason_reads_from_the_rule_down_to_each_fact_with_source_version_and_age(decision: Decision) -> None:
    text = "\n".join(proof_lines(WORDS.proof(decision.proof), WORDS, decision.at)) + "\n"
    if os.environ.get("OPSLAYER_ACCEPT_REPORTS"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8"), "run this test with OPSLAYER_ACCEPT_REPORTS=1"
    assert "[erp invoices/F1, version 7, since 1 Feb 2026, 08:00, 29 days old]" in text


def test_what_is_long_is_folded_by_its_depth(decision: Decision) -> None:
    told = WORDS.proof(decision.proof)
    whole = list(proof_lines(told, WORDS, decision.at, None))
    short = list(proof_lines(told, WORDS, decision.at, 12))
    assert len(short) <= 12 < len(whole)
    assert any("more steps, with --all" in line for line in short)
    assert not any("more steps" in line for line in whole)


def test_what_was_told_is_not_told_twice() -> None:
    fact = Told("Amount of invoice F1 is 5.", "field")
    step = Told("Paid of invoice F1 is no.", "derived", "amount > 7", reasons=(fact,))
    lines = list(proof_lines(Told("The rule holds.", "rule", "a", reasons=(step, step)), WORDS, NOW))
    assert lines[1:] == [
        "  - Paid of invoice F1 is no, from amount > 7",
        "    - Amount of invoice F1 is 5. [no source gives it]",
        "  - Paid of invoice F1 is no, from amount > 7 (told above)",
    ]
