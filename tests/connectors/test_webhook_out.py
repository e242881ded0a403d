"""Events told to another system: signed by Standard Webhooks, told once, receipts like those of every other write."""

import base64
from datetime import UTC, datetime

import pytest

from connectors.registry import check, open_connector
from connectors.settings import Surroundings
from engine.ports import SourceDown
from engine.source import ConfigError
from tests.connectors.conformance import NOON, ManualClock
from tests.connectors.loopback import loopback
from tests.connectors.peers import absent

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
OPERATION = {
    "event": {"type": "com.acme.order.held", "subject": "order"},
    "fields": {"order": True, "reason": False},
    "json": {"order": "order", "why": "upper case(reason)"},
    "consequence": "medium",
    "idempotency": "native_key",
}
PAYLOAD = {"order": "O-7", "reason": "unpaid"}


@pytest.fixture
async def partner():
    async with loopback() as server:
        server.post_events = lambda _: (202, None, {})
        yield server


@pytest.fixture
async def opened(partner, tmp_path):
    made = []

    def opened(operation=OPERATION, **more):
        settings = {
            "connector": "webhook", "url": f"{partner.url}/events", "write": True, "signing_secret": SECRET,
            "limits": {"attempts": 1}, "timeout": "PT20S", "operations": {"hold": operation}, **more,
        }  # fmt: skip
        made.append(open_connector("partner", settings, Surroundings(tmp_path, ManualClock())))
        return made[-1]

    yield opened
    for each in made:
        await each.aclose()


async def test_an_event_is_sent_that_the_library_of_standard_webhooks_accepts(opened, partner):
    try:
        from standardwebhooks import Webhook, WebhookVerificationError
    except ImportError:
        absent("standardwebhooks", "standardwebhooks is not there: pip install standardwebhooks")
    receipt = await opened().perform("hold", PAYLOAD, "key-1")
    (request,) = partner.seen
    assert (receipt.result, receipt.reference) == ("ok", "key-1")
    event = Webhook(SECRET).verify(request.raw, request.headers)
    assert event == {
        "specversion": "1.0",
        "id": "key-1",
        "source": "opslayer/partner",
        "type": "com.acme.order.held",
        "subject": "O-7",
        "time": NOON.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "datacontenttype": "application/json",
        "data": {"order": "O-7", "why": "UNPAID"},
    }
    assert request.headers["content-type"] == "application/cloudevents+json"
    assert (request.path, request.headers["webhook-id"]) == ("/events", "key-1")
    assert abs(int(request.headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 300
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.raw + b" ", request.headers)


async def test_the_short_form_sends_the_payload_as_it_is_and_a_retry_has_the_same_id(opened, partner):
    connector = opened({"event": "com.acme.note", "path": "notes", "fields": {"order": True}})
    partner.post_events = lambda request: (200, {"path": request.path}, {})
    for _ in range(2):
        assert (await connector.perform("hold", PAYLOAD, "key-1")).result == "ok"
    assert [each.path for each in partner.seen] == ["/events/notes", "/events/notes"]
    assert [each.body["data"] for each in partner.seen] == [PAYLOAD, PAYLOAD]
    assert {each.headers["webhook-id"] for each in partner.seen} == {"key-1"}


@pytest.mark.parametrize(
    ("fault", "result"),
    [(400, "rejected"), (410, "rejected"), (429, "throttled"), (503, "unavailable"), (500, "uncertain"),
     ("cut-after", "uncertain"), ("cut", "uncertain")],
)  # fmt: skip
async def test_what_the_partner_answers_is_told_as_what_it_is(opened, partner, fault, result):
    partner.faults.append(fault)
    assert (await opened().perform("hold", PAYLOAD, "key-1")).result == result


async def test_it_cannot_be_asked_whether_an_event_came(opened):
    with pytest.raises(SourceDown, match="cannot be looked up"):
        await opened().probe("hold", PAYLOAD, "key-1")


async def test_nothing_is_sent_without_write_true_nor_without_what_the_event_needs(opened, partner):
    assert (await opened(write=False).perform("hold", PAYLOAD, "key-1")).result == "rejected"
    assert (await opened().perform("hold", {"reason": "unpaid"}, "key-1")).result == "rejected"
    assert partner.seen == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"signing_secret": ""}, "signed"), ({"url": ""}, "address"), ({"operations": {}}, "how deliveries are proved")],
)
def test_what_could_not_work_is_refused_when_it_is_opened(opened, settings, words):
    with pytest.raises(ConfigError, match=words):
        opened(**settings)


def test_a_misspelt_key_is_a_fault_with_its_place():
    settings = {"connector": "webhook", "operations": {"hold": {"evnt": "x"}}}
    told = [(each.code, each.place.file) for each in check("partner", settings)]
    here = "sources.partner.operations.hold"
    assert told == [("unknown-key", f"{here}.evnt"), ("missing-key", here)]


async def test_any_http_source_may_sign_what_it_writes(tmp_path, partner):
    from standardwebhooks import Webhook

    settings = {
        "connector": "http", "url": partner.url, "write": True, "auth": {"standard": {"secret": SECRET}},
        "operations": {"tell": {"path": "/events", "fields": {"order": True}}},
    }  # fmt: skip
    connector = open_connector("partner", settings, Surroundings(tmp_path, ManualClock()))
    assert (await connector.perform("tell", {"order": "O-7"}, "key-1")).result == "ok"
    await connector.aclose()
    assert Webhook(SECRET).verify(partner.seen[0].raw, partner.seen[0].headers) == {"order": "O-7"}
