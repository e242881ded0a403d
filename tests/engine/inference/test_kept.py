"""A changed rulebook takes over what stands unchanged, and decides as one compiled from nothing."""

from datetime import UTC, datetime
from decimal import Decimal

from engine.events import ChangeEvent
from engine.inference.clock import HeldClock
from engine.inference.nodes import Condition
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session
from engine.model.structs import EntityType, Field, Model
from engine.rules.structs import ActionSpec, Rule, Ruleset
from engine.source.expression import Expression
from engine.source.problem import Place

FIELDS = {"amount": Field(type="number"), "parent": Field(ref="claim", inverse="parts")}
MODEL = Model(entities={"claim": EntityType(name="claim", fields=FIELDS)})


def book(*conditions, before=None, model=MODEL):
    rules = tuple(
        Rule(
            id=f"r{number}", for_="claim", when=Expression(text, Place("rules.yaml", number + 1)),
            do=(ActionSpec(id="act", operation="desk.note"),),
        )
        for number, text in enumerate(conditions)
    )  # fmt: skip
    return Rulebook(model, (Ruleset(id="test", rules=rules),), before=before)


def conditions(of):
    return {node.rule.id: node.when for node in of.nodes if isinstance(node, Condition)}


def test_an_unchanged_condition_is_not_compiled_again():
    old = book("amount > 5", "amount > 6")
    new = book("amount > 7", "amount > 6", before=old)
    assert conditions(new)["r1"].program is conditions(old)["r1"].program
    assert conditions(new)["r0"].program is not conditions(old)["r0"].program


def test_a_condition_that_moved_in_its_file_says_its_present_place():
    new = book("amount > 6", "amount > 5", before=book("amount > 5", "amount > 6"))
    assert conditions(new)["r1"].place == Place("rules.yaml", 2)


def test_a_condition_over_an_aggregate_is_compiled_again_as_its_number_differs():
    old = book("count(parts) > 1", "sum(parts.amount) > 10")
    new = book("sum(parts.amount) > 10", "count(parts) > 1", before=old)
    session = Session(new, HeldClock(datetime(2026, 1, 5, tzinfo=UTC)))
    for part in ("p1", "p2"):
        fields = {"amount": Decimal(9), "parent": "c"}
        session.apply(ChangeEvent(entity="claim", id=part, record=part, fields=fields))
    made = session.apply(ChangeEvent(entity="claim", id="c", record="c", fields={"amount": Decimal(1)}))
    assert {each.key.rule for each in made if each.key.subject == "claim:c"} == {"r0", "r1"}


def test_under_another_model_nothing_is_taken_over():
    other = Model(entities={"claim": EntityType(name="claim", fields={"amount": Field(type="money", currency="EUR")})})
    old = book("amount > 5")
    assert conditions(book("amount > 5", before=old, model=other))["r0"] is not conditions(old)["r0"]
