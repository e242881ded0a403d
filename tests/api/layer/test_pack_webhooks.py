"""The packs' webhooks on the real layer, signed as each vendor says, with bodies as each vendor documents them."""

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime

import httpx
import pytest

from api.app import create_app
from api.bootstrap import open_layer
from api.clock import SimulatedClock
from api.proposals import put_pack
from api.served import Served
from tests.connectors.loopback import loopback

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MODEL = """format: 1
extends: base
entities:
  message:
    fields:
      status: {type: text, retain: true}
      text: {type: text, personal: true, retain: true}
      failure: {type: text, retain: true}
  customer:
    fields:
      name: {type: text, retain: true}
"""


@pytest.fixture
async def vendor():
    async with loopback() as server:
        yield server


@pytest.fixture
async def opened(tmp_path, monkeypatch, vendor):
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    (home / "config" / "app.yaml").write_text(
        "format: 1\ncompany: Acme\ntimezone: Europe/Istanbul\ndatabase: sqlite:///var/opslayer.db\n"
    )
    (home / "config" / "model.yaml").write_text(MODEL)
    (home / "config" / "sources.yaml").write_text("format: 1\nsources: {}\n")
    for name in ("whatsapp", "hubspot", "outlook"):
        put_pack(home, name, name)
    sources = home / "config" / "sources.yaml"
    at = f"    connector: hubspot\n    url: {vendor.url}\n"
    sources.write_text(sources.read_text().replace("    connector: hubspot\n", at))
    for name in ("WHATSAPP", "HUBSPOT", "OUTLOOK"):
        for what in ("URL", "TOKEN", "TOKEN_URL", "CLIENT_ID", "CLIENT_SECRET", "APP_SECRET", "VERIFY_TOKEN"):
            monkeypatch.setenv(f"{name}_{what}", vendor.url if what == "URL" else f"{vendor.url}/token")
    monkeypatch.setenv("WHATSAPP_APP_SECRET", "app")
    monkeypatch.setenv("WHATSAPP_VERIFY_TOKEN", "verify")
    monkeypatch.setenv("HUBSPOT_APP_SECRET", "app")
    monkeypatch.setenv("HUBSPOT_WEBHOOK_URL", "https://ops.example.org/api/v1/hooks/hubspot")
    monkeypatch.setenv("OUTLOOK_CLIENT_STATE", "state")
    async with open_layer(home, SimulatedClock(NOW)) as layer:
        transport = httpx.ASGITransport(create_app(Served(layer)), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://opslayer.test") as http:
            yield layer, http


def mac(message):
    return hmac.new(b"app", message, hashlib.sha256)


class TestWhatsApp:
    async def post(self, http, **value):
        change = {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": {}, **value}}
        body = json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "0", "changes": [change]}]}).encode()
        signed = f"sha256={mac(body).hexdigest()}"
        return await http.post("/api/v1/hooks/whatsapp", content=body, headers={"X-Hub-Signature-256": signed})

    async def test_the_handshake_is_answered(self, opened):
        _, http = opened
        asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "verify"}
        answer = await http.get("/api/v1/hooks/whatsapp", params=asked)
        assert (answer.status_code, answer.text) == (200, "1158201444")
        assert answer.headers["content-type"].startswith("text/plain")
        wrong = await http.get("/api/v1/hooks/whatsapp", params={**asked, "hub.verify_token": "guess"})
        assert (wrong.status_code, "1158201444" in wrong.text) == (401, False)

    async def test_what_a_customer_writes_is_a_message_once(self, opened):
        layer, http = opened
        contact = {"profile": {"name": "Ada"}, "wa_id": "905320000000"}
        text = {"from": "905320000000", "id": "wamid.1", "timestamp": "1772452800", "type": "text",
                "text": {"body": "Yarın ödüyorum"}}  # fmt: skip  # noqa: RUF001  (Turkish)
        button = {"from": "905320000000", "id": "wamid.2", "timestamp": "1772452801", "type": "interactive",
                  "interactive": {"type": "button_reply", "button_reply": {"id": "1", "title": "Evet"}}}  # fmt: skip
        image = {"from": "905320000000", "id": "wamid.3", "timestamp": "1772452802", "type": "image",
                 "image": {"id": "9", "mime_type": "image/jpeg"}}  # fmt: skip
        assert (await self.post(http, contacts=[contact], messages=[text, button, image])).json()["accepted"] == 3
        assert (await self.post(http, contacts=[contact], messages=[text])).json()["duplicates"] == 1
        assert await layer.quarantine() == ()
        found = [(await layer.entity("message", f"wamid.{each}")).fields["text"].value for each in (1, 2, 3)]
        assert found == ["Yarın ödüyorum", "Evet", "[image]"]  # noqa: RUF001  (Turkish)

    async def test_states_in_any_order_end_at_the_highest(self, opened):
        layer, http = opened
        for status, second in (("read", 3), ("delivered", 2), ("sent", 1), ("sent", 1)):
            state = {"id": "wamid.9", "status": status, "timestamp": str(1772452800 + second),
                     "recipient_id": "905320000000", "pricing": {"billable": True}}  # fmt: skip
            assert (await self.post(http, statuses=[state])).status_code == 200
        assert (await layer.entity("message", "wamid.9")).fields["status"].value == "read"
        failed = {"id": "wamid.8", "status": "failed", "timestamp": "1772452801", "recipient_id": "90",
                  "errors": [{"code": 131047, "title": "Re-engagement message"}]}  # fmt: skip
        await self.post(http, statuses=[failed])
        await self.post(http, statuses=[{**failed, "status": "sent", "errors": [], "timestamp": "1772452802"}])
        fields = (await layer.entity("message", "wamid.8")).fields
        assert (fields["status"].value, fields["failure"].value) == ("failed", "Re-engagement message")
        assert await layer.quarantine() == ()


