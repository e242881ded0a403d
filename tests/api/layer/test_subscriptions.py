"""Subscriptions to Graph: made, validated, prolonged, made anew; on the real layer behind a real server."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn

from api.app import create_app
from api.bootstrap import open_layer
from api.clock import SimulatedClock
from api.proposals import put_pack
from api.schedule import clockwork
from api.served import Served
from api.server import listen
from tests.simulators.outlook import Outlook, message
from tests.simulators.server import served

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MODEL = "format: 1\nextends: base\nentities:\n  message:\n    fields:\n      text: {type: text, personal: true, retain: true}\n"


@pytest.fixture
def graph():
    with served(Outlook()) as simulator:
        yield simulator


@pytest.fixture
async def opened(tmp_path, monkeypatch, graph):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "app.yaml").write_text(
        "format: 1\ncompany: Acme\ntimezone: Europe/Istanbul\ndatabase: sqlite:///var/opslayer.db\n"
    )
    (tmp_path / "config" / "model.yaml").write_text(MODEL)
    (tmp_path / "config" / "sources.yaml").write_text("format: 1\nsources: {}\n")
    put_pack(tmp_path, "outlook", "mailbox")
    listening = listen("127.0.0.1", 0)
    ours = f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1/hooks/mailbox"
    given = {"URL": graph.root, "TOKEN_URL": f"{graph.url}/t/oauth2/v2.0/token", "CLIENT_ID": "me"}
    given |= {"CLIENT_SECRET": "secret", "CLIENT_STATE": "state", "WEBHOOK_URL": ours}
    for name, value in given.items():
        monkeypatch.setenv(f"OUTLOOK_{name}", value)
    clock = SimulatedClock(NOW)
    graph.now = clock.now
    async with open_layer(tmp_path, clock) as layer:
        server = uvicorn.Server(uvicorn.Config(create_app(Served(layer)), log_config=None, access_log=False))
        task = asyncio.create_task(server._serve([listening]))
        yield layer
        server.should_exit = True
        await task


def kinds(graph):
    return {each["resource"].rpartition("/")[2]: each for each in graph.subscriptions.values()}


async def test_both_are_made_once_and_validated_by_the_handshake(opened, graph):
    assert await opened.subscribe("mailbox") == 2
    assert await opened.subscribe("mailbox") == 0
    inbox, calendar = kinds(graph)["messages"], kinds(graph)["events"]
    assert inbox["resource"] == "users/sales@acme.example/mailFolders('inbox')/messages"
    assert (inbox["clientState"], inbox["changeType"]) == ("state", "created,updated,deleted")
    assert datetime.fromisoformat(inbox["expirationDateTime"]) == NOW + timedelta(days=6)
    assert calendar["resource"] == "users/sales@acme.example/events"


async def test_what_is_notified_is_read_within_the_next_second(opened, graph):
    await opened.subscribe("mailbox")
    graph.put("messages", "AAA", toRecipients=[], conversationId="c", sentDateTime="2026-03-02T11:00:00Z",
              **message("ada@x.example", "hello", "I pay on Friday", NOW))  # fmt: skip
    said = {"changeType": "created", "resource": "Users/u/Messages/AAA", "resourceData": {"id": "AAA"}}
    assert await asyncio.to_thread(graph.notify, "sub1", **said) == 200
    assert await opened.heed("mailbox") == 1
    assert (await opened.entity("message", "<hello@example>")).fields["text"].value == "I pay on Friday"


async def test_they_are_prolonged_when_half_of_their_time_is_over(opened, graph):
    await opened.subscribe("mailbox")
    opened.clock.advance(NOW + timedelta(days=2))
    assert await opened.subscribe("mailbox") == 0
    opened.clock.advance(NOW + timedelta(days=3))
    assert await opened.subscribe("mailbox") == 2
    assert len(graph.subscriptions) == 2
    until = {datetime.fromisoformat(each["expirationDateTime"]) for each in graph.subscriptions.values()}
    assert until == {NOW + timedelta(days=9)}


async def test_one_that_the_vendor_has_forgotten_is_made_anew(opened, graph):
    await opened.subscribe("mailbox")
    graph.subscriptions.clear()
    opened.clock.advance(NOW + timedelta(days=3))
    assert await opened.subscribe("mailbox") == 2
    assert sorted(kinds(graph)) == ["events", "messages"]


@pytest.mark.parametrize("event", ["reauthorizationRequired", "subscriptionRemoved"])
async def test_a_lifecycle_notification_has_them_prolonged_at_once(opened, graph, event):
    await opened.subscribe("mailbox")
    assert await asyncio.to_thread(graph.notify, "sub1", lifecycleEvent=event, resource="Users/u") == 200
    if event == "subscriptionRemoved":
        del graph.subscriptions["sub1"]
    opened.clock.advance(NOW + timedelta(hours=1))
    assert await opened.subscribe("mailbox") == 2
    assert sorted(kinds(graph)) == ["events", "messages"]
    assert {each["expirationDateTime"] for each in graph.subscriptions.values()} == {"2026-03-08T13:00:00Z"}


async def test_a_lifecycle_notification_that_is_not_graphs_changes_nothing(opened, graph):
    await opened.subscribe("mailbox")
    graph.subscriptions["sub1"]["clientState"] = "guessed"
    said = {"lifecycleEvent": "subscriptionRemoved", "resource": "Users/u"}
    assert await asyncio.to_thread(graph.notify, "sub1", **said) == 401
    opened.clock.advance(NOW + timedelta(hours=1))
    assert await opened.subscribe("mailbox") == 0


async def test_an_address_that_graph_cannot_reach_is_said_once_and_tried_again(opened, graph, monkeypatch, caplog):
    monkeypatch.setattr("tests.simulators.outlook.validated", lambda _: False)
    with caplog.at_level(logging.WARNING, "api.layer.subscribing"):
        assert [await opened.subscribe("mailbox") for _ in range(2)] == [0, 0]
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "Subscription validation request failed" in said[0]
    monkeypatch.undo()
    assert await opened.subscribe("mailbox") == 2


async def test_what_stands_is_known_to_the_next_process(opened, graph, tmp_path):
    await opened.subscribe("mailbox")
    async with open_layer(tmp_path, SimulatedClock(NOW)) as again:
        assert await again.subscribe("mailbox") == 0


async def test_without_an_address_none_is_made(opened, graph, tmp_path, monkeypatch):
    monkeypatch.delenv("OUTLOOK_WEBHOOK_URL")
    async with open_layer(tmp_path, SimulatedClock(NOW)) as again:
        assert await again.subscribe("mailbox") == 0
        assert again.webhook("mailbox") == "open"
    assert graph.subscriptions == {}


async def test_the_worker_keeps_them(opened):
    async with clockwork(opened) as jobs:
        assert "subscribe mailbox" in [job.name for job in jobs]
