from engine.feel import compile
from engine.feel.types import BOOLEAN, DATE, NUMBER, STRING, ContextType, ListType, MoneyType
from engine.model import Model, feel_types
from engine.source import convert, parse_yaml

TEXT = """format: 1
entities:
  customer:
    fields:
      name: text
      parent: {ref: customer, inverse: children, acyclic: true}
      tags: {type: list, of: text}
      reasons: {type: text, concluded: collect}
      limit: {type: money, currency: EUR}
  invoice:
    fields:
      customer: {ref: customer, inverse: invoices}
      amount: {type: money, currency_field: currency}
      currency: text
      due_date: date
"""
MODEL = convert(parse_yaml(TEXT, "model.yaml"), Model)[0]


def type_of(expression, entity="customer"):
    return compile(expression, feel_types(MODEL, entity)).type


def test_fields_and_ids_have_types():
    assert type_of("name") == type_of("id") == STRING
    assert type_of("tags") == type_of("reasons") == ListType(STRING)
    assert type_of("limit") == MoneyType("EUR")
    assert type_of("amount", "invoice") == MoneyType()


def test_references_and_their_inverses_lead_on_without_end():
    assert type_of("parent.parent.children.parent.name") == ListType(STRING)
    assert type_of("invoices[due_date < today()].customer.parent.limit") == ListType(MoneyType("EUR"))
    assert type_of("count(invoices)") == NUMBER


def test_contexts_are_nominal():
    invoices = feel_types(MODEL, "customer")["invoices"]
    assert isinstance(invoices, ListType)
    assert isinstance(invoices.element, ContextType)
    assert invoices.element.name == "invoice"
    assert invoices.element.fields["due_date"] == DATE


def test_the_life_of_actions_is_visible():
    assert type_of('some a in actions satisfies a.state = "sent" and a.customer.name = "x"') == BOOLEAN