class TestHubSpot:
    async def post(self, http, events, at=None):
        at = str(int((at or time.time()) * 1000))
        body = json.dumps(events).encode()
        message = b"POSThttps://ops.example.org/api/v1/hooks/hubspot" + body + at.encode()
        signed = base64.b64encode(mac(message).digest()).decode()
        headers = {"X-HubSpot-Signature-v3": signed, "X-HubSpot-Request-Timestamp": at}
        return await http.post("/api/v1/hooks/hubspot", content=body, headers=headers)

    async def test_a_change_is_read_again_and_a_deletion_believed_when_it_is_gone(self, opened, vendor):
        layer, http = opened
        kept = {"7": {"id": "7", "updatedAt": "2026-03-02T12:00:00Z", "properties": {"name": "Ada Ltd"}}}
        vendor.get_crm = lambda request: (
            (200, kept[key], {}) if (key := request.path.rpartition("/")[2]) in kept else (404, {}, {})
        )
        change = {"eventId": 1, "subscriptionType": "company.propertyChange", "objectId": 7, "attemptNumber": 0}
        assert (await self.post(http, [change, {**change, "eventId": 2}])).json()["accepted"] == 2
        assert await layer.heed("hubspot") == 1
        assert (await layer.entity("customer", "7")).fields["name"].value == "Ada Ltd"
        assert "name,domain" in vendor.seen[0].params["properties"]
        kept.clear()
        gone = {"eventId": 3, "subscriptionType": "object.deletion", "objectTypeId": "0-2", "objectId": 7}
        await self.post(http, [gone])
        await layer.heed("hubspot")
        assert "name" not in getattr(await layer.entity("customer", "7"), "fields", {})

    async def test_an_old_signature_is_refused(self, opened):
        _, http = opened
        assert (await self.post(http, [], at=NOW.timestamp() - 400)).status_code == 401


class TestOutlook:
    async def test_the_subscription_is_validated_and_notifications_are_hints(self, opened, vendor):
        layer, http = opened
        answer = await http.post("/api/v1/hooks/outlook", params={"validationToken": "Validation: Testing & <b>"})
        assert (answer.status_code, answer.text) == (200, "Validation: Testing & <b>")
        assert answer.headers["content-type"].startswith("text/plain")
        note = {"subscriptionId": "s", "clientState": "state", "changeType": "created",
                "resource": "Users/u/Messages/AAA", "resourceData": {"id": "AAA"}}  # fmt: skip
        vendor.get_messages = lambda _: (200, {
            "id": "AAA", "subject": "Re", "conversationId": "c", "sentDateTime": "2026-03-02T11:00:00Z", "toRecipients": [],
            "internetMessageId": "<1@x>", "isDraft": False, "body": {"content": "Hello"},
            "from": {"emailAddress": {"address": "ada@x.example"}}, "receivedDateTime": "2026-03-02T11:00:00Z",
        }, {})  # fmt: skip
        assert (await http.post("/api/v1/hooks/outlook", json={"value": [note]})).status_code == 200
        await layer.heed("outlook")
        assert (await layer.entity("message", "<1@x>")).fields["text"].value == "Hello"
        asked = vendor.seen[-1]
        assert 'outlook.body-content-type="text"' in asked.headers["prefer"]
        assert asked.params["$select"].startswith("subject,from")
        assert (
            await http.post("/api/v1/hooks/outlook", json={"value": [{**note, "clientState": "x"}]})
        ).status_code == 401

    async def test_a_lifecycle_notification_has_the_mailbox_followed_at_once(self, opened, vendor):
        layer, http = opened
        note = {"subscriptionId": "s", "clientState": "state", "lifecycleEvent": "missed", "resource": "Users/u"}
        vendor.get_mailFolders = lambda _: (200, {"value": [], "@odata.deltaLink": f"{vendor.url}/d"}, {})
        vendor.get_events = vendor.get_mailFolders
        assert (await http.post("/api/v1/hooks/outlook", json={"value": [note]})).json()["accepted"] == 1
        await layer.heed("outlook")
        assert "/mailFolders/inbox/messages/delta" in [each.path for each in vendor.seen]
        assert await layer.parts.store.hints("outlook") == []
