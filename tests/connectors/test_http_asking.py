"""Asking as vendors want it: conditions instead of values, parameters in a body, JSON-RPC, addresses as delta tokens."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from connectors.budget import Allowance, Budget, Busy
from engine.ports import SourceDown
from tests.connectors.conformance import NOON, Follower
from tests.connectors.loopback import loopback
from tests.connectors.test_http import HttpPeer


@pytest.fixture
async def crm(tmp_path):
    async with loopback() as server:
        peer = HttpPeer(server, tmp_path)
        yield peer
        if peer.connector:
            await peer.connector.aclose()


CONDITION = {
    "param": "$filter",
    "field": "modified_at",
    "value": 'if since = null then null else if key = null then "at ge " + since else "at gt " + since + " or (at eq "'
    ' + since + " and id gt " + key + ")"',
}


@dataclass
class Filtering:
    """Answers conditions of time and key, four items a page, in their order."""

    items: dict
    asked: list = field(default_factory=list)

    def __call__(self, request):
        condition = request.params.get("$filter", "")
        self.asked.append(condition)
        rows = sorted((each["modified_at"], each["id"]) for each in self.items.values())
        if " or " in condition:
            after = (condition.split()[2], condition.rstrip(")").split()[-1])
            rows = [row for row in rows if row > after]
        elif condition:
            rows = [row for row in rows if row[0] >= condition.split()[2].replace("Z", "+00:00")]
        return 200, {"items": [self.items[key] for _, key in rows[:4]]}, {}


class TestConditions:
    async def test_a_key_in_the_condition_gets_over_any_number_of_equal_timestamps(self, crm):
        for number in range(11):
            await crm.put(f"k{number:02}", "first", NOON)
        crm.server.route = Filtering(crm.server.items)
        for item in crm.server.items.values():
            item["modified_at"] = item["modified_at"].replace("+00:00", "Z")
        crm.open({"kind": "keyset", "size": 4}, cursor=CONDITION)
        follower = Follower(crm)
        assert len(await follower.sync()) == 11
        assert follower.doubles() == []
        assert crm.server.route.asked[:2] == [
            "",
            "at gt 2026-03-02T12:00:00Z or (at eq 2026-03-02T12:00:00Z and id gt k03)",
        ]
        assert await follower.sync() == []


class TestBodies:
    async def test_parameters_go_where_their_paths_point(self, crm):
        await crm.put("a", "first", NOON)
        crm.server.route = lambda _: (200, {"items": list(crm.server.items.values())}, {})
        crm.open(
            {"kind": "keyset", "size": 200, "size_param": "limit"},
            method="POST",
            body={"filters": [{"property": "modified", "operator": "GTE", "value": ""}]},
            cursor={"param": "filters.0.value", "field": "modified_at", "start": "0", "format": "iso"},
        )
        await Follower(crm).sync()
        first, second = crm.server.seen[:2]
        assert first.body == {"filters": [{"property": "modified", "operator": "GTE", "value": "0"}], "limit": 200}
        assert second.body["filters"][0]["value"] == "2026-03-02T12:00:00Z"

    async def test_json_rpc_that_fails_with_status_200_is_a_source_down(self, crm):
        crm.server.route = lambda _: (200, {"jsonrpc": "2.0", "error": {"message": "session expired"}}, {})
        crm.open(
            {"kind": "offset", "param": "params.offset", "size_param": "params.limit", "size": 50},
            path="/jsonrpc",
            method="POST",
            items="result",
            cursor=None,
            body={"jsonrpc": "2.0", "method": "call", "params": {"model": "res.partner"}, "id": 1},
            source={"errors": [{"when": "body.error != null", "means": "rejected", "detail": "error.message"}]},
        )
        with pytest.raises(SourceDown, match="crm: session expired"):
            await Follower(crm).sync()
        assert crm.server.seen[0].body["params"] == {"model": "res.partner", "limit": 50}


class TestDeltaAddresses:
    """As Microsoft Graph has it: the answer's last page names the address to ask next time."""

    async def test_the_token_is_the_address(self, crm):
        await crm.put("a", "first", NOON)
        answers = {
            "/items": {"items": [{"id": "a", "text": "first"}], "@odata.nextLink": "items/2"},
            "/items/2": {"items": [{"id": "b", "text": "first"}], "@odata.deltaLink": f"{crm.server.url}/delta?t=1"},
            "/delta": {"items": [{"id": "a", "@removed": {"reason": "deleted"}}], "@odata.deltaLink": "/api/delta?t=2"},
        }
        crm.server.route = lambda request: (200, answers[request.path], {})
        crm.open(
            {"kind": "next_url", "field": "/@odata.nextLink"},
            cursor={"delta": "/@odata.deltaLink"},
            deleted='get value(item, "@removed") != null',
        )
        crm.text = lambda record: record.data.get("text", "")
        follower = Follower(crm)
        assert sorted(await follower.sync()) == [("a", "first"), ("b", "first")]
        await follower.sync()
        assert sorted(follower.state()) == ["b"]
        await follower.sync()
        assert [(each.path, each.params) for each in crm.server.seen[2:]] == [
            ("/delta", {"t": "1"}),
            ("/delta", {"t": "2"}),
        ]


