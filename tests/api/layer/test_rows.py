"""Documents with lines, from the file to the entities, over scans that find what is gone."""

import pytest

MODEL = """format: 1
entities:
  order:
    fields: {number: text, customer: text, line_count: {type: number, derived: count(lines)}}
  order_line:
    fields: {order: {ref: order, inverse: lines}, sku: text}
  address:
    fields: {text: text}
"""
SOURCES = """format: 1
sources:
  shop:
    connector: files
    path: data
    streams:
      orders: {path: orders.csv, format: csv, key: no, complete: true, rows: {lines: [line, sku]}}
"""
MAPPING = """format: 1
source: shop
streams:
  orders:
    - entity: order
      fields: {number: no}
    - entity: order_line
      each: lines
      row: item.line
      fields:
        order: {key: no, stream: orders}
        sku: item.sku
    - entity: address
      fields: {text: ship_to}
    - entity: address
      fields: {text: bill_to}
"""
HEADER = "no,ship_to,bill_to,line,sku\n"


@pytest.fixture
def home(tmp_path):
    for name, text in (
        ("config/app.yaml", "format: 1\ncompany: Acme\n"),
        ("config/model.yaml", MODEL),
        ("config/sources.yaml", SOURCES),
        ("mappings/shop.yaml", MAPPING),
        ("data/orders.csv", HEADER + "1,A,B,1,S1\n1,A,B,2,S2\n2,A,B,1,S1\n"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def known(layer, type):
    return sorted(layer.parts.pipeline.session.state.entities[type])


async def test_lines_come_and_go_with_their_document(layer, home):
    await layer.sync()
    assert known(layer, "order_line") == ["shop-1#[1]", "shop-1#[2]", "shop-2#[1]"]
    (home / "data" / "orders.csv").write_text(HEADER + "1,A,B,2,S2\n1,A,B,3,S3\n")
    await layer.sync()
    assert known(layer, "order_line") == ["shop-1#[2]", "shop-1#[3]"]
    assert known(layer, "order") == ["shop-1"]
    order = layer.parts.pipeline.session.state.entity("order", "shop-1")
    assert layer.parts.pipeline.session.value(order, "line_count") == 2


async def test_two_entities_of_one_type_outlive_the_next_scan(layer, home):
    await layer.sync()
    both = known(layer, "address")
    (home / "data" / "orders.csv").write_text(HEADER + "1,C,D,1,S1\n2,A,B,1,S1\n")
    await layer.sync()
    assert known(layer, "address") == both == ["shop-1", "shop-1#2", "shop-2", "shop-2#2"]


async def test_a_restart_still_knows_what_may_vanish(layer, home):
    await layer.sync()
    await layer.parts.pipeline.open()
    (home / "data" / "orders.csv").write_text(HEADER + "1,A,B,2,S2\n2,A,B,1,S1\n")
    await layer.sync()
    assert known(layer, "order_line") == ["shop-1#[2]", "shop-2#[1]"]
