"""Structs come back from the database exactly."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest

from engine.events import Action, ActionKey, Decision, Draft, HistoryItem, Proof, Source
from engine.store.codec import decode, encode

AT = datetime(2026, 1, 5, 11, tzinfo=ZoneInfo("Europe/Istanbul"))
VALUES = {
    "amount": Decimal("1234.50"),
    "due": date(2026, 2, 1),
    "seen": AT,
    "late": timedelta(days=8, microseconds=1),
    "lines": [{"number": Decimal(1)}, {"list": []}, None, True, "x"],
    "deep": {"context": {"date": {"date": date(2026, 1, 1)}}},
}
PROOF = Proof(
    kind="rule",
    path="customer:C1",
    value=Decimal("8.0"),
    rule="overdue",
    reasons=(Proof(kind="field", path="invoice:1.due", value=VALUES, source=Source(record="erp/1", valid_at=AT)),),
    omitted=3,
)
KEY = ActionKey("collections", "overdue", "follow_up", "customer:C1")
DECISION = Decision(
    id="d", kind="propose", proposal="d", key=KEY, at=AT, revision="r", because="b", inputs=VALUES, proof=PROOF
)
ACTION = Action(
    id="a", key=KEY, state="pending", version=2, digest="x", operation="mail.send", consequence="medium",
    payload=VALUES, draft=Draft(template="{a}", text="b", slots={"a": "b"}, guards=("g",)), proof=PROOF,
    created_at=AT.astimezone(UTC), history=(HistoryItem(AT, "pending", "ayse"),),
)  # fmt: skip


@pytest.mark.parametrize("struct", [DECISION, ACTION, PROOF])
def test_a_struct_comes_back_as_it_was(struct):
    again = decode(encode(struct), type(struct))
    assert repr(again) == repr(struct)


@pytest.mark.parametrize("text", ["{}", '{"id": 1}', "[]", '{"number": "x"}'])
def test_what_is_no_such_struct_is_refused(text):
    with pytest.raises(ValueError):
        decode(text, Decision)


def test_an_unknown_state_is_refused():
    broken = encode(msgspec.structs.replace(ACTION, state="dreaming"))
    with pytest.raises(ValueError, match="dreaming"):
        decode(broken, Action)
