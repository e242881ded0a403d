from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.events import Record
from engine.feel import Money
from engine.mapping import SourceMapping, compile_mapping
from engine.model import Model
from engine.settings.sources import Sources, SourceSettings
from engine.source import ConfigError, Problem, convert, parse_yaml

MODEL = """format: 1
entities:
  customer:
    fields:
      name: text
      tax_id: text
      currency: text
      limit: {type: money, currency_field: currency}
      budget: {type: money, currency: EUR}
      since: date
      seen: datetime
      score: number
      active: boolean
      kind: {type: text, values: [shop, builder]}
      tags: {type: list, of: text}
      owner: {ref: person}
      parent: {ref: customer}
      risk: {type: text, concluded: unique}
  person:
    fields: {name: text}
"""
MODEL = convert(parse_yaml(MODEL, "model.yaml"), Model)[0]
ISTANBUL = ZoneInfo("Europe/Istanbul")


def mapper(body, source=None, **options):
    text = "format: 1\nsource: erp\nstreams:\n  customers:\n    - entity: customer\n" + body
    mapping, problems = convert(parse_yaml(text, "mappings/erp.yaml"), SourceMapping)
    assert problems == []
    return compile_mapping(mapping, MODEL, source, zone=ISTANBUL, **options)


def fields(body, data, **options):
    (mapped,) = mapper("      fields:\n" + "".join(f"        {line}\n" for line in body), **options).map(record(data))
    return mapped.event.fields


def record(data, key="7", **more):
    return Record(source="erp", stream="customers", key=key, data=data, origin="customers.csv:2", **more)


def fault(body, data):
    found = mapper("      fields:\n" + "".join(f"        {line}\n" for line in body)).map(record(data))
    assert isinstance(found, Problem)
    return found


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("name", "  Acme ", "Acme"),
        ("name", "   ", None),
        ("name", 17, "17"),
        ("score", "12.50", Decimal("12.50")),
        ("score", 0.1, Decimal("0.1")),
        ("active", 1, True),
        ("active", "False", False),
        ("since", "2026-01-31", date(2026, 1, 31)),
        ("since", "2026-01-31T23:30:00Z", date(2026, 2, 1)),
        ("since", datetime(2026, 1, 31, 23, 30, tzinfo=UTC), date(2026, 2, 1)),
        ("seen", "2026-01-31T23:30:00", datetime(2026, 1, 31, 23, 30, tzinfo=ISTANBUL)),
        ("seen", "2026-01-31T23:30:00Z", datetime(2026, 1, 31, 23, 30, tzinfo=UTC)),
        ("seen", date(2026, 1, 31), datetime(2026, 1, 31, tzinfo=ISTANBUL)),
        ("budget", "100", Money(Decimal(100), "EUR")),
        ("kind", "shop", "shop"),
        ("tags", ["a", " b "], ["a", "b"]),
        ("tags", "a", ["a"]),
    ],
)
def test_values_become_what_the_model_says(field, value, expected):
    assert fields([f"{field}: X"], {"X": value}) == {field: expected}


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("score", "12,50", 'customer.score: expected a number such as 1234.56, found "12,50"'),
        ("score", True, "customer.score: expected a number such as 1234.56, found true"),
        ("active", "yes", 'customer.active: expected true or false, found "yes"'),
        ("since", "31.01.2026", 'customer.since: expected a date such as 2026-01-31, found "31.01.2026"'),
        ("since", "2026-02-30", 'customer.since: expected a date such as 2026-01-31, found "2026-02-30"'),
        ("seen", "soon", 'customer.seen: expected a date and time such as 2026-01-31T09:30:00+03:00, found "soon"'),
        ("name", date(2026, 1, 31), "customer.name: expected text, found 2026-01-31"),
        ("kind", "bank", 'customer.kind: expected one of shop, builder, found "bank"'),
        ("budget", "a lot", 'customer.budget: expected an amount such as 1234.56, found "a lot"'),
        ("limit", 5, "customer.limit: expected an amount with its currency; the record names none, found 5"),
        ("name", {"a": 1}, "customer.name: expected text, found a context"),
    ],
)
def test_what_does_not_fit_is_told_exactly(field, value, expected):
    problem = fault([f"{field}: X"], {"X": value})
    assert problem.message == f"one value of erp/customers/7 cannot be used: {expected}"
    assert str(problem.place) == "customers.csv:2"
    assert "mappings/erp.yaml:7:" in problem.hint


def test_all_faults_of_a_record_are_told_together():
    problem = fault(["score: A", "since: B", "name: C"], {"A": "x", "B": "y", "C": "Acme"})
    assert problem.message.startswith("2 values of erp/customers/7 cannot be used: customer.score")
    assert "customer.since" in problem.message


def test_a_long_value_is_shortened():
    assert len(fault(["score: X"], {"X": "9" * 500 + "x"}).message) < 200


def test_money_takes_its_currency_from_the_record():
    assert fields(["limit: L", "currency: C"], {"L": "5", "C": "USD"})["limit"] == Money(Decimal(5), "USD")
    assert fields(['limit: money(L, "USD")'], {"L": "5"})["limit"] == Money(Decimal(5), "USD")


