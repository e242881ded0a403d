"""Deliveries over HTTP to the real layer: durable before the answer, harmless twice and in any order."""

import asyncio
import hashlib
import hmac
import json
from datetime import datetime, timedelta

import httpx
import pytest

from api.app import create_app
from api.bootstrap import open_layer
from api.clock import SimulatedClock
from api.served import Served
from tests.connectors.loopback import loopback

NOW = datetime.fromisoformat("2026-03-02T09:00:00+03:00")
SOURCES = """
  shop:
    connector: webhook
    webhook:
      hmac: {{secret: {{env: SHOP_SECRET}}, header: X-Shop-Signature, prefix: sha256=}}
      most: 2000
    streams:
      customers:
        items: body.events
        key: item.id
        data: item.customer
        deleted: item.gone
        at: item.at
        id: item.event
  crm:
    connector: http
    url: {url}
    limits: {{attempts: 1, rest: PT0.001S}}
    webhook:
      token: {{secret: {{env: CRM_TOKEN}}}}
      streams:
        items:
          key: item.id
          deleted: item.gone
    streams:
      items:
        path: /items
        items: items
        key: id
        page: {{kind: cursor, param: after, field: next}}
        cursor: {{param: modified_since, field: modified_at}}
        one: {{path: "/one/{{key}}"}}
  closed:
    connector: webhook
    webhook:
      token: {{secret: {{env: NEVER_SET}}}}
    streams:
      customers: {{key: item.id}}
"""
MAPPINGS = {
    "shop": "customers:\n    - {entity: customer, id: id, fields: {name: name}}\n",
    "crm": "items:\n    - {entity: customer, id: id, fields: {name: text}}\n",
    "closed": "customers:\n    - {entity: customer, id: id, fields: {name: name}}\n",
}


@pytest.fixture
async def crm():
    async with loopback() as server:
        server.get_one = lambda request: (
            (200, server.items[request.path.rpartition("/")[2]], {})
            if request.path.rpartition("/")[2] in server.items
            else (404, {"detail": "no such item"}, {})
        )
        yield server


@pytest.fixture
def company(home, crm, monkeypatch):
    monkeypatch.setenv("SHOP_SECRET", "shh")
    monkeypatch.setenv("CRM_TOKEN", "tok")
    monkeypatch.delenv("NEVER_SET", raising=False)
    file = home / "config" / "sources.yaml"
    file.write_text(file.read_text() + SOURCES.format(url=crm.url))
    for name, streams in MAPPINGS.items():
        (home / "mappings" / f"{name}.yaml").write_text(f"format: 1\nsource: {name}\nstreams:\n  {streams}")
    return home


class Outside:
    """The vendors, and who looks at what came of it."""

    def __init__(self, layer, http):
        self.layer = layer
        self.http = http

    async def shop(self, *events, secret="shh", **headers):
        body = json.dumps({"events": events}).encode()
        signed = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return await self.http.post("/api/v1/hooks/shop", content=body, headers={"X-Shop-Signature": signed, **headers})

    async def hint(self, key, **more):
        return await self.http.post("/api/v1/hooks/crm", json={"id": key, **more}, headers={"X-Webhook-Token": "tok"})

    async def name(self, id):
        found = await self.layer.entity("customer", id)
        return found.fields["name"].value if found and "name" in found.fields else None


