"""A server that turned against us: it neither gets our credentials sent elsewhere nor fills our memory."""

import gzip
import json

import pytest

from connectors.http import bounded
from engine.ports import SourceDown
from tests.connectors.conformance import Follower
from tests.connectors.loopback import loopback
from tests.connectors.test_http import NOON, HttpPeer

PAYLOAD = {"customer": "C1", "title": "Call"}


@pytest.fixture
async def elsewhere():
    async with loopback() as server:
        server.route = lambda _: (200, {"items": [], "access_token": "theirs", "expires_in": 3600}, {})
        yield server


@pytest.fixture
async def crm(tmp_path):
    async with loopback() as server:
        peer = HttpPeer(server, tmp_path)
        yield peer
        await peer.connector.aclose()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("auth", [{"bearer": "s"}, {"basic": {"user": "u", "password": "p"}}, {"key": {"value": "s"}}])
async def test_a_redirection_to_another_server_is_not_followed(crm, elsewhere, status, auth):
    crm.server.route = lambda _: (status, None, {"Location": f"{elsewhere.url}/items"})
    crm.open(source={"auth": auth, "write": True})
    with pytest.raises(SourceDown):
        await Follower(crm).sync()
    receipt = await crm.connector.perform("create_task", PAYLOAD, "key-1")
    assert receipt.result != "sent"
    assert elsewhere.seen == []


@pytest.mark.parametrize("address", ["http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "gopher://x/"])
async def test_neither_is_one_to_what_only_this_machine_reaches(crm, address):
    crm.server.route = lambda _: (302, None, {"Location": address})
    with pytest.raises(SourceDown, match="302"):
        await Follower(crm.open()).sync()


@pytest.mark.parametrize(
    "next", ["http://169.254.169.254/x", "//evil.example/x", "http://127.0.0.1@evil.example/x", "file:///etc/passwd"]
)
async def test_a_next_page_stays_on_the_server(crm, next):
    crm.server.route = lambda _: (200, {"items": [], "next_url": next}, {})
    with pytest.raises(SourceDown, match="not where its credentials belong"):
        await Follower(crm.open("next_url", source={"auth": {"bearer": "s"}})).sync()


async def test_a_token_endpoint_that_redirects_gets_no_secret_sent_on(crm, elsewhere):
    crm.server.route = lambda _: (307, None, {"Location": f"{elsewhere.url}/token"})
    secret = {"client_id": "me", "client_secret": "s3", "token_url": f"{crm.server.url}/token", "send": "body"}
    crm.open(source={"auth": {"oauth2": secret}})
    with pytest.raises(SourceDown, match="gave no token"):
        await Follower(crm).sync()
    assert elsewhere.seen == []


async def test_an_answer_without_end_is_given_up(crm, monkeypatch):
    monkeypatch.setattr(bounded, "MOST_BYTES", 10_000)
    crm.server.route = lambda _: (200, b'{"items": [], "pad": "' + b"x" * 20_000 + b'"}', {})
    with pytest.raises(SourceDown, match="more than 10,000 bytes"):
        await Follower(crm.open()).sync()


async def test_an_answer_that_unpacks_to_much_is_given_up(crm, monkeypatch):
    monkeypatch.setattr(bounded, "MOST_BYTES", 1_000_000)
    bomb = gzip.compress(b"0" * 50_000_000)
    crm.server.route = lambda _: (200, bomb, {"Content-Encoding": "gzip"})
    with pytest.raises(SourceDown, match="more than 1,000,000 bytes"):
        await Follower(crm.open()).sync()


@pytest.mark.parametrize("packing", ["gzip, gzip", "gzip,gzip,gzip", "zstd", "br"])
async def test_a_packing_that_was_not_asked_for_is_not_opened(crm, packing):
    crm.server.route = lambda _: (200, gzip.compress(gzip.compress(b"{}")), {"Content-Encoding": packing})
    with pytest.raises(SourceDown, match="was not asked for"):
        await Follower(crm.open()).sync()
    assert {each.headers["accept-encoding"] for each in crm.server.seen} == {"gzip, deflate"}


async def test_a_packed_answer_is_read_as_any_other(crm):
    await crm.put("a", "first", NOON)
    plain = crm.server.route

    def packed(request):
        status, body, headers = plain(request)
        return status, gzip.compress(json.dumps(body).encode()), headers | {"Content-Encoding": "gzip"}

    crm.server.route = packed
    assert await Follower(crm.open()).sync() == [("a", "first")]
