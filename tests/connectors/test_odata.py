"""OData V2 and V4 against a real SAP CAP server; what CAP does not do (CSRF) against the loopback server."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from connectors.odata.metadata import Unreadable, read_metadata
from connectors.registry import check, open_connector
from connectors.settings import Surroundings
from engine.ports import Connector, SourceDown
from tests.connectors.conformance import (
    NOON,
    FaultProxy,
    Follower,
    LivesThroughFaults,
    ManualClock,
    ReadsChanges,
    ReadsDeletes,
    ReadsEverything,
    ScansForDeletes,
    WritesOnce,
    WritesOverWhatWasSeen,
    faulty,
)
from tests.connectors.peers import cap

AUTH = {"basic": {"user": "ops", "password": "ops"}}
OPERATIONS = {
    "create_task": {
        "entity_set": "Tasks",
        "set": {"title": "title", "externalKey": "key", "notes": [{"text": "note"}]},
        "fields": {"title": True, "note": False},
        "idempotency": "probe",
        "find": {"filter": '"externalKey eq \'" + key + "\'"'},
        "reference": "ID",
    },
    "change": {
        "entity_set": "Items",
        "do": "update",
        "key": {"ID": "item"},
        "set": {"text": "text"},
        "before": "now.text = was",
        "after": "now.text = text",
        "fields": {"item": True, "text": True, "was": True},
        "idempotency": "upsert",
        "reference": "ID",
    },
}


def address(entity_set, key):
    quoted = key.replace("'", "''")
    return f"/{entity_set}('{quoted}')"


@dataclass
class CapPeer:
    """Items and tasks in a CAP service, read through a proxy that can fail, written around it."""

    root: str
    proxy: FaultProxy
    home: Path
    version: int
    clock: ManualClock = field(default_factory=ManualClock)
    connector: Connector | None = None
    stream: str = "Items"
    page_size: int = 4
    attempts: int = 3
    renews: bool = False
    scan: bool = False
    create: str = "create_task"
    change: str = "change"
    noon = NOON
    payload: dict = field(default_factory=lambda: {"title": "call", "note": "on Monday"})

    @property
    def faults(self):
        return self.proxy.faults

    def open(self, *, write=False, streams=None, **stream):
        changed = {} if self.scan else {"changed": "changedAt", "deleted": "gone = true", "lag": "PT1M"}
        settings = {
            "connector": "odata",
            "url": f"{self.proxy.url}/odata/v{self.version}/erp",
            "version": self.version,
            "auth": AUTH,
            "timeout": "PT4S",
            "aliases": [f"localhost:{self.proxy.port}"],
            "limits": {"rate": 100000, "attempts": 3, "most_wait": "PT0.2S", "rest_after": 100},
            "streams": streams or {"Items": {"key": "ID", "page_size": 100, **changed, **stream}},
            "operations": OPERATIONS,
            "write": write,
        }
        assert check("erp", settings) == ()
        self.connector = open_connector("erp", settings, Surroundings(self.home, self.clock))
        return self

    def client(self):
        return httpx.AsyncClient(base_url=f"{self.root}/odata/v4/erp", auth=("ops", "ops"), headers={"If-Match": "*"})

    async def put(self, key, text, at):
        body = {"text": text, "changedAt": at.astimezone(UTC).isoformat().replace("+00:00", "Z"), "gone": False}
        async with self.client() as client:
            changed = await client.patch(address("Items", key), json=body)
            if changed.status_code in {404, 412}:
                del client.headers["If-Match"]
                changed = await client.post("/Items", json={"ID": key, **body})
            changed.raise_for_status()

    async def remove(self, key):
        async with self.client() as client:
            if self.scan:
                (await client.delete(address("Items", key))).raise_for_status()
            else:
                body = {"gone": True, "text": "x", "changedAt": "2026-03-02T12:01:00Z"}
                (await client.patch(address("Items", key), json=body)).raise_for_status()

    def text(self, record):
        return record.data["text"]

    async def warm(self):
        """Nothing comes before the first write."""

    async def created(self):
        async with self.client() as client:
            return [each["externalKey"] for each in (await client.get("/Tasks")).json()["value"]]

    async def holds(self, key):
        async with self.client() as client:
            return (await client.get(address("Items", key))).json()["text"]

    def changing(self, key, text, *, was):
        return {"item": key, "text": text, "was": was}

    async def empty(self):
        async with self.client() as client:
            for entity_set in ("Items", "Tasks"):
                while rows := (await client.get(f"/{entity_set}")).json()["value"]:
                    for row in rows:
                        (await client.delete(address(entity_set, row["ID"]))).raise_for_status()


def cutting(ask, version):
    """Let a server give only two of the rows that it expands, and the address of the others."""

    async def cut(line, headers, body):
        status, fields, content = await ask(line, headers, body)
        if not line.startswith("GET") or "/Tasks?" not in line:
            return status, fields, content
        answer = json.loads(content)
        for task in answer["d"]["results"] if version == 2 else answer["value"]:
            if version == 2:
                rows = sorted(task["notes"]["results"], key=lambda note: note["ID"])
                rest = f"{task['__metadata']['uri']}/notes?$skip=2&$orderby=ID&$format=json"
                task["notes"] = {"results": rows[:2], "__next": rest}
            else:
                task["notes@odata.nextLink"] = f"Tasks({task['ID']})/notes?$skip=2&$orderby=ID"
                task["notes"] = sorted(task["notes"], key=lambda note: note["ID"])[:2]
        content = json.dumps(answer).encode()
        fields = [(name, value) for name, value in fields if name.lower() != "content-length"]
        return status, [*fields, ("Content-Length", str(len(content)))], content

    return cut


@pytest.fixture(scope="session")
def service(tmp_path_factory):
    with cap(tmp_path_factory.mktemp("peer")) as url:
        yield url


@pytest.fixture(params=[2, 4], ids=["v2", "v4"])
async def erp(request, service, tmp_path):
    async with faulty(service) as proxy:
        peer = CapPeer(service, proxy, tmp_path, request.param)
        await peer.empty()
        yield peer
        if peer.connector:
            await peer.connector.aclose()


class TestByChange(ReadsEverything, ReadsChanges, ReadsDeletes, LivesThroughFaults):
    @pytest.fixture
    def peer(self, erp):
        return erp.open()


class TestByFullScan(ReadsEverything, ScansForDeletes):
    @pytest.fixture
    def peer(self, erp):
        erp.scan = True
        return erp.open()


class TestWriting(WritesOnce, WritesOverWhatWasSeen):
    @pytest.fixture
    def peer(self, erp):
        return erp.open(write=True)

    @pytest.fixture
    def reader(self, erp):
        return erp.open()

    async def test_a_deep_insert_makes_the_parts_too(self, peer):
        await peer.connector.perform("create_task", peer.payload, "key-1")
        async with peer.client() as client:
            (task,) = (await client.get("/Tasks?$expand=notes")).json()["value"]
        assert [each["text"] for each in task["notes"]] == ["on Monday"]

    async def test_a_quote_in_a_key_stays_in_its_place(self, peer):
        await peer.put("O'Neil", "first", NOON)
        receipt = await peer.connector.perform("change", peer.changing("O'Neil", "second", was="first"), "key-1")
        assert (receipt.result, await peer.holds("O'Neil")) == ("ok", "second")

    async def test_somebody_between_the_read_and_the_write_is_a_conflict(self, peer):
        await peer.put("a", "first", NOON)
        ask, asked = peer.proxy.ask, []

        async def between(line, headers, body):
            if line.startswith("PATCH") and not asked:
                asked.append(line)
                await peer.put("a", "changed by somebody", NOON.replace(hour=13))
            return await ask(line, headers, body)

        peer.proxy.ask = between
        receipt = await peer.connector.perform("change", peer.changing("a", "second", was="first"), "key-1")
        assert (receipt.result, await peer.holds("a")) == ("conflict", "changed by somebody")


class TestValues:
    async def test_dates_moments_and_numbers_are_what_they_are_in_both_versions(self, erp):
        async with erp.client() as client:
            del client.headers["If-Match"]
            body = {"ID": "a", "amount": 12.5, "day": "2026-01-31", "changedAt": "2026-03-02T12:00:00Z"}
            (await client.post("/Items", json=body)).raise_for_status()
        follower = Follower(erp.open())
        await follower.sync()
        (record,) = follower.told
        assert record.data["amount"] == Decimal("12.5")
        assert str(record.data["day"]) == str(date(2026, 1, 31))
        assert (record.valid_at, record.version) == (NOON, 'W/"2026-03-02T12:00:00.000Z"')

    async def test_one_entity_is_read_by_its_key(self, erp):
        await erp.put("O'Neil", "first", NOON)
        connector = erp.open().connector
        record = await connector.fetch("Items", "O'Neil")
        assert (record.key, record.data["text"]) == ("O'Neil", "first")
        assert await connector.fetch("Items", "nobody") is None

    async def test_more_equal_timestamps_than_a_page_holds_are_all_read(self, erp):
        for number in range(11):
            await erp.put(f"k{number:03}", "first", NOON)
        follower = Follower(erp.open())
        assert len(await follower.sync()) == 11
        assert await follower.sync() == []

    async def test_a_condition_stands_beside_the_cursor(self, erp):
        for key in "abc":
            await erp.put(key, key.upper(), NOON)
        follower = Follower(erp.open(filter="text ne 'B'"))
        assert sorted(await follower.sync()) == [("a", "A"), ("c", "C")]
        await erp.put("b", "D", NOON.replace(hour=13))
        assert await follower.sync() == [("b", "D")]

    @pytest.mark.parametrize("cut", [False, True], ids=["whole", "cut"])
    async def test_what_is_expanded_comes_whole_though_the_server_cuts_it(self, erp, cut):
        tasks = {"key": "ID", "expand": ["notes"], "page_size": 100}
        async with erp.client() as client:
            del client.headers["If-Match"]
            (
                await client.post("/Tasks", json={"notes": [{"text": f"note {at}"} for at in range(6)]})
            ).raise_for_status()
        if cut:
            erp.proxy.ask = cutting(erp.proxy.ask, erp.version)
        erp.stream, erp.text = "Tasks", lambda record: record.key
        follower = Follower(erp.open(streams={"Tasks": tasks}))
        await follower.sync()
        (record,) = follower.told
        assert sorted(each["text"] for each in record.data["notes"]) == [f"note {at}" for at in range(6)]

    async def test_what_the_service_refuses_is_told_in_its_words(self, erp):
        erp.open(filter="nothing eq 1")
        with pytest.raises(SourceDown, match="nothing"):
            await Follower(erp).sync()


class TestMetadata:
    async def test_entity_sets_with_keys_and_types(self, erp):
        sets = await erp.open().connector.entity_sets()
        assert sets["Items"].key == ("ID",)
        assert sets["Tasks"].navigation == ("notes",)
        assert sets["Items"].properties["amount"].type == "Decimal"
        assert sets["Items"].properties["day"].day == (erp.version == 2)

    @pytest.mark.parametrize("text", ["", "<html/>", "<a", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
    def test_what_is_no_metadata_is_said_so(self, text):
        with pytest.raises(Unreadable):
            read_metadata(text)
