"""More than the layer takes on at once, and clients that are slow: refused or ended, and the others are served."""

import asyncio
import socket
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from api.app import create_app
from api.limits import Gate, Rates
from api.served import Served
from api.server import listen, server_of
from api.views import Actor
from engine.ports import StoreUnavailable
from engine.settings.app import Limits
from tests.api.double import DoubleLayer

HEAD = b"GET / HTTP/1.1\r\nhost: x\r\n"
EVENT = {"content-type": "application/cloudevents+json"}


@asynccontextmanager
async def running(app, proxies=(), **bounds):
    """Run a real server; yields it with its port."""
    server, listening = server_of(app, proxies, **bounds), listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield server, port
    finally:
        server.should_exit = True
        await task


async def hello(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


@asynccontextmanager
async def connected(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def until(holds):
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110  (what is waited for has no event)
            await asyncio.sleep(0.01)


async def rest(reader):
    try:
        return await asyncio.wait_for(reader.read(), 30)
    except ConnectionError:
        return b""


@pytest.mark.parametrize(
    "sent", [b"", HEAD, HEAD + b"\r\n" + HEAD], ids=["nothing", "half a head", "half a second head"]
)
async def test_a_head_that_does_not_end_ends_the_connection_and_nobody_elses(sent):
    async with running(hello, head_seconds=0.3) as (_, port), connected(port) as (slow, writer):
        writer.write(sent)
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"http://127.0.0.1:{port}/")).text == "hello"
        assert (await rest(slow)).endswith(b"hello" if b"\r\n\r\n" in sent else b"")


async def test_one_connection_too_many_is_closed_and_there_is_room_again_after():
    async with running(hello, most=2) as (server, port):
        async with connected(port) as (_, first), connected(port) as (_, second), connected(port) as (third, _):
            assert await rest(third) == b""
            for each in (first, second):
                each.write(HEAD + b"\r\n")
        await until(lambda: not server.server_state.connections)
        async with connected(port) as (reader, writer):
            writer.write(HEAD + b"connection: close\r\n\r\n")
            assert (await rest(reader)).endswith(b"hello")


