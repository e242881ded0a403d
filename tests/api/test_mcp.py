"""Assistants at /mcp: the protocol's own client, in both of its eras, against a real server."""

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.mcp.tools import TOOLS
from api.served import Served
from api.server import listen, server_of
from engine.ports import StoreUnavailable
from engine.source.problem import ConfigError
from tests.api.double import DoubleLayer

mcp = pytest.importorskip("mcp")
import httpx2  # noqa: E402  (comes with the protocol's library)
from mcp.client import Client  # noqa: E402
from mcp.client.streamable_http import streamable_http_client  # noqa: E402

READING = {tool.name for tool in TOOLS if tool.role == "viewer"}


class Listening(DoubleLayer):
    """Opens its door, and keeps the words that were said."""

    mcp = True

    def __init__(self):
        super().__init__()
        self.decided = []

    async def decide(self, verdict, actor, idempotency_key=""):
        self.decided.append(verdict)
        return await super().decide(verdict, actor, idempotency_key)


@pytest.fixture
def layer():
    return Listening()


@pytest.fixture
async def url(layer):
    server, listening = server_of(create_app(Served(layer))), listen("127.0.0.1", 0)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
    server.should_exit = True
    await task


@pytest.fixture(params=["auto", "legacy"])
def assistant(request, url, key):
    """Open a client that says hello as today's do, or as those before."""

    @asynccontextmanager
    async def opened(role):
        http = httpx2.AsyncClient(headers=key(role))
        async with http, Client(streamable_http_client(url, http_client=http), mode=request.param) as client:
            yield client

    return opened


async def call(client, name, **arguments):
    answer = await client.call_tool(name, arguments)
    return answer.is_error, json.loads(answer.content[0].text)


async def test_who_may_only_read_is_offered_what_reads(assistant):
    async with assistant("viewer") as client:
        tools = (await client.list_tools()).tools
    assert {tool.name for tool in tools} == READING
    assert all(tool.annotations.read_only_hint for tool in tools)


async def test_what_waits_is_told_with_its_digest(assistant, layer):
    async with assistant("operator") as client:
        wrong, told = await call(client, "waiting", limit=2)
        first = told["first"][0]["waiting"][0]["action"]
        _, shown = await call(client, "action", id=first["id"])
    assert (wrong, len(told["first"])) == (False, 2)
    assert shown["digest"] == first["digest"] == layer.store[first["id"]].digest


async def test_why_is_told_in_sentences(assistant, layer):
    id = next(iter(layer.store))
    async with assistant("viewer") as client:
        wrong, told = await call(client, "explain", id=id)
    assert not wrong
    assert any("FT-8841" in line for line in told["proof"])


async def test_a_word_counts_with_the_digest_that_was_shown(assistant, layer):
    action = next(each for each in layer.store.values() if each.state == "pending")
    async with assistant("operator") as client:
        stale, told = await call(client, "decide", id=action.id, verdict="reject", digest="0" * 64)
        assert (stale, told["type"], told["status"]) == (True, "stale-digest", 412)
        wrong, told = await call(client, "decide", id=action.id, verdict="reject", digest=action.digest, reason="no")
    assert (wrong, told["state"]) == (False, "rejected")
    assert layer.decided[-1].channel == "mcp"


async def test_who_may_not_decide_is_refused_and_remembered(assistant, layer):
    action = next(iter(layer.store.values()))
    async with assistant("viewer") as client:
        wrong, told = await call(client, "decide", id=action.id, verdict="approve", digest=action.digest)
    assert (wrong, told["type"]) == (True, "forbidden")
    assert layer.refused_tries[-1][1] == "mcp decide"


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("action", {"id": "none"}, "There is no action none."),
        ("action", {}, "Object missing required field `id`"),
        ("waiting", {"limit": 1000}, "Expected `int` <= 100"),
        ("recall", {"words": "x", "person": "y"}, "Object contains unknown field `person`"),
        ("delete_all", {}, "There is no tool delete_all; there are today, waiting"),
    ],
)
async def test_what_is_wrong_with_a_call_is_told_to_the_assistant(assistant, name, arguments, said):
    async with assistant("viewer") as client:
        wrong, told = await call(client, name, **arguments)
    assert wrong
    assert said in told["detail"]


async def test_a_database_that_is_away_is_said_so_and_asked_again(assistant, layer, monkeypatch):
    async def gone(_id):
        raise StoreUnavailable("The disk is full. Nothing was stored.")

    monkeypatch.setattr(layer, "action", gone)
    async with assistant("viewer") as client:
        wrong, told = await call(client, "action", id="a")
    assert (wrong, told["status"], told["detail"]) == (True, 503, "The disk is full. Nothing was stored.")


async def test_without_a_key_nothing_is_told(url):
    async with httpx.AsyncClient() as http:
        answer = await http.post(url, json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:opslayer:problem:unauthorized"


def test_the_page_for_people_lists_every_tool():
    page = (Path(__file__).parents[2] / "docs" / "assistants.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert rows == [f"| `{tool.name}` | {tool.about} | {tool.role} |" for tool in TOOLS]


async def test_without_the_protocol_installed_the_fault_says_what_to_install(layer, monkeypatch):
    monkeypatch.setitem(sys.modules, "mcp.server.lowlevel", None)
    with pytest.raises(ConfigError, match=r"pip install 'opslayer\[mcp\]'"):
        create_app(Served(layer))


class TestClosed:
    @pytest.fixture
    def layer(self):
        return DoubleLayer()

    async def test_a_home_that_does_not_open_it_has_no_door(self, client, key):
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        assert (await client.post("/mcp", headers=key("admin"), json=asked)).status_code in (404, 405)
