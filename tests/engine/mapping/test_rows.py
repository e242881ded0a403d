"""One document with its rows: an order with lines, a meeting with attendees."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engine.events import Record
from engine.identity import identify, tell
from engine.inference.clock import HeldClock
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session
from engine.mapping import SourceMapping, check_mapping, compile_mapping
from engine.mapping.rows import document, row_address
from engine.model import Model
from engine.settings.sources import Sources
from engine.source import ConfigError, Problem, convert, parse_yaml

MODEL_TEXT = """format: 1
entities:
  order:
    fields: {number: text}
  order_line:
    fields: {order: {ref: order, inverse: lines}, sku: text, quantity: number}
  shipment:
    fields: {line: {ref: order_line, inverse: shipments}}
"""
MODEL = convert(parse_yaml(MODEL_TEXT, "model.yaml"), Model)[0]
LINES = """format: 1
source: erp
streams:
  orders:
    - entity: order
      fields: {number: NO}
    - entity: order_line
      each: LINES
      row: item.NO
      when: item.SKU != null
      fields:
        order: {key: NO, stream: orders}
        sku: item.SKU
        quantity: item.QTY
  shipments:
    - entity: shipment
      fields:
        line: {key: ORDER, row: LINE, stream: orders}
"""


@pytest.fixture
def session(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "app.yaml").write_text("format: 1\ncompany: Acme\ntimezone: UTC\ncurrency: EUR\n")
    (tmp_path / "config" / "model.yaml").write_text(MODEL_TEXT)
    return Session(Rulebook.load(tmp_path), HeldClock(datetime(2026, 3, 1, tzinfo=UTC)))


def mapping(text=LINES):
    found, problems = convert(parse_yaml(text, "mappings/erp.yaml"), SourceMapping)
    assert problems == []
    return found


def record(lines, key="17", **more):
    return Record(source="erp", stream="orders", key=key, data={"NO": key, "LINES": lines}, origin="orders:1", **more)


def line(no, sku="A", quantity=1):
    return {"NO": no, "SKU": sku, "QTY": quantity}


def test_a_document_tells_of_its_rows():
    order, first, second = compile_mapping(mapping(), MODEL).map(record([line(1), line(2, "B", "2.5")]))
    assert order.event.record == "erp/orders/17"
    assert (first.event.entity, first.event.record, first.proposed_id) == (
        "order_line",
        "erp/orders/17#[1]",
        "erp-17#[1]",
    )
    assert second.event.fields == {"order": "erp/orders/17", "sku": "B", "quantity": Decimal("2.5")}
    assert second.strong == ("erp/orders/17#[2]",)


def test_a_row_may_be_referred_to():
    (shipment,) = compile_mapping(mapping(), MODEL).map(
        Record(source="erp", stream="shipments", key="1", data={"ORDER": 17, "LINE": 2})
    )
    assert shipment.event.fields == {"line": "erp/orders/17#[2]"}


@pytest.mark.parametrize(
    ("lines", "found"), [(None, 0), ([], 0), (line(1), 1), ([line(1, None)], 0), ([line(1), line(2)], 2)]
)
def test_rows_are_as_many_as_the_document_has(lines, found):
    told = compile_mapping(mapping(), MODEL).map(record(lines))
    assert len([each for each in told if each.event.entity == "order_line"]) == found


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([line(1), line(1)], "order_line, row 2: key 1 stands twice"),
        ([line(None)], "order_line, row 1: it has no key"),
        ("1,2", 'order_line, each: expected a list, found "1,2"'),
        ([line(1, quantity="many")], 'order_line.quantity: expected a number such as 1234.56, found "many"'),
    ],
)
def test_a_row_that_cannot_be_used_keeps_the_whole_document_back(lines, expected):
    found = compile_mapping(mapping(), MODEL).map(record(lines))
    assert isinstance(found, Problem)
    assert expected in found.message


def test_what_leaves_the_document_is_gone_and_so_is_all_when_the_document_goes(session):
    mapper = compile_mapping(mapping(), MODEL)
    lines = session.state.entities["order_line"]

    def take(one):
        for each in tell(session.state, mapper, one):
            session.apply(identify(session.state, each))

    take(record([line(1), line(2)]))
    take(record([line(1)], key="A#1"))
    take(record([line(2), line(3)], key="A"))
    assert sorted(lines) == ["erp-17#[1]", "erp-17#[2]", "erp-A#[2]", "erp-A#[3]", "erp-A%231#[1]"]
    take(record([line(2), line(3)]))
    assert sorted(lines) == ["erp-17#[2]", "erp-17#[3]", "erp-A#[2]", "erp-A#[3]", "erp-A%231#[1]"]
    take(record([], key="A"))
    assert sorted(lines) == ["erp-17#[2]", "erp-17#[3]", "erp-A%231#[1]"]
    take(record(None, deleted=True))
    assert sorted(lines) == ["erp-A%231#[1]"]
    assert sorted(session.state.entities["order"]) == ["erp-A", "erp-A#1"]
    take(record([line(1)]))
    assert "erp-17#[1]" in lines


def test_addresses_lead_back_to_their_record():
    for key in ("17", "A#1", "50%", "x#[2]", "%23"):
        address = f"erp/orders/{key}"
        assert document(row_address(address, "a#[b]")) == address
    assert document("erp/orders/A#1") == "erp/orders/A#1"
    assert compile_mapping(mapping(), MODEL).record("erp/orders/17#[2]") == "erp/orders/17"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("      row: item.NO\n", "", "mappings/erp.yaml:8:"),
        ("      each: LINES\n", "", "mappings/erp.yaml:8:"),
        ("sku: item.SKU", "sku: itm.SKU", "mappings/erp.yaml:13:"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(old, new, message):
    text = "format: 1\nsources:\n  erp:\n    connector: sql\n    streams:\n      orders: {key: NO, fields: [NO, LINES]}\n      shipments: {key: NO}\n"
    source = convert(parse_yaml(text, "config/sources.yaml"), Sources)[0].sources["erp"]
    with pytest.raises(ConfigError) as caught:
        compile_mapping(mapping(LINES.replace(old, new)), MODEL, source)
    assert any(str(problem).startswith(message) for problem in caught.value.problems), caught.value.problems


def test_a_column_called_item_is_refused():
    text = "format: 1\nsources:\n  erp:\n    connector: sql\n    streams:\n      orders: {key: NO, fields: [NO, LINES, item]}\n      shipments: {key: NO}\n"
    source = convert(parse_yaml(text, "config/sources.yaml"), Sources)[0].sources["erp"]
    assert [each.code for each in check_mapping(mapping(), MODEL, source)] == ["rows-unclear"]