async def test_an_answer_that_nobody_reads_is_given_up():
    ended = asyncio.Event()

    async def endless(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while server.server_state.connections:
            await send({"type": "http.response.body", "body": b"x" * 1_000_000, "more_body": True})
        ended.set()

    async with running(endless, read_seconds=0.3) as (server, port), connected(port) as (_, writer):
        writer.write(HEAD + b"\r\n")
        await asyncio.wait_for(ended.wait(), 30)
    assert not server.server_state.connections


async def test_a_request_on_its_way_when_the_process_ends_is_answered():
    async with running(hello, last_seconds=20) as (server, port), connected(port) as (reader, writer):
        await until(lambda: server.server_state.connections)
        server.should_exit = True
        await until(lambda: not any(each.is_serving() for each in server.servers))
        writer.write(HEAD + b"\r\n")
        assert (await rest(reader)).endswith(b"hello")


# --- what is refused ------------------------------------------------------------------------------------------------


class Slow(DoubleLayer):
    """Takes in only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def ingest(self, records):
        await self.go.wait()
        return await super().ingest(records)


def event(id):
    data = {"id": "C1", "name": "Acme"}
    head = {"specversion": "1.0", "id": id, "source": "erp", "type": "record.changed", "subject": "customers/C1"}
    return head | {"data": data}


@asynccontextmanager
async def asked(layer, **served):
    key = (await layer.create_key("x", "operator", Actor(id="a", roles=frozenset({"admin"}), channel="cli"))).secret
    app = create_app(Served(layer, **served))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://x/api/v1", headers=headers) as client:
        yield client


async def test_what_is_more_than_may_be_under_way_is_asked_to_come_again():
    layer = Slow()
    gate = Gate(Limits(requests=3))
    async with asked(layer, gate=gate) as client:
        waiting = [asyncio.create_task(client.post("/events", json=event(str(n)), headers=EVENT)) for n in range(3)]
        await until(lambda: gate.requests == 3)
        refused = await client.post("/events", json=event("more"), headers=EVENT)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
        assert refused.json()["type"] == "urn:opslayer:problem:busy"
        assert (await client.get("/actions")).status_code == 200
        layer.go.set()
        assert [each.status_code for each in await asyncio.gather(*waiting)] == [202] * 3
        assert (await client.post("/events", json=event("more"), headers=EVENT)).status_code == 202
    assert (gate.requests, gate.bytes) == (0, 0)


async def test_bodies_together_are_bounded_whether_they_say_their_size_or_not():
    gate = Gate(Limits(body_bytes=8_388_608))

    async def pieces():
        for _ in range(9):
            yield b" " * 1_000_000

    async with asked(DoubleLayer(), gate=gate) as client:
        told = await client.post("/events", content=b" " * 9_000_000, headers=EVENT)
        assert told.status_code == 503
        assert (await client.post("/events", content=pieces(), headers=EVENT)).status_code in (413, 503)
        assert (await client.post("/events", json=event("1"), headers=EVENT)).status_code == 202
    assert (gate.requests, gate.bytes) == (0, 0)


async def test_a_body_that_does_not_come_is_given_up_over_a_real_connection():
    layer = DoubleLayer()
    async with asked(layer) as client:
        key = client.headers["authorization"]
    gate = Gate(Limits(), silence=0.3)
    async with running(create_app(Served(layer, gate=gate))) as (_, port), connected(port) as (reader, writer):
        writer.write(
            f"POST /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: {key}\r\n"
            f"content-type: {EVENT['content-type']}\r\ncontent-length: 1000\r\n\r\n{{".encode()
        )
        answer = await rest(reader)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"slow-body" in answer
    assert (gate.requests, gate.bytes) == (0, 0)


async def test_a_key_that_asks_too_often_waits_and_others_do_not():
    now = [0.0]
    rates = Rates(0.5, lambda: now[0])
    assert [rates.wait("a") for _ in range(7)] == [0, 0, 0, 0, 0, 2, 2]
    assert rates.wait("b") == 0
    now[0] += 2
    assert [rates.wait("a"), rates.wait("a")] == [0, 2]
    async with asked(DoubleLayer(), rates=Rates(0.1)) as client:
        answers = [await client.get("/actions") for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 429]
    assert int(answers[1].headers["retry-after"]) >= 1


async def test_a_database_that_cannot_be_used_is_told_with_the_moment_to_come_again():
    class Down(DoubleLayer):
        async def ingest(self, _):
            raise StoreUnavailable("The disk is full; make room, then try again. Nothing was stored.")

    async with asked(Down()) as client:
        answer = await client.post("/events", json=event("1"), headers=EVENT)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "make room" in answer.json()["detail"]


# --- who asks, behind a proxy -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "told"),
    [
        ((), "127.0.0.1"),
        (("10.0.0.0/8",), "127.0.0.1"),
        (("127.0.0.1",), "203.0.113.7"),
        (("127.0.0.0/8",), "203.0.113.7"),
    ],
)
async def test_only_a_proxy_that_was_named_is_believed_whom_it_speaks_for(proxies, told):
    async def who(scope, receive, send):
        said = scope["client"][0].encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": said})

    async with running(who, proxies=proxies) as (_, port), httpx.AsyncClient() as client:
        url = f"http://127.0.0.1:{port}/"
        answer = await client.get(url, headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.7"})
    assert answer.text == told


async def test_no_answer_waits_for_its_head_to_be_acknowledged():
    async with running(hello) as (server, port), connected(port):
        await until(lambda: server.server_state.connections)
        [protocol] = server.server_state.connections
        taken = protocol.transport.get_extra_info("socket")
        assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


# --- what is longer than anybody means ------------------------------------------------------------------------------


LONG = {
    "address": b"GET /%b HTTP/1.1\r\nhost: x\r\n\r\n" % (b"a" * 200_000),
    "header": b"GET /health/live HTTP/1.1\r\nhost: x\r\nx: %b\r\n\r\n" % (b"a" * 200_000),
    "cookie": b"GET /today HTTP/1.1\r\nhost: x\r\ncookie: opslayer_session=%b\r\n\r\n" % (b"a" * 200_000),
    "many headers": b"GET /health/live HTTP/1.1\r\nhost: x\r\n%b\r\n" % (b"x: a\r\n" * 40_000),
    "chunk's head": b"POST /api/v1/events HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1;%b"
    % (b"a" * 200_000),
}


@pytest.mark.parametrize("sent", LONG.values(), ids=LONG)
async def test_a_head_longer_than_anybody_means_is_refused_and_nobody_else_notices(sent):
    async with running(create_app(Served(DoubleLayer()))) as (_, port):
        async with connected(port) as (reader, writer):
            writer.write(sent)
            assert (await rest(reader))[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 401", b"")
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"http://127.0.0.1:{port}/health/live")).status_code == 200


@pytest.mark.parametrize("name", ["opslayer_session", "opslayer_door", "other"])
async def test_a_cookie_that_still_passes_is_only_one_that_nobody_knows(name):
    cookies = f"{name}={'a' * 30_000}; {name}=\x01\x7f; ; =; {'b=c; ' * 500}"
    transport = httpx.ASGITransport(create_app(Served(DoubleLayer())))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        answer = await client.get("/today", headers={"cookie": cookies})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


async def without_end(writer):
    while True:
        writer.write(b"1000\r\n" + b" " * 0x1000 + b"\r\n")
        await writer.drain()


async def test_a_body_in_pieces_without_end_is_refused_and_not_read_for_ever():
    layer, gate = DoubleLayer(), Gate(Limits())
    async with asked(layer) as client:
        key = client.headers["authorization"]
    app = create_app(Served(layer, gate=gate))
    async with running(app, head_seconds=0.3) as (_, port), connected(port) as (reader, writer):
        head = (
            f"POST /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: {key}\r\ncontent-type: {EVENT['content-type']}"
        )
        writer.write(f"{head}\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        for _ in range(9):
            writer.write(b"100000\r\n" + b" " * 0x100000 + b"\r\n")
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 413")
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(without_end(writer), 60)
    assert (gate.requests, gate.bytes) == (0, 0)


async def test_who_ends_a_refused_body_may_ask_again_on_the_same_connection():
    layer = DoubleLayer()
    async with asked(layer) as client:
        key = client.headers["authorization"]
    async with running(create_app(Served(layer))) as (_, port), connected(port) as (reader, writer):
        head = f"HTTP/1.1\r\nhost: x\r\nauthorization: {key}\r\n"
        writer.write(f"POST /api/v1/keys {head}transfer-encoding: chunked\r\n\r\n1\r\n ".encode())
        await asyncio.sleep(0)
        writer.write(f"\r\n0\r\n\r\nGET /health/live {head}connection: close\r\n\r\n".encode())
        answer = await rest(reader)
    assert answer.count(b"HTTP/1.1 ") == 2
    assert b"HTTP/1.1 200" in answer


@pytest.mark.parametrize(("proxies", "secure"), [((), False), (("127.0.0.1",), True)])
async def test_cookies_are_for_tls_when_a_proxy_that_was_named_says_so(proxies, secure):
    async with running(create_app(Served(DoubleLayer())), proxies=proxies) as (_, port), httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{port}/sign-in", headers={"X-Forwarded-Proto": "https"})
    assert ("Secure" in answer.headers["set-cookie"]) is secure