@pytest.fixture
async def outside(company):
    async with open_layer(company, SimulatedClock(NOW)) as layer:
        transport = httpx.ASGITransport(create_app(Served(layer)), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://opslayer.test") as http:
            yield Outside(layer, http)


def change(event, id, name, minute, **more):
    at = (NOW + timedelta(minutes=minute)).isoformat()
    return {"event": event, "id": id, "at": at, "customer": {"id": id, "name": name}, **more}


class TestWholeRecords:
    async def test_a_delivery_is_known_when_it_is_answered(self, outside):
        answer = await outside.shop(change("e1", "a", "Ada Ltd", 0), change("e2", "b", "Babbage", 0))
        assert (answer.status_code, answer.json()) == (200, {"accepted": 2, "duplicates": 0, "rejected": 0})
        assert (await outside.name("a"), await outside.name("b")) == ("Ada Ltd", "Babbage")

    async def test_a_delivery_again_changes_nothing(self, outside):
        await outside.shop(change("e1", "a", "first", 0))
        before = await outside.layer.parts.store.head()
        answer = await outside.shop(change("e1", "a", "first", 0))
        assert answer.json() == {"accepted": 0, "duplicates": 1, "rejected": 0}
        assert await outside.layer.parts.store.head() == before

    async def test_what_comes_late_does_not_undo_what_is_newer_not_even_a_deletion(self, outside):
        await outside.shop(change("e2", "a", "second", 2))
        await outside.shop(change("e1", "a", "first", 1))
        assert await outside.name("a") == "second"
        await outside.shop(change("e4", "a", "gone", 4, gone=True))
        await outside.shop(change("e3", "a", "third", 3))
        assert await outside.name("a") is None

    async def test_what_was_answered_is_there_after_a_restart_and_still_known_as_told(self, outside, company):
        await outside.shop(change("e2", "a", "second", 2))
        # A second process on the same database sees what the first has acknowledged, whatever becomes of the first.
        async with open_layer(company, SimulatedClock(NOW)) as again:
            assert (await again.entity("customer", "a")).fields["name"].value == "second"
            transport = httpx.ASGITransport(create_app(Served(again)))
            async with httpx.AsyncClient(transport=transport, base_url="http://opslayer.test") as http:
                other = Outside(again, http)
                assert (await other.shop(change("e2", "a", "second", 2))).json()["duplicates"] == 1
                assert (await other.shop(change("e1", "a", "first", 1))).json()["duplicates"] == 1
                assert await other.name("a") == "second"


class TestDoors:
    async def test_a_wrong_signature_is_denied_counted_and_journaled_without_its_body(self, outside, caplog):
        answer = await outside.shop(change("e1", "a", "very private", 0), secret="guess")
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:opslayer:problem:not-the-vendors")
        (entry,) = await outside.layer.parts.store.entries(kinds=["denied"])
        assert entry.body["what"] == "POST /api/v1/hooks/shop"
        assert "very private" not in str(entry.body) + caplog.text
        assert await outside.name("a") is None

    async def test_who_signs_wrong_cannot_fill_the_journal_nor_shut_the_vendor_out(self, outside):
        for _ in range(70):
            assert (await outside.shop(secret="guess")).status_code == 401
        assert len(await outside.layer.parts.store.entries(kinds=["denied"])) == 60
        assert (await outside.shop(change("e1", "a", "Ada", 0))).status_code == 200

    async def test_what_is_too_long_or_too_deep_or_no_json_is_refused(self, outside):
        assert (await outside.shop(change("e1", "a", "x" * 2000, 0))).status_code == 413
        deep = await outside.http.post("/api/v1/hooks/shop", content=b"[" * 70)
        assert deep.status_code == 400
        body = b"{no json"
        signed = "sha256=" + hmac.new(b"shh", body, hashlib.sha256).hexdigest()
        answer = await outside.http.post("/api/v1/hooks/shop", content=body, headers={"X-Shop-Signature": signed})
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:opslayer:problem:bad-json")
        (kept,) = await outside.layer.quarantine()
        assert (kept.problem.code, kept.raw) == ("bad-delivery", "{no json")

    async def test_an_unknown_source_is_404_and_one_without_its_secret_503_while_the_others_go_on(self, outside):
        assert (await outside.http.post("/api/v1/hooks/nobody", json={})).status_code == 404
        assert (await outside.http.post("/api/v1/hooks/ledger", json={})).status_code == 404
        assert (await outside.http.get("/api/v1/hooks/shop")).status_code == 404
        answer = await outside.http.post("/api/v1/hooks/closed", json={}, headers={"X-Webhook-Token": ""})
        assert (answer.status_code, "NEVER_SET not set" in answer.json()["detail"]) == (503, True)
        state = {each.name: each.webhook for each in await outside.layer.sources() if each.name != "mail"}
        assert state == {"ledger": "", "shop": "open", "crm": "open", "closed": "closed"}

    async def test_an_item_that_cannot_be_used_waits_and_the_rest_comes_in(self, outside):
        answer = await outside.shop({"event": "e1", "customer": {}}, change("e2", "b", "Babbage", 0))
        assert answer.json() == {"accepted": 1, "duplicates": 0, "rejected": 1}
        assert [each.problem.code for each in await outside.layer.quarantine()] == ["faulty-item"]


class TestHints:
    async def test_a_hint_is_durable_at_once_and_read_again_by_key(self, outside, crm):
        crm.put("a", "Ada", NOW)
        assert (await outside.hint("a")).json()["accepted"] == 1
        assert await outside.name("a") is None
        assert [each.key for each in await outside.layer.parts.store.hints("crm")] == ["a"]
        assert await outside.layer.heed("crm") == 1
        assert await outside.name("a") == "Ada"
        assert await outside.layer.parts.store.hints("crm") == []

    async def test_many_hints_are_one_request_and_their_order_does_not_matter(self, outside, crm):
        crm.put("a", "newest", NOW)
        for number in range(5):
            await outside.hint("a", text=f"older {number}", gone=number == 2)
        await outside.layer.heed("crm")
        assert [each.path for each in crm.seen] == ["/one/a"]
        assert await outside.name("a") == "newest"

    async def test_a_hint_that_comes_while_its_record_is_read_is_read_again(self, outside, crm):
        crm.put("a", "first", NOW)
        await outside.hint("a")
        connector = outside.layer.parts.connectors["crm"]
        real = connector.fetch

        async def fetch(stream, key):
            record = await real(stream, key)
            await outside.hint("a")
            return record

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(connector, "fetch", fetch)
            await outside.layer.heed("crm")
        assert [each.told for each in await outside.layer.parts.store.hints("crm")] == [2]
        crm.put("a", "second", NOW)
        await outside.layer.heed("crm")
        assert await outside.name("a") == "second"

    async def test_a_missing_record_is_gone_only_when_the_hint_said_so(self, outside, crm):
        crm.put("a", "Ada", NOW)
        await outside.hint("a")
        await outside.layer.heed("crm")
        del crm.items["a"]
        await outside.hint("a")
        await outside.layer.heed("crm")
        assert await outside.name("a") == "Ada"
        await outside.hint("a", gone=True)
        await outside.layer.heed("crm")
        assert await outside.name("a") is None

    async def test_a_source_that_is_down_keeps_its_hints(self, outside, crm):
        crm.put("a", "Ada", NOW)
        await outside.hint("a")
        crm.faults.append(503)
        assert await outside.layer.heed("crm") == 0
        assert len(await outside.layer.parts.store.hints("crm")) == 1
        outside.layer._pauses.clear()
        await asyncio.sleep(0.01)
        assert await outside.layer.heed("crm") == 1
        assert await outside.name("a") == "Ada"

    async def test_the_sweep_goes_on_and_finds_what_no_hint_told(self, outside, crm):
        crm.put("a", "Ada", NOW)
        crm.put("b", "Babbage", NOW)
        await outside.hint("a")
        await outside.layer.heed("crm")
        (synced,) = await outside.layer.sync("crm")
        assert (synced.problem, await outside.name("b")) == (None, "Babbage")

    async def test_a_hint_without_key_reads_the_source(self, outside, crm):
        crm.put("b", "Babbage", NOW)
        assert (await outside.http.post(
            "/api/v1/hooks/crm", json={"changed": True}, headers={"X-Webhook-Token": "tok"}
        )).status_code == 200  # fmt: skip
        await outside.layer.heed("crm")
        assert await outside.name("b") == "Babbage"
        assert await outside.layer.parts.store.hints("crm") == []
