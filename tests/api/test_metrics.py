"""What an operator of the program watches; the layer is a real one."""

import re
from datetime import timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_app
from api.bootstrap import open_layer
from api.clock import SimulatedClock
from api.served import Served
from api.starter import write_home
from api.views import Actor
from engine.events import Record
from tests.flow.conftest import START

ADA = Actor(id="local", roles=frozenset({"admin"}), channel="cli")
SECRET = "Öz Çelik"


@pytest.fixture
async def watched(tmp_path):
    write_home(tmp_path / "home")
    clock = SimulatedClock(START)
    async with open_layer(tmp_path / "home", clock) as layer:
        key = await layer.create_key("watch", "viewer", ADA)
        transport = httpx.ASGITransport(create_app(Served(layer)))
        headers = {"Authorization": f"Bearer {key.secret}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://opslayer.test", headers=headers) as client:
            yield layer, clock, client


async def scrape(client):
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return answer.text, {
        (sample.name, *sorted(sample.labels.items())): sample.value for each in families for sample in each.samples
    }


async def overdue(layer):
    data = {"id": "C1", "name": SECRET, "email": "secret@x.example"}
    invoice = {"number": "I1", "customer": "C1", "amount": "100.00", "due_date": "2026-02-01", "paid_on": None}
    await layer.ingest([Record(source="ledger", stream="customers", key="C1", data=data)])
    await layer.ingest([Record(source="ledger", stream="invoices", key="I1", data=invoice)])


async def test_what_waits_and_how_long_is_told(watched):
    layer, clock, client = watched
    await overdue(layer)
    clock.advance(clock.now() + timedelta(hours=2))
    _, told = await scrape(client)
    states = {key[1][1]: value for key, value in told.items() if key[0] == "opslayer_actions"}
    waiting = await layer.actions(state="pending")
    assert states["pending"] == len(waiting) > 0
    assert told["opslayer_inbox_oldest_seconds",] == 7200
    assert told["opslayer_entities",] >= 2
    assert told["opslayer_journal_entries",] == await layer.parts.store.head()
    assert told["opslayer_source_up", ("source", "ledger")] == 1


async def test_requests_are_counted_by_route_and_never_by_what_they_name(watched):
    layer, _, client = watched
    await overdue(layer)
    await client.get("/api/v1/customers/C1")
    await client.get("/api/v1/entities/customer/nobody-known")
    text, told = await scrape(client)
    counted = {key: value for key, value in told.items() if key[0] == "opslayer_http_request_seconds_count"}
    by_status = {(dict(key[1:])["route"], dict(key[1:])["status"]): value for key, value in counted.items()}
    assert by_status["/api/v1/customers/{id}", "200"] == 1
    assert any(status == "404" for _, status in by_status)
    assert not re.search(f"{SECRET}|secret@|C1|nobody-known|100.00", text)


async def test_a_scrape_needs_a_key(watched):
    _, _, client = watched
    assert (await client.get("/metrics", headers={"Authorization": ""})).status_code == 401
