from decimal import Decimal

import msgspec
import pytest

SINGLE = {"content-type": "application/cloudevents+json; charset=utf-8"}
BATCH = {"content-type": "application/cloudevents-batch+json"}


def event(**changes):
    whole = {
        "specversion": "1.0",
        "id": "e1",
        "source": "erp",
        "type": "record.changed",
        "subject": "invoices/7",
        "time": "2026-03-02T09:00:00+03:00",
        "data": {"amount": 12.5},
    } | changes
    return {name: value for name, value in whole.items() if value is not ...}


@pytest.fixture
def send(client, key):
    async def send(body, kind=SINGLE, **headers):
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return await client.post("/api/v1/events", content=content, headers=key("operator") | kind | headers)

    return send


async def test_one_event_is_taken_in_with_its_record(send, layer):
    answer = await send(event(subject="invoices/2026/7"))
    assert answer.status_code == 202
    assert answer.json() == {"accepted": 1, "duplicates": 0, "rejected": []}
    record = layer.kept[0]
    assert (record.source, record.stream, record.key, record.event_id) == ("erp", "invoices", "2026/7", "e1")
    assert record.data == {"amount": Decimal("12.5")}
    assert record.valid_at.isoformat() == "2026-03-02T09:00:00+03:00"
    assert not record.deleted


async def test_source_and_id_make_a_duplicate(send, layer):
    await send(event())
    assert (await send(event(subject="invoices/8"))).json() == {"accepted": 0, "duplicates": 1, "rejected": []}
    assert (await send(event(source="crm", subject="contacts/1"))).json()["accepted"] == 1


async def test_a_deletion_needs_no_data(send, layer):
    assert (await send(event(type="record.deleted", data=...))).json()["accepted"] == 1
    assert layer.kept[0].deleted


async def test_a_batch_is_taken_in_part_and_each_fault_has_its_index(send):
    batch = [
        event(id="1"),
        "no event",
        event(id="1"),
        event(id="2", source="nowhere"),
        event(id="3", type="x"),
        event(id="4"),
    ]
    answer = await send(batch, BATCH)
    assert answer.status_code == 202
    body = answer.json()
    assert (body["accepted"], body["duplicates"]) == (2, 1)
    assert [each["index"] for each in body["rejected"]] == [1, 3, 4]
    assert [each["problem"]["type"].rpartition(":")[2] for each in body["rejected"]] == [
        "not-an-event",
        "unknown-source",
        "unknown-type",
    ]


async def test_an_empty_batch_is_nothing(send):
    assert (await send([], BATCH)).json() == {"accepted": 0, "duplicates": 0, "rejected": []}


async def test_binary_mode_reads_the_attributes_from_headers(send, layer):
    attributes = {
        "ce-specversion": "1.0",
        "ce-id": "b1",
        "ce-source": "erp",
        "ce-type": "record.changed",
        "ce-subject": "customers/K%C4%B1r",
    }
    answer = await send({"NAME": "Acme"}, {"content-type": "application/json"}, **attributes)
    assert answer.json()["accepted"] == 1
    assert layer.kept[0].key == "Kır"  # noqa: RUF001  (Turkish)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"specversion": "0.3"}, "bad-specversion"),
        ({"specversion": ...}, "bad-specversion"),
        ({"id": ""}, "missing-attribute"),
        ({"id": 7}, "missing-attribute"),
        ({"source": ...}, "missing-attribute"),
        ({"id": "a\nb"}, "bad-attribute"),
        ({"id": "x" * 600}, "bad-attribute"),
        ({"type": "record.moved"}, "unknown-type"),
        ({"subject": "invoices"}, "bad-subject"),
        ({"subject": "invoices/"}, "bad-subject"),
        ({"subject": "/7"}, "bad-subject"),
        ({"data": [1]}, "bad-data"),
        ({"data": ...}, "bad-data"),
        ({"data_base64": "AA=="}, "bad-data"),
        ({"datacontenttype": "text/xml"}, "bad-datacontenttype"),
        ({"time": "yesterday"}, "bad-time"),
        ({"time": "2026-03-02T09:00:00"}, "bad-time"),
    ],
)
async def test_a_single_event_that_is_none_is_refused(send, layer, changes, code):
    answer = await send(event(**changes))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:opslayer:problem:{code}"
    assert answer.json()["rejected"][0]["index"] == 0
    assert layer.kept == []


@pytest.mark.parametrize("changes", [{"source": "nowhere"}, {"subject": "nothing/7"}])
async def test_a_single_event_of_no_configured_stream_is_refused(send, changes):
    assert (await send(event(**changes))).status_code == 422


async def test_a_record_that_cannot_be_mapped_is_kept_in_quarantine_and_told(send, layer):
    layer.unmappable.add("7")
    answer = await send(event())
    assert answer.status_code == 202
    assert answer.json()["rejected"][0]["problem"]["title"] == "Bad record"


async def test_other_content_types_are_415(send):
    for kind in ("application/json", "text/plain", ""):
        assert (await send(event(), {"content-type": kind})).status_code == 415


async def test_no_json_is_400_and_no_batch_is_422(send):
    assert (await send(b"{")).status_code == 400
    assert (await send(event(), BATCH)).status_code == 422
    assert (await send(b"[" * 100 + b"]" * 100, BATCH)).status_code == 400


async def test_too_much_is_413(send):
    assert (await send(b" " * (9 * 1024 * 1024))).status_code == 413
    assert (await send([1] * 10_001, BATCH)).status_code == 413
