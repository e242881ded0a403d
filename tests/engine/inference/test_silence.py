"""A source that is silent for longer than its `stale_after`: what it told is unresolved until it is heard again."""

from decimal import Decimal
from typing import Any

from tests.engine.inference.told import Told, invoice, lira, rule


def silent(**options: Any) -> Told:
    """An invoice from the ERP, which was heard at once and may be silent for two days."""
    told = Told(rule("big", "invoice", "amount > 50"), stale_after={"erp": "P2D"}, **options)
    assert told.tell("invoice:i1", **invoice()) == ["propose big/go invoice:i1"]
    told.hears("erp")
    return told


def test_what_a_source_told_is_unresolved_when_it_was_not_heard_for_long() -> None:
    told = silent()
    told.wait(days=2)
    assert told.fact("invoice:i1.amount") == 100
    assert told.wait(seconds=1) == []
    assert told.fact("invoice:i1.amount") == "unresolved"
    assert told.truth("big", "invoice:i1") == "unresolved"
    told.hears("erp")
    assert told.fact("invoice:i1.amount") == 100


def test_what_a_silent_source_still_tells_counts_for_its_own_time() -> None:
    told = silent()
    told.wait(days=3)
    told.tell("invoice:i2", **invoice())
    assert (told.fact("invoice:i1.amount"), told.fact("invoice:i2.amount")) == ("unresolved", 100)
    told.wait(days=2, seconds=1)
    assert told.fact("invoice:i2.amount") == "unresolved"


def test_a_source_that_never_gave_a_watermark_is_not_silent() -> None:
    told = Told(rule("big", "invoice", "amount > 50"), stale_after={"erp": "P2D"})
    told.tell("invoice:i1", **invoice())
    told.wait(days=9)
    assert told.fact("invoice:i1.amount") == 100


def test_another_source_does_not_freshen_what_a_silent_one_told() -> None:
    told = silent(sources=("erp", "crm"))
    told.tell("invoice:i1", source="crm", amount=Decimal(7))
    told.wait(days=3)
    told.tell("invoice:i1", source="crm", amount=Decimal(8))
    assert told.fact("invoice:i1.amount") == "unresolved"


def test_what_was_silent_is_silent_after_reading_a_snapshot() -> None:
    told = silent()
    told.wait(days=3)
    content = told.session.snapshot()
    told.restore()
    assert told.fact("invoice:i1.amount") == "unresolved"
    assert told.session.snapshot() == content
    told.hears("erp")
    assert told.fact("invoice:i1.amount") == 100


def test_what_is_stale_is_read_though_another_part_is_false_already() -> None:
    told = Told(rule("both", "invoice", "amount > 500 and worth > worth"), stale_after={"erp": "P2D"})
    told.tell("invoice:i1", **invoice(worth=lira(1)))
    told.tell("invoice:i1", source="crm", amount=Decimal(1))
    told.hears("erp")
    told.wait(days=3)
    told.tell("invoice:i2", source="crm", amount=Decimal(1))
    assert (told.truth("both", "invoice:i1"), told.truth("both", "invoice:i2")) == ("unresolved", False)