class TestScans:
    async def test_between_changes_a_full_scan_finds_what_was_deleted_without_a_word(self, crm):
        for key in "abc":
            await crm.put(key, "first", NOON)
        crm.open(scan="P1D")
        follower = Follower(crm)
        await follower.sync()
        assert follower.pages[-1].complete
        del crm.server.items["b"]
        await follower.sync()
        assert not follower.pages[-1].complete
        crm.clock.advance(days=1)
        start = len(follower.pages)
        await follower.sync()
        assert follower.pages[-1].complete
        assert {each.key for page in follower.pages[start:] for each in page.records} == {"a", "c"}

    async def test_a_tombstone_that_a_scan_meets_is_told(self, crm):
        for key in "ab":
            await crm.put(key, "first", NOON)
        crm.open(scan="P1D")
        follower = Follower(crm)
        await follower.sync()
        await crm.remove("a")
        crm.clock.advance(days=1)
        await follower.sync()
        assert sorted(follower.state()) == ["b"]


HOLD = {
    "path": "/items/{item}",
    "method": "PATCH",
    "json": {"text": "text"},
    "fields": {"item": True, "text": True, "was": False},
    "concurrency": "etag-required",
    "reread": {"path": "/item/{item}", "version": "version", "before": "now.text = was", "after": "now.text = text"},
}


class TestRereading:
    @pytest.fixture
    async def peer(self, crm):
        await crm.put("a", "first", NOON)
        crm.server.get_item = lambda request: (200, crm.server.items[request.path.rpartition("/")[2]], {})
        return crm.open(source={"write": True, "operations": {"hold": HOLD}})

    async def test_the_version_is_read_and_the_write_seen(self, peer):
        receipt = await peer.connector.perform("hold", {"item": "a", "text": "held", "was": "first"}, "key-1")
        assert (receipt.result, peer.server.items["a"]["text"]) == ("ok", "held")
        assert [request.method for request in peer.server.seen] == ["GET", "PATCH", "GET"]

    async def test_what_is_no_longer_as_approved_is_a_conflict_and_nothing_is_sent(self, peer):
        receipt = await peer.connector.perform("hold", {"item": "a", "text": "held", "was": "older"}, "key-1")
        assert receipt.result == "conflict"
        assert [request.method for request in peer.server.seen] == ["GET"]

    async def test_what_is_not_to_be_seen_afterwards_is_uncertain(self, peer):
        peer.server.patch_items = lambda _: (200, {}, {})
        receipt = await peer.connector.perform("hold", {"item": "a", "text": "held", "was": "first"}, "key-1")
        assert receipt.result == "uncertain"

    async def test_a_target_that_cannot_be_read_is_not_written(self, peer):
        peer.server.faults += [500, 500, 500]
        receipt = await peer.connector.perform("hold", {"item": "a", "text": "held", "was": "first"}, "key-1")
        assert (receipt.result, peer.server.items["a"]["text"]) == ("unavailable", "first")


class TestKeysInRequests:
    async def test_our_key_may_name_the_record_and_the_probe_may_be_a_condition(self, crm):
        operation = {
            "path": "/objects/{key}",
            "method": "PATCH",
            "json": {"subject": "title", "external": "key"},
            "fields": {"title": True},
            "idempotency": "probe",
            "probe": {
                "path": "/query",
                "param": "q",
                "value": '"SELECT Id WHERE Key = \'" + key + "\'"',
                "items": "records",
            },
            "reference": "id",
        }
        crm.server.route = lambda _: (200, {"id": "1", "records": []}, {})
        crm.open(source={"write": True, "operations": {"note": operation}})
        assert (await crm.connector.perform("note", {"title": "call"}, "key-1")).result == "ok"
        assert await crm.connector.probe("note", {"title": "call"}, "key-1") is None
        write, probe = crm.server.seen
        assert (write.path, write.body) == ("/objects/key-1", {"subject": "call", "external": "key-1"})
        assert probe.params == {"q": "SELECT Id WHERE Key = 'key-1'"}


async def test_who_would_wait_in_vain_is_told_at_once_and_the_background_waits():
    budget = Budget([Allowance(1, timedelta(days=1))], 0)
    async with budget.request("interactive"):
        pass
    with pytest.raises(Busy) as busy:
        async with budget.request("interactive"):
            raise AssertionError("there was no room")
    assert 86_000 < busy.value.seconds <= 86_400
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01), budget.request("background"):
            raise AssertionError("there was no room")


async def test_one_place_under_way_is_kept_for_people():
    budget = Budget([Allowance(1000, timedelta(seconds=1))], 0.2, concurrent=2)
    async with budget.request("background"):
        assert budget._background is not None
        assert budget._background.locked()
        async with budget.request("interactive"):
            assert budget._all is not None
            assert budget._all.locked()
