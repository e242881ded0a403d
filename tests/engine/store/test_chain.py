"""The format of the chain is final: these values may never change."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

from engine.canonical import canonical_json
from engine.store import chain

HEADER = {
    "partition": 0,
    "seq": 1,
    "kind": "record",
    "recorded_at": datetime(2026, 1, 5, 8, tzinfo=UTC),
    "valid_at": datetime(2026, 1, 5, 10, tzinfo=timezone(timedelta(hours=3))),
    "actor": "system",
    "subjects": ("customer:C1", "invoice:Ü"),
    "revision": "r1",
    "person": "customer:C1",
}
TEXT = (
    '{"actor":"system","format":1,"kind":"record","partition":0,"person":"customer:C1",'
    '"recorded_at":1767600000000000,"revision":"r1","seq":1,"subjects":["customer:C1","invoice:Ü"],'
    '"valid_at":1767596400000000}'
)


def test_a_header_is_its_canonical_json_with_times_in_microseconds():
    assert chain.header(**HEADER).decode() == TEXT


def test_an_entry_is_chained_by_header_and_commitment():
    salt, body = bytes(range(32)), canonical_json({"amount": 1})
    committed = chain.commitment(salt, body)
    assert committed == hashlib.sha256(salt + b'{"amount":1}').digest()
    first = chain.link(chain.GENESIS, chain.header(**HEADER), committed)
    assert first == hashlib.sha256(bytes(32) + TEXT.encode() + committed).digest()
    assert first.hex() == "4ada3dfc3d33f1985b0214355fe92ed53aa57eac58a5500057089e41728767fa"


def test_salts_are_of_256_random_bits():
    assert len({chain.new_salt() for _ in range(100)}) == 100
    assert len(chain.new_salt()) == 32
