import pytest

from engine.model import Model, check_model
from engine.source import convert, parse_yaml

PERSON = "  person: {root: person, fields: {name: text}}\n"


def faults(entities):
    model, problems = convert(parse_yaml("format: 1\nentities:\n" + entities, "model.yaml"), Model)
    assert problems == []
    return [problem.code for problem in check_model(model)]


def customer(fields, **keys):
    more = "".join(f"    {key}: {value}\n" for key, value in keys.items())
    return f"  customer:\n{more}    fields:\n" + "".join(f"      {field}\n" for field in fields)


def test_a_sound_model():
    assert faults(customer(["name: text", "owner: {ref: person, inverse: accounts}"], label="name") + PERSON) == []


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("a: {ref: nobody}", "unknown-entity"),
        ("a: {}", "no-type"),
        ("a: {type: text, ref: person}", "type-and-ref"),
        ("a: {ref: person, derived: x}", "derived-reference"),
        ("a: {type: text, derived: x, concluded: max}", "derived-and-concluded"),
        ("a: {type: text, default: x}", "default-without-rule"),
        ("a: {type: text, inverse: b}", "key-without-type"),
        ("a: {type: text, of: text}", "key-without-type"),
        ("a: {type: number, values: [x]}", "key-without-type"),
        ("a: {ref: person, acyclic: true}", "not-recursive"),
        ("a: {type: money, currency_field: b}", "unknown-field"),
        ("a: {type: money, currency: TRY, currency_field: a}", "two-currencies"),
        ("a: {type: number, currency: TRY}", "currency-without-money"),
        ("a: {type: text, personal: true}", "no-person"),
        ("item: text", "reserved-name"),
        ("id: text", "reserved-name"),
        ("then: text", "reserved-name"),
    ],
)
def test_a_faulty_field(field, code):
    assert code in faults(customer([field]) + PERSON)


def test_two_references_cannot_share_an_inverse():
    fields = ["a: {ref: person, inverse: accounts}", "b: {ref: person, inverse: accounts}"]
    assert faults(customer(fields) + PERSON) == ["inverse-clash"]


def test_an_inverse_cannot_hide_a_field():
    assert faults(customer(["a: {ref: person, inverse: name}"]) + PERSON) == ["inverse-clash"]


def test_the_root_must_be_within_reach():
    assert faults(customer(["name: text"], root="person") + PERSON) == ["root-out-of-reach"]
    assert faults(customer(["owner: {ref: person}"], root="person") + PERSON) == []


def test_a_reference_to_a_person_may_lead_over_others():
    note = (
        "  note: {root: person, person: about, fields: {about: {ref: customer}, text: {type: text, personal: true}}}\n"
    )
    assert faults(customer(["owner: {ref: person}"]) + PERSON + note) == []


def test_action_is_the_engines_own():
    assert "reserved-name" in faults("  action: {fields: {a: text}}\n")
