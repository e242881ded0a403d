"""The unified view over real HTTP servers on loopback, each as slow as it is told to be."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import datetime

import httpx
import pytest

from api.app import create_app
from api.bootstrap import open_layer
from api.clock import SimulatedClock
from api.served import Served
from api.views import Actor
from engine.events import Record

NOW = datetime.fromisoformat("2026-03-02T09:00:00+03:00")
LOCAL = Actor(id="local", roles=frozenset({"admin"}), channel="cli")
NAMES = ("erp", "crm", "desk")


class System:
    """One source system: once `awake`, answers `GET /accounts/KEY` after `pause` seconds, 404 for what it has not."""

    def __init__(self):
        self.pause = 0.0
        self.awake = asyncio.Event()
        self.awake.set()
        self.accounts = {}
        self.asked = 0

    async def serve(self, reader, writer):
        try:
            while line := await reader.readline():
                while (await reader.readline()).strip():
                    pass
                self.asked += 1
                await self.awake.wait()
                await asyncio.sleep(self.pause)
                found = self.accounts.get(line.decode().split()[1].rpartition("/")[2])
                body = json.dumps(found or {"detail": "no such account"}).encode()
                status = "200 OK" if found else "404 Not Found"
                writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def systems():
    running, servers = {}, []
    for name in NAMES:
        system = running[name] = System()
        server = await asyncio.start_server(system.serve, "127.0.0.1", 0)
        system.port = server.sockets[0].getsockname()[1]
        servers.append(server)
    yield running
    for server in servers:
        server.close()


def write(home, running):
    """Write a home whose three sources each know the customer under a number of their own."""
    sources = "".join(
        f"""
  {name}:
    connector: http
    url: http://127.0.0.1:{system.port}
    streams:
      accounts:
        path: /accounts
        items: items
        key: id
        page: {{kind: none}}
        one: {{path: "/accounts/{{key}}"}}
        link: |
          "https://{name}.example/a/" + key
"""
        for name, system in running.items()
    )
    files = {
        "config/app.yaml": "format: 1\ncompany: Acme\ntimezone: Europe/Istanbul\n",
        "config/model.yaml": "format: 1\nextends: base\nentities: {}\n",
        "config/sources.yaml": f"format: 1\nsources:\n{sources}",
    } | {
        f"mappings/{name}.yaml": f"""format: 1
source: {name}
streams:
  accounts:
    - entity: customer
      id: number
      keys: {{tax_id: tax}}
      fields:
        name: name
        city: city
"""
        for name in running
    }
    for file, text in files.items():
        (home / file).parent.mkdir(parents=True, exist_ok=True)
        (home / file).write_text(text)


def account(name, city="Ankara"):
    return {"id": f"{name}1", "number": "C1", "tax": "1234567890", "name": "Acme A.Ş.", "city": city}


@pytest.fixture
async def running():
    async with systems() as running:
        yield running


@pytest.fixture
async def layer(tmp_path, running):
    write(tmp_path, running)
    async with open_layer(tmp_path, SimulatedClock(NOW)) as layer:
        for name, system in running.items():
            system.accounts[f"{name}1"] = account(name)
            record = Record(source=name, stream="accounts", key=f"{name}1", data=account(name, "Bursa"))
            assert (await layer.ingest([record]))[0].status == "accepted"
        yield layer


@pytest.fixture
async def http(layer):
    key = await layer.create_key("viewer", "viewer", LOCAL)
    headers = {"Authorization": f"Bearer {key.secret}"}
    transport = httpx.ASGITransport(create_app(Served(layer)))
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1", headers=headers) as http:
        yield http


def parts(view):
    return {part.source: part for part in view.sources}


async def test_each_source_tells_what_it_holds_now_with_its_link(layer):
    found = parts(await layer.customer("C1"))
    assert {name: part.live for name, part in found.items()} == dict.fromkeys(NAMES, "read")
    [line] = found["crm"].records
    assert line.fields == {"name": "Acme A.Ş.", "city": "Ankara"}
    assert line.link == "https://crm.example/a/crm1"
    assert found["crm"].read_at == NOW
    assert found["crm"].age.total_seconds() == 0


async def test_sources_are_asked_at_once(layer, running):
    together = asyncio.Barrier(len(running))
    for system in running.values():
        system.awake = together  # none answers before all are asked
    view = await layer.customer("C1", budget=60)
    assert {part.live for part in view.sources} == {"read"}


async def test_a_source_that_hangs_is_late_and_delays_nobody(layer, running):
    running["crm"].awake.clear()
    found = parts(await layer.customer("C1"))
    assert (found["erp"].live, found["crm"].live, found["desk"].live) == ("read", "late", "read")
    assert found["crm"].records[0].link == "https://crm.example/a/crm1"


async def test_what_was_late_is_streamed_and_asked_only_once(layer, running, http):
    running["crm"].awake.clear()
    events = []
    asyncio.get_running_loop().call_later(
        2, running["crm"].awake.set
    )  # the transport of this test tells all at the end
    async with http.stream("GET", "/live/customers/C1?budget=1") as answer:
        async for line in answer.aiter_lines():
            if line.startswith(("event:", "data:")):
                kind, _, text = line.partition(":")
                events.append((kind, text.strip()))
    kinds = [text for kind, text in events if kind == "event"]
    assert kinds == ["customer", "source", "end"]
    first, late = [json.loads(text) for kind, text in events if kind == "data" and text]
    assert {each["source"]: each["live"] for each in first["sources"]} == {"erp": "read", "crm": "late", "desk": "read"}
    assert (late["source"], late["live"], late["records"][0]["fields"]["city"]) == ("crm", "read", "Ankara")
    assert running["crm"].asked == 1


async def test_a_source_that_is_down_says_so_and_shows_what_was_kept(layer, http, running):
    running["crm"].accounts["crm1"] = {"id": ""}
    found = {part["source"]: part for part in (await http.get("/customers/C1")).json()["sources"]}
    assert (found["crm"]["live"], found["erp"]["live"]) == ("failed", "read")
    assert "id" in found["crm"]["detail"]
    assert found["crm"]["records"][0]["address"] == "crm/accounts/crm1"


async def test_a_record_that_its_source_has_no_more_is_gone(layer, running):
    running["desk"].accounts.clear()
    [line] = parts(await layer.customer("C1"))["desk"].records
    assert line.gone


async def test_identifiers_are_pairs(http):
    customer = (await http.get("/customers/C1")).json()["customer"]
    assert customer["identifiers"] == [{"scheme": "tax_id", "id": "1234567890"}]
    assert customer["links"]["erp/accounts/erp1"] == "https://erp.example/a/erp1"


async def test_nobody_is_found_under_an_unknown_id(http, layer):
    assert (await http.get("/live/customers/C9")).status_code == 404
    assert [part async for part in layer.customer_parts("C9")] == []
