"""What a rule sets is a value: an entity is refused where its type is known, whatever type the field has."""

import pytest

from engine.rules import load_home
from engine.source import Memory

MODEL = """format: 1
entities:
  customer:
    fields:
      name: text
      other: {type: any, derived: 'invoices'}
  invoice:
    fields:
      customer: {ref: customer, inverse: invoices}
      note: {type: TYPE, concluded: CONCLUDED}
"""
RULES = """format: 1
rules:
  - id: a
    for: invoice
    let:
      who: customer
    when: who.name = "x"
    set:
      note: |
        VALUE
"""
REFUSED = [
    ("any", "unique", "customer", "value", "a customer", "customer", "customer"),
    ("any", "unique", "who", "value", "a customer", "customer", "who"),
    ("any", "collect", "customer", "value", "a customer", "customer", "customer"),
    ("any", "unique", "customer.invoices", "value", "a list<invoice>", "invoice", "customer.invoices"),
    ("any", "unique", "{n: 1, of: customer}", "value", "a context<n: number, of: customer>", "customer", "customer"),
    ("list", "unique", "customer.invoices", "value", "a list<invoice>", "invoice", "customer.invoices"),
    ("list", "unique", "[{of: customer}]", "value", "a list<context<of: customer>>", "customer", "customer"),
    ("any", "unique", "(> customer)", "value", "a range<customer>", "customer", "customer"),
    ("text", "unique", "customer", "string", "a customer", "customer", "customer"),
]


def problems(type: str, concluded: str, value: str) -> list[tuple[str, str, str, str]]:
    model = MODEL.replace("TYPE", type).replace("CONCLUDED", concluded)
    found = load_home(
        Memory({"config/model.yaml": model, "rules/shop/ruleset.yaml": RULES.replace("VALUE", value)})
    ).problems
    return [(each.code, str(each.place), each.message, each.hint) for each in found if each.code.startswith("feel")]


@pytest.mark.parametrize(("type", "concluded", "value", "needed", "given", "entity", "named"), REFUSED)
def test_a_rule_sets_no_entity(
    type: str, concluded: str, value: str, needed: str, given: str, entity: str, named: str
) -> None:
    ((code, place, message, hint),) = problems(type, concluded, value)
    assert (code, place) == ("feel-type", "rules/shop/ruleset.yaml:10:9")
    assert message == f"the field needs a {needed}, this gives {given}"
    assert hint == f"name the field of the {entity} that is meant, such as `{named}.id`"


@pytest.mark.parametrize(
    ("type", "value"),
    [("any", "customer.id"), ("any", "{of: customer.name}"), ("list", "customer.invoices.id"), ("text", "who.id")],
)
def test_a_rule_sets_the_fields_of_an_entity(type: str, value: str) -> None:
    assert problems(type, "unique", value) == []


def test_what_only_evaluation_can_tell_is_left_to_it() -> None:
    assert problems("any", "unique", "customer.other") == []
