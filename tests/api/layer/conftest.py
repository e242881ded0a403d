"""The application over the real layer on a small home, in one process."""

import json
from datetime import datetime
from types import SimpleNamespace

import httpx
import pytest

from api.app import create_app
from api.bootstrap import open_layer
from api.clock import SimulatedClock
from api.served import Served
from api.starter import write_home
from api.views import Actor

LOCAL = Actor(id="local", roles=frozenset({"admin"}), channel="cli")
BATCH = {"content-type": "application/cloudevents-batch+json"}
SINGLE = {"content-type": "application/cloudevents+json"}


@pytest.fixture
def home(tmp_path):
    write_home(tmp_path / "home")
    for name, columns in (("customers", "id,name,email"), ("invoices", "number,customer,amount,due_date,paid_on")):
        (tmp_path / "home" / "data" / f"{name}.csv").write_text(f"{columns}\n")
    return tmp_path / "home"


@pytest.fixture
async def layer(home):
    async with open_layer(home, SimulatedClock(datetime.fromisoformat("2026-03-02T09:00:00+03:00"))) as layer:
        yield layer


def event(id, subject, data=None, **changes):
    given = {
        "specversion": "1.0", "id": id, "source": "ledger", "type": "record.changed", "subject": subject, "data": data,
    }  # fmt: skip
    return given | changes


class Caller:
    """Calls the API with one key."""

    def __init__(self, http, secret):
        self.http = http
        self.headers = {"Authorization": f"Bearer {secret}"}

    async def get(self, path):
        return await self.http.get(f"/api/v1{path}", headers=self.headers)

    async def post(self, path, body=None, **headers):
        given = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(f"/api/v1{path}", json=body, headers=given)

    async def put(self, path, body):
        return await self.http.put(f"/api/v1{path}", json=body, headers=self.headers)

    async def send(self, events, kind=BATCH):
        return await self.http.post("/api/v1/events", content=json.dumps(events), headers=self.headers | kind)

    async def overdue(self, *customers):
        """Tell of customers with an invoice ten days over; returns their waiting actions, by customer."""
        events = []
        for id in customers:
            invoice = {
                "number": f"I-{id}",
                "customer": id,
                "amount": "12.50",
                "due_date": "2026-02-20",
                "paid_on": None,
            }
            events += [
                event(f"c{id}", f"customers/{id}", {"id": id, "name": f"{id} Ltd", "email": f"{id}@x.example"}),
                event(f"i{id}", f"invoices/I-{id}", invoice),
            ]
        assert (await self.send(events)).json()["rejected"] == []
        assert (await self.admin.post("/clock", {"advance_to": "2026-03-02T09:00:00+03:00"})).status_code == 200
        found = (await self.get("/actions?state=pending")).json()["items"]
        return {each["key"]["subject"].partition(":")[2]: each for each in found}

    async def decide(self, action, verdict="approve", digest="", key="", **more):
        headers = {"Idempotency-Key": key} if key else {}
        body = {"verdict": verdict, "digest": digest or action["digest"], **more}
        return await self.post(f"/actions/{action['id']}/verdict", body, **headers)


@pytest.fixture
async def call(layer):
    """Callers by role; `ada` and `grace` are people, the others keys of nobody."""
    transport = httpx.ASGITransport(create_app(Served(layer)), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://opslayer.test") as http:
        made = {}
        for name in ("viewer", "operator", "analyst", "admin", "auditor"):
            made[name] = Caller(http, (await layer.create_key(name, name, LOCAL)).secret)
        for person in ("ada", "grace"):
            made[person] = Caller(http, (await layer.create_key(person, None, LOCAL, person=person)).secret)
        for each in made.values():
            each.admin = made["admin"]
        yield SimpleNamespace(http=http, **made)
