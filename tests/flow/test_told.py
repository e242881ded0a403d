"""What a running process tells of itself: spans to a collector over OTLP, lines to its log; neither holds a secret."""

import asyncio
import json
import os
import signal
import sqlite3
import threading
from contextlib import asynccontextmanager, closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.approvals.layer.company import Mailbox, post_office, write_company
from tests.approvals.peer import serving
from tests.flow.test_workers import OPSLAYER, key

NAME, MAIL, OWED, TOKEN = "Gizli Sanayi", "info@gizli.example", "73114.55", "tok-5d81c2aa"
SENDER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collector():
    """A receiver of OTLP over HTTP as a collector has one: yields its address and the spans it was sent."""
    proto = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    spans = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            content = self.rfile.read(int(self.headers["Content-Length"]))
            assert (self.path, self.headers["Content-Type"]) == ("/v1/traces", "application/x-protobuf")
            if self.headers.get("Content-Encoding") == "gzip":
                import gzip

                content = gzip.decompress(content)
            told = proto.ExportTraceServiceRequest.FromString(content)
            for resource in told.resource_spans:
                service = {each.key: each.value.string_value for each in resource.resource.attributes}["service.name"]
                spans.extend((service, span) for scope in resource.scope_spans for span in scope.spans)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.end_headers()
            self.wfile.write(proto.ExportTraceServiceResponse().SerializeToString())

        def log_message(self, *_):
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", spans
    server.shutdown()
    thread.join()
    server.server_close()


@asynccontextmanager
async def process(home, *options, **environment):
    """Run `serve` with its own environment; yields a client with an admin's key, and all that was said on stderr."""
    headers = await key(home)
    said = []
    serve = await asyncio.create_subprocess_exec(
        *OPSLAYER, "--home", str(home), "--json", "serve", "--port", "0", *options,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "CRM_TOKEN": TOKEN, **environment},
    )  # fmt: skip

    async def listen():
        async for line in serve.stderr:
            said.append(line.decode())  # noqa: PERF401  (it is read while it grows)

    listening = asyncio.create_task(listen())
    try:
        url = json.loads(await asyncio.wait_for(serve.stdout.readuntil(b"}"), 120))["url"]
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
            yield client, said
    finally:
        serve.send_signal(signal.SIGTERM)
        await asyncio.wait_for(serve.wait(), 60)
        await listening


def event(status):
    data = {"id": "C1", "name": NAME, "email": MAIL, "city": "Izmir", "owner": "ayse", "owed": OWED, "status": status}
    head = {"specversion": "1.0", "id": f"e-{status}", "source": "erp", "type": "record.changed"}
    return head | {"subject": "customers/C1", "data": data}


async def tell(client, status, **headers):
    headers |= {"content-type": "application/cloudevents+json"}
    answer = await client.post("/api/v1/events", json=event(status), headers=headers)
    assert answer.status_code == 202, answer.text


async def until(client, rule, *states):
    """Return the action of a rule once it is in one of the states."""
    async with asyncio.timeout(60):
        while True:
            items = (await client.get("/api/v1/actions")).json()["items"]
            found = [each for each in items if each["key"]["rule"] == rule and each["state"] in states]
            if found:
                return found[0]
            await asyncio.sleep(0.1)


async def approve(client, action):
    said = {"verdict": "approve", "digest": action["digest"]}
    answer = await client.post(f"/api/v1/actions/{action['id']}/verdict", json=said)
    assert answer.status_code == 200, answer.text


@pytest.mark.slow
async def test_one_event_is_one_trace_at_a_real_collector_until_the_receipt(collector, tmp_path):
    endpoint, spans = collector
    box = Mailbox()
    with serving() as crm:
        async with post_office(box) as port:
            home = write_company(tmp_path / "home", crm.url, port)
            telling = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_BSP_SCHEDULE_DELAY": "200"}
            async with process(home, **telling) as (client, _):
                await tell(client, "due", traceparent=SENDER)
                await approve(client, await until(client, "due", "pending"))
                await until(client, "due", "sent")
    assert len(box.to(MAIL)) == 1
    ours = [each for _, each in spans if each.trace_id.hex() == SENDER.split("-")[1]]
    assert {service for service, _ in spans} == {"opslayer"}
    names = {each.name for each in ours}
    assert {"accept", "evaluate", "draft", "decide", "dispatch", "perform", "receipt"} <= names
    by_id = {each.span_id: each for each in ours}
    assert {each.name for each in ours if each.parent_span_id not in by_id} == {"accept"}
    [accept] = [each for each in ours if each.name == "accept"]
    assert accept.parent_span_id.hex() == SENDER.split("-")[2]
    told = " ".join(str(each) for _, each in spans)
    for private in (NAME, "Gizli", MAIL, OWED, TOKEN, "customer:C1"):
        assert private not in told


@pytest.mark.slow
@pytest.mark.parametrize("form", ["text", "json"])
async def test_a_day_of_trouble_leaves_no_secret_and_no_personal_data_in_the_log(tmp_path, form):
    box = Mailbox()
    async with post_office(box) as port:
        home = write_company(tmp_path / "home", "http://127.0.0.1:9", port)
        sources = home / "config/sources.yaml"
        closed = "    url: http://127.0.0.1:9\n"
        sources.write_text(sources.read_text().replace(closed, f"{closed}    auth: {{bearer: {{env: CRM_TOKEN}}}}\n"))
        box.refused.add(MAIL)
        async with process(home, "--log", form) as (client, said):
            secret = client.headers["authorization"].partition(" ")[2]
            await tell(client, "late")  # its task goes to a CRM that is not there
            await tell(client, "due")
            await approve(client, await until(client, "due", "pending"))
            await until(client, "due", "failed")  # the mail server names the address that it refuses
            events = {"content-type": "application/cloudevents+json"}
            await client.post("/api/v1/events", content=f'{{"name": "{NAME}"', headers=events)
            await client.get(f"/api/v1/actions?subject={NAME}", headers={"Authorization": "Bearer wrong-8812aa"})
            await client.get(f"/api/v1/customers/{NAME}")
            with closing(sqlite3.connect(home / ".opslayer/opslayer.db")) as database:
                database.execute("DROP TABLE actions")  # what is written then fails with all that it holds at hand
            assert (await client.post("/api/v1/events", json=event("fraud"), headers=events)).status_code == 503
            async with asyncio.timeout(30):
                while "failed and is tried again" not in everything(home, said):  # noqa: ASYNC110  (a file)
                    await asyncio.sleep(0.2)
    lines = everything(home, said)
    assert "no such table" in lines
    for private in (secret, TOKEN, NAME, "Gizli", MAIL, OWED, "wrong-8812aa"):
        assert private not in lines
    assert (home / ".opslayer/opslayer.log").exists() is (form == "text")


def everything(home, said):
    """Return what was written, on stderr and into the file."""
    file = home / ".opslayer/opslayer.log"
    return "".join(said) + (file.read_text() if file.exists() else "")