def test_money_in_another_currency_than_declared_is_a_fault():
    assert "expected an amount in EUR" in fault(['budget: money(X, "USD")'], {"X": 5}).message
    assert "expected an amount in TRY" in fault(['limit: money(X, "USD")', "currency: C"], {"X": 5, "C": "TRY"}).message


def test_references_point_at_records_and_identifiers():
    found = fields(
        ["parent: {key: P, stream: customers}", "owner: {key: O, scheme: person_email}"],
        {"P": Decimal("12.0"), "O": " Ayse@Example.org "},
    )
    assert found == {"parent": "erp/customers/12", "owner": "person_email:ayse@example.org"}
    assert fields(["parent: {key: P, source: crm, stream: companies}"], {"P": "x"}) == {"parent": "crm/companies/x"}
    assert fields(["parent: {key: P, stream: customers}"], {"P": " "}) == {"parent": None}


def test_identifiers_are_brought_into_one_form():
    (mapped,) = mapper("      keys: {tax_id: T, email: E, phone: P}\n").map(
        record({"T": "TR 123 456 7890", "E": "A@B.com", "P": None})
    )
    assert mapped.strong == ("erp/customers/7", "tax_id:1234567890", "email:a@b.com")


def test_the_id_is_proposed_by_the_mapping_or_by_the_record():
    assert mapper("      id: CODE\n").map(record({"CODE": 120}))[0].proposed_id == "120"
    assert mapper("      fields: {}\n").map(record({}))[0].proposed_id == "erp-7"
    assert "id: expected text, found nothing" in mapper("      id: CODE\n").map(record({"CODE": " "})).message


def test_a_record_that_does_not_qualify_takes_back_what_it_said():
    program = mapper("      when: ACTIVE = 0\n      fields: {name: N}\n")
    assert not program.map(record({"ACTIVE": 0, "N": "x"}))[0].event.deleted
    for active in (1, None):
        event = program.map(record({"ACTIVE": active, "N": "x"}))[0].event
        assert (event.deleted, event.fields) == (True, {})


def test_a_deleted_record_needs_no_data():
    (mapped,) = mapper("      id: CODE\n      when: ACTIVE = 0\n").map(record({}, deleted=True))
    assert (mapped.event.deleted, mapped.event.keys) == (True, ("erp/customers/7",))


def test_two_entities_of_one_record_stay_apart():
    more = "      fields: {name: A}\n    - entity: customer\n      fields: {name: B}\n    - entity: person\n      fields: {name: C}\n"
    first, second, third = mapper(more).map(record({"A": "a", "B": "b", "C": "c"}))
    assert [each.event.record for each in (first, second, third)] == [
        "erp/customers/7",
        "erp/customers/7#2",
        "erp/customers/7",
    ]
    assert [each.event.entity for each in (first, second, third)] == ["customer", "customer", "person"]


def test_only_kept_fields_are_emitted():
    body = ["name: N", "limit: L", "currency: C", "score: S"]
    keep = frozenset({("customer", "name"), ("customer", "limit")})
    data = {"N": "x", "L": 1, "C": "TRY", "S": "no number, and nobody asks"}
    assert fields(body, data, keep=keep) == {"name": "x", "limit": Money(Decimal(1), "TRY")}


def test_the_time_of_a_record_may_be_mapped():
    program = mapper("      valid_at: M\n")
    assert program.map(record({"M": "2026-01-31"}))[0].event.valid_at == datetime(2026, 1, 31, tzinfo=ISTANBUL)
    then = datetime(2026, 1, 1, tzinfo=UTC)
    assert program.map(record({"M": None}, valid_at=then))[0].event.valid_at == then


def source(fields="[CODE, Invoice Amount]"):
    text = f"format: 1\nsources:\n  erp:\n    connector: sql\n    streams:\n      customers: {{key: CODE, fields: {fields}}}\n"
    found = convert(parse_yaml(text, "config/sources.yaml"), Sources)[0].sources["erp"]
    assert isinstance(found, SourceSettings)
    return found


def test_columns_may_have_spaces():
    assert fields(["score: Invoice Amount / 2"], {"Invoice Amount": 10}) == {"score": Decimal(5)}
    assert fields(["score: Invoice Amount / 2"], {"Invoice Amount": 10}, source=source()) == {"score": Decimal(5)}


def test_an_unknown_column_is_a_fault_when_the_source_declares_its_columns():
    with pytest.raises(ConfigError) as raised:
        mapper("      id: CODDE\n", source())
    assert "`CODDE` is no column of erp; did you mean `CODE`?" in str(raised.value)


def test_an_unknown_column_is_a_fault_of_the_record_otherwise():
    assert "CODDE" in mapper("      id: CODDE\n").map(record({"CODE": "1"})).message


def test_a_declared_column_that_a_record_lacks_is_null():
    assert fields(["name: Invoice Amount"], {"CODE": 1}, source=source()) == {"name": None}


def test_columns_may_differ_from_record_to_record():
    program = mapper("      fields: {name: N}\n")
    assert [program.map(record({"N": "x", **more}))[0].event.fields["name"] for more in ({}, {"A": 1}, {"B": 1})] == [
        "x"
    ] * 3


def test_a_value_that_is_none_of_feels_is_told():
    assert "X: " in fault(["name: X"], {"X": object()}).message
