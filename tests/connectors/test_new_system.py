"""The example of docs/connect-a-new-system.md, word for word, on a real Roundup."""

import asyncio
import re
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from connectors.registry import open_connector
from connectors.settings import Surroundings
from engine.mapping import compile_mapping
from engine.ports import Connector
from engine.rules import load_home
from engine.settings.values import resolved
from engine.source.folder import Memory
from tests.connectors.conformance import (
    FaultProxy,
    Follower,
    LivesThroughFaults,
    ManualClock,
    ReadsChanges,
    ReadsEverything,
    ScansForDeletes,
    WritesOnce,
    WritesOverWhatWasSeen,
    faulty,
)
from tests.connectors.peers.roundup import roundup

PAGE = (Path(__file__).parents[2] / "docs" / "connect-a-new-system.md").read_text(encoding="utf-8")
YAML = re.compile(r"^```yaml[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
(MANIFEST,) = [each for each in YAML.findall(PAGE) if "TRACKER_URL" in each]
(MAPPING,) = [each for each in YAML.findall(PAGE) if "source: tracker" in each]


def headers(url):
    return {"X-Requested-With": "rest", "Origin": url.partition("/tracker")[0]}


def home():
    return load_home(
        Memory(
            {
                "config/app.yaml": "format: 1\ncompany: Acme\ntimezone: Europe/Istanbul\n",
                "config/model.yaml": "format: 1\nextends: base\nentities: {}\n",
                "config/manifests/tracker.yaml": MANIFEST,
                "config/sources.yaml": "format: 1\nsources:\n  tracker:\n    connector: tracker\n",
                "mappings/tracker.yaml": MAPPING,
            }
        )
    )


@dataclass
class Peer:
    """Issues have the code that the suite calls their key."""

    rest: str
    proxy: FaultProxy
    folder: Path
    clock: ManualClock = field(default_factory=lambda: ManualClock(datetime.now(UTC)))
    connector: Connector | None = None
    stream = "issues"
    create = "create_issue"
    change = "set_status"
    payload = {"title": "Printer is out of paper"}  # noqa: RUF012
    page_size = 4
    attempts = 3
    renews = False
    noon = None

    def __post_init__(self):
        self.ids = {}
        self.http = httpx.AsyncClient(auth=("admin", "secret"), headers=headers(self.rest), timeout=20)

    def open(self, *, write=False, **own):
        environ = {"TRACKER_URL": self.proxy.url, "TRACKER_USER": "admin", "TRACKER_PASSWORD": "secret"}
        environ |= {"TRACKER_ORIGIN": self.rest.partition("/tracker")[0]}
        options = resolved(home().sources.sources["tracker"].options, environ)
        options["streams"]["issues"]["params"] |= {"@page_size": "4"}
        limits = {"rate": 100000, "attempts": 3, "most_wait": "PT0.2S", "rest_after": 100}
        alias = self.rest.removeprefix("http://").partition("/")[0]
        options["headers"] |= {"Host": alias}  # it takes no other name than its own, and a proxy stands between
        options |= {"limits": limits, "timeout": "PT4S", "write": write, "aliases": [alias], **own}
        self.connector = _Named(open_connector("tracker", options, Surroundings(self.folder, self.clock)), self.ids)
        return self

    @property
    def faults(self):
        return self.proxy.faults

    async def put(self, key, text, at=None):
        del at  # the tracker writes its own
        body = {"code": key, "title": text, "status": "1"}
        if key not in self.ids:
            made = await self.http.post(f"{self.rest}/data/issue", json=body)
            self.ids[key] = made.json()["data"]["id"]
            return
        address = f"{self.rest}/data/issue/{self.ids[key]}"
        etag = (await self.http.get(address)).headers["ETag"]
        assert (await self.http.patch(address, json=body, headers={"If-Match": etag})).status_code == 200

    async def remove(self, key):
        address = f"{self.rest}/data/issue/{self.ids.pop(key)}"
        etag = (await self.http.get(address)).headers["ETag"]
        assert (await self.http.delete(address, headers={"If-Match": etag})).status_code == 200
        self.clock.advance(days=1)

    def text(self, record):
        return record.data.get("title", "")

    async def all(self):
        found = await self.http.get(f"{self.rest}/data/issue", params={"@fields": "opslayer_key", "@verbose": "0"})
        return found.json()["data"]["collection"]

    async def warm(self):
        """Nothing is asked for before the write."""

    async def created(self):
        return [each["opslayer_key"] for each in await self.all() if each["opslayer_key"]]

    async def holds(self, key):
        status = (await self.http.get(f"{self.rest}/data/issue/{self.ids[key]}/status")).json()["data"]["data"]
        return "second" if status == "2" else "changed by somebody"

    def changing(self, key, text, *, was):
        del was
        return {"issue": self.ids.get(key, "4711"), "status": "2" if text == "second" else "1", "was": "1"}


class _Named:
    """Names records by their code, as the suite does."""

    def __init__(self, connector, ids):
        self._connector, self._ids = connector, ids
        self.perform, self.probe, self.aclose = connector.perform, connector.probe, connector.aclose
        self.fetch = connector.fetch

    async def read(self, stream, cursor):
        async for page in self._connector.read(stream, cursor):
            records = tuple(_with(each, key=each.data.get("code") or each.key) for each in page.records)
            yield _with(page, records=records)


def _with(struct, **changes):
    return type(struct)(**{**{name: getattr(struct, name) for name in struct.__struct_fields__}, **changes})


@pytest.fixture(scope="module")
def service():
    # Not in pytest's folder: the server drops its privileges, and only the owner may enter that one.
    folder = Path(tempfile.mkdtemp(prefix="roundup-"))
    try:
        with roundup(folder) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def tracker(service, tmp_path):
    async with faulty(service) as proxy:
        peer = Peer(service, proxy, tmp_path)
        for each in await peer.all():
            address = f"{service}/data/issue/{each['id']}"
            etag = (await peer.http.get(address)).headers["ETag"]
            await peer.http.delete(address, headers={"If-Match": etag})
        yield peer
        await peer.http.aclose()
        if peer.connector:
            await peer.connector.aclose()


class TestReading(ReadsEverything, ReadsChanges, ScansForDeletes, LivesThroughFaults):
    @pytest.fixture
    def peer(self, tracker):
        return tracker.open()

    async def test_concurrent_writers_leave_no_gaps_and_no_doubles(self, peer):
        """No gaps: pages that count slide while others write, and what never settled is told again by the next read."""
        wanted = {}

        async def write(name):
            for number in range(12):
                wanted[f"{name}{number % 5}"] = f"{name} {number}"
                await peer.put(f"{name}{number % 5}", f"{name} {number}")

        follower, writers = Follower(peer), asyncio.gather(write("x"), write("y"))
        while not writers.done():
            await follower.sync()
        await writers
        await follower.sync()
        assert follower.state() == wanted

    async def test_one_is_read_by_its_number(self, peer):
        await peer.put("a", "first")
        assert (await peer.connector.fetch("issues", peer.ids["a"])).data["title"] == "first"
        assert await peer.connector.fetch("issues", "4711") is None

    async def test_a_record_becomes_a_ticket(self, peer):
        await peer.put("a", "first")
        follower = Follower(peer)
        await follower.sync()
        whole = home()
        assert [str(each) for each in whole.problems] == []
        source = whole.sources.sources["tracker"]
        mapper = compile_mapping(whole.mappings["tracker"], whole.model, source, currency="TRY")
        (ticket,) = mapper.map(follower.told[0])
        told = ticket.event.fields
        assert (ticket.event.entity, told["number"], told["title"]) == ("ticket", "a", "first")
        assert abs(datetime.now(UTC) - told["opened_at"]).total_seconds() < 60


class TestWriting(WritesOnce, WritesOverWhatWasSeen):
    @pytest.fixture
    def peer(self, tracker):
        return tracker.open(write=True)

    @pytest.fixture
    def reader(self, tracker):
        return tracker.open()

    async def test_what_has_changed_since_is_a_conflict_and_stays(self, peer):
        await peer.put("a", "first")
        payload = {"issue": peer.ids["a"], "status": "2", "was": "3"}
        assert (await peer.connector.perform("set_status", payload, "key-1")).result == "conflict"
        assert await peer.holds("a") == "changed by somebody"

    async def test_a_change_between_our_reading_and_our_writing_is_a_conflict(self, peer, monkeypatch):
        """The tracker itself refuses: 412, because the ETag is another by then."""
        await peer.put("a", "first")
        passed, seen = peer.proxy.pass_on, []

        async def pass_on(head, reader, writer):
            if head[0].startswith("PATCH"):
                await peer.put("a", "somebody was faster")
                seen.append(head[0])
            return await passed(head, reader, writer)

        monkeypatch.setattr(peer.proxy, "pass_on", pass_on)
        receipt = await peer.connector.perform("set_status", peer.changing("a", "second", was="first"), "key-1")
        assert (receipt.result, len(seen), await peer.holds("a")) == ("conflict", 1, "changed by somebody")


async def test_its_own_limit_of_requests_is_waited_for(tmp_path):
    folder = Path(tempfile.mkdtemp(prefix="roundup-"))
    try:
        with roundup(folder, calls=20) as url:
            async with faulty(url) as proxy, httpx.AsyncClient(auth=("admin", "secret"), headers=headers(url)) as http:
                peer = Peer(url, proxy, tmp_path)
                await peer.put("a", "first")
                for _ in range(60):
                    answer = await http.get(f"{url}/data/status")
                    if answer.status_code == 429:
                        break
                assert (answer.status_code, float(answer.headers["Retry-After"]) > 0) == (429, True)
                peer.open(limits={"rate": 60, "per": "PT1M", "attempts": 4, "most_wait": "PT10S"}, timeout="PT20S")
                follower = Follower(peer)
                assert await follower.sync() == [("a", "first")]
                await peer.connector.aclose()
                await peer.http.aclose()
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
