"""The shipped model, and what a home makes of it."""

from engine.model.base import BASE, shipped
from engine.rules.loading import load_home
from engine.source.folder import Memory

APP = "format: 1\ncompany: Acme\n"
OWN = """format: 1
extends: base
entities:
  customer:
    fields:
      tier: text
      name: {type: text, personal: true}
  visit:
    root: customer
    fields:
      customer: {ref: customer, inverse: visits}
"""


def home(model=OWN, **more):
    return load_home(Memory({"config/app.yaml": APP, "config/model.yaml": model} | more))


def test_the_base_alone_is_sound():
    bare = home("format: 1\nextends: base\nentities: {}\n")
    assert bare.problems == () == bare.warnings
    assert {
        "customer", "contact", "supplier", "product", "stock_level", "quote", "quote_line", "order", "order_line",
        "shipment", "invoice", "invoice_line", "payment", "bank_line", "reconciliation", "message", "note", "meeting",
        "attendee", "document", "task", "ticket", "time_entry", "exchange_rate", "person",
    } == set(bare.model.entities)  # fmt: skip


def test_a_home_adds_fields_and_types_and_has_the_last_word():
    model = home().model
    customer = model.entities["customer"]
    assert customer.fields["tier"].type == "text"
    assert customer.fields["name"].personal
    assert customer.fields["city"].type == "text"
    assert (customer.root, customer.label, customer.person) == ("customer", "name", "self")
    assert model.entities["visit"].fields["customer"].inverse == "visits"


def test_a_home_without_it_has_none_of_it():
    assert set(home("format: 1\nentities: {item: {fields: {name: text}}}\n").model.entities) == {"item"}


def test_a_clash_with_the_base_is_told_at_its_place():
    [fault] = home(OWN.replace("inverse: visits", "inverse: invoices")).problems
    assert (fault.code, str(fault.place)) == ("inverse-clash", "config/model.yaml:11:42")


def test_a_journal_is_read_again_under_the_base_it_was_written_under():
    """The base is among the texts that a bundle keeps, and those win over what is shipped."""
    kept = dict(home().texts)
    assert kept[BASE].encode() == shipped()
    kept[BASE] = "format: 1\nentities: {customer: {fields: {old: text}}}\n"
    former = load_home(Memory(kept))
    assert set(former.model.entities["customer"].fields) == {"old", "tier", "name"}


def test_the_same_files_have_the_same_revision_wherever_they_are_read_from():
    assert home().revision == load_home(Memory(home().texts)).revision
