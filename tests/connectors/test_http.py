import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.budget import TokenBucket
from connectors.http.limits import Breaker
from connectors.registry import open_connector
from connectors.settings import Surroundings
from engine.ports import Connector, SourceDown
from engine.source import ConfigError
from tests.connectors.conformance import (
    NOON,
    Follower,
    ManualClock,
    ReadsChanges,
    ReadsDeletes,
    ReadsEverything,
    ScansForDeletes,
)
from tests.connectors.loopback import Server, http_date, loopback

CURSOR = {"param": "modified_since", "field": "modified_at"}
PAGES = {
    "cursor": {"kind": "cursor", "param": "after", "field": "next"},
    "link": {"kind": "link"},
    "next_url": {"kind": "next_url", "field": "next_url"},
    "page": {"kind": "page"},
    "offset": {"kind": "offset"},
}
TASK = {
    "path": "/tasks",
    "key_header": "Idempotency-Key",
    "idempotency": "probe",
    "probe": {"path": "/tasks", "param": "external_id", "items": "items"},
    "fields": {"title": True, "customer": True, "due": False},
    "json": {"title": "upper case(title)", "about": {"customer": "customer", "due": "due"}},
    "reference": "data.id",
}
CHANGE = {
    "method": "PATCH",
    "path": "/items/{item}",
    "json": {"text": "text"},
    "concurrency": "etag-required",
    "version": "seen",
    "fields": {"item": True, "text": True, "seen": False},
    "reference": "id",
}
OPERATIONS = {"create_task": TASK, "change": CHANGE}
PAYLOAD = {"title": "call", "customer": "C1"}


@dataclass
class HttpPeer:
    server: Server
    home: Path
    clock: ManualClock = field(default_factory=ManualClock)
    connector: Connector | None = None
    stream: str = "items"
    page_size: int = 4
    scan: bool = False

    def open(self, page="cursor", source=None, **stream):
        items = {
            "path": "/items",
            "items": "items",
            "key": "id",
            "page": PAGES[page] if isinstance(page, str) else page,
            "cursor": CURSOR,
        }
        settings = {
            "connector": "http",
            "url": self.server.url,
            "timeout": "PT2S",
            "limits": {"rate": 100000, "attempts": 3, "most_wait": "PT0.2S"},
            "streams": {"items": {**items, "deleted": "gone = true", **stream}},
            "operations": OPERATIONS,
            **(source or {}),
        }
        self.connector = open_connector("crm", settings, Surroundings(self.home, self.clock))
        return self

    async def put(self, key, text, at):
        self.server.put(key, text, at)

    async def remove(self, key):
        if self.scan:
            del self.server.items[key]
        else:
            self.server.put(key, "x", NOON + timedelta(minutes=1), gone=True)

    def text(self, record):
        return record.data["text"]


@pytest.fixture
async def crm(tmp_path):
    async with loopback() as server:
        peer = HttpPeer(server, tmp_path)
        yield peer
        if peer.connector:
            await peer.connector.aclose()


class TestByCursor(ReadsEverything, ReadsChanges, ReadsDeletes):
    @pytest.fixture(params=sorted(PAGES))
    def peer(self, request, crm):
        return crm.open(request.param)


class TestByKeyset(ReadsEverything, ReadsChanges, ReadsDeletes):
    @pytest.fixture
    def peer(self, crm):
        crm.server.page_size = 13
        return crm.open({"kind": "keyset", "size": 13})

    async def test_each_page_asks_from_the_last_item_on(self, peer):
        for number in range(100):
            await peer.put(f"k{number:03}", "first", NOON - timedelta(minutes=number // 5))
        follower = Follower(peer)
        assert len(await follower.sync()) == 100
        assert follower.doubles() == []
        assert await follower.sync() == []

    async def test_more_equal_timestamps_than_a_page_holds_are_a_source_down_not_a_gap(self, peer):
        for number in range(20):
            await peer.put(f"k{number:03}", "first", NOON)
        with pytest.raises(SourceDown, match="paging does not get on"):
            await Follower(peer).sync()


class TestByFullScan(ReadsEverything, ScansForDeletes):
    @pytest.fixture(params=sorted(PAGES))
    def peer(self, request, crm):
        crm.scan = True
        return crm.open(request.param, cursor=None)


class TestSlidingPages:
    @pytest.mark.parametrize("kind", ["page", "offset"])
    async def test_a_row_that_slides_over_a_page_boundary_is_not_lost(self, crm, kind):
        for number in range(10):
            await crm.put(f"k{number}", "first", NOON + timedelta(seconds=number))
        crm.open(kind)
        route, count = crm.server.route, iter(range(100))

        def sliding(request):
            if next(count) == 1:
                crm.server.put("k0", "second", NOON + timedelta(minutes=1))
            return route(request)

        crm.server.route = sliding
        follower = Follower(crm)
        await follower.sync()
        assert follower.state() == {**{f"k{number}": "first" for number in range(1, 10)}, "k0": "second"}

    async def test_a_server_that_gives_less_than_asked_is_read_to_the_end(self, crm):
        for number in range(10):
            await crm.put(f"k{number}", "first", NOON)
        crm.open({"kind": "page", "size": 100, "size_param": "limit"})
        follower = Follower(crm)
        assert len(await follower.sync()) == 10

    async def test_a_server_that_repeats_its_last_page_ends_there(self, crm):
        await crm.put("a", "first", NOON)
        crm.server.start = lambda _request, _found: 0
        crm.open("page")
        assert await Follower(crm).sync() == [("a", "first")]

    async def test_a_server_that_repeats_its_cursor_is_a_source_down(self, crm):
        for number in range(10):
            await crm.put(f"k{number}", "first", NOON)
        crm.server.start = lambda _request, _found: 0
        crm.open("cursor")
        with pytest.raises(SourceDown, match="paging does not get on"):
            await Follower(crm).sync()


class TestFaults:
    @pytest.fixture
    async def peer(self, crm):
        for number in range(10):
            await crm.put(f"k{number}", "first", NOON + timedelta(seconds=number))
        return crm.open()

    @pytest.mark.parametrize("fault", [500, 502, 503, 429, (429, {"Retry-After": "0.1"}), "cut", "half", "slow"])
    async def test_a_passing_fault_in_the_middle_is_survived(self, peer, fault):
        peer.server.faults += [None, fault]
        follower = Follower(peer)
        assert len(await follower.sync()) == 10
        assert follower.doubles() == []

    @pytest.mark.parametrize(
        ("fault", "words"),
        [(500, "told to say 500"), (429, "told to say 429"), ("cut", "disconnected"), ("slow", "Timeout")],
    )
    async def test_a_lasting_fault_is_a_source_down_and_nothing_is_lost(self, peer, fault, words):
        peer.server.faults += [None, fault, fault, fault]
        follower = Follower(peer)
        with pytest.raises(SourceDown, match=words):
            await follower.sync()
        await follower.sync()
        assert len(follower.state()) == 10

    async def test_what_the_server_refuses_is_not_asked_again(self, peer):
        peer.server.faults.append(404)
        with pytest.raises(SourceDown, match="crm: status 404: told to say 404"):
            await Follower(peer).sync()
        assert len(peer.server.seen) == 1

    async def test_a_wait_longer_than_agreed_is_left_to_the_next_sync(self, peer):
        peer.server.faults.append((429, {"Retry-After": http_date(datetime.now(UTC) + timedelta(hours=1))}))
        with pytest.raises(SourceDown, match="429"):
            await Follower(peer).sync()
        assert len(peer.server.seen) == 1

    async def test_nobody_listening_is_a_source_down(self, peer):
        await peer.connector.aclose()
        peer.server.port = 9
        with pytest.raises(SourceDown, match="connection attempts failed"):
            await Follower(peer.open()).sync()

    async def test_an_answer_of_another_shape_is_a_source_down(self, peer):
        await peer.connector.aclose()
        peer.open(items="data.rows")
        with pytest.raises(SourceDown, match=r"crm.items: there is no list at data.rows"):
            await Follower(peer).sync()

    async def test_a_refused_secret_is_a_source_down(self, peer):
        peer.server.token = "secret"
        with pytest.raises(SourceDown, match="this token is not known"):
            await Follower(peer).sync()

    async def test_a_200_that_means_failure_is_recognised(self, peer):
        await peer.connector.aclose()
        rules = [{"when": "body.isSuccessful = false", "means": "unavailable", "detail": "errorDesc"}]
        peer.server.route = lambda _: (200, {"isSuccessful": False, "errorDesc": "licence"}, {})
        peer.open(source={"errors": rules})
        with pytest.raises(SourceDown, match="crm: licence"):
            await Follower(peer).sync()

    async def test_a_next_page_on_another_server_never_sees_our_credentials(self, peer):
        await peer.connector.aclose()
        peer.server.route = lambda _: (200, {"items": [], "next_url": "http://evil.example/next"}, {})
        peer.open("next_url")
        with pytest.raises(SourceDown, match=r"evil.example, which is not where its credentials belong"):
            await Follower(peer).sync()

    async def test_an_item_without_key_is_reported_and_the_rest_goes_on(self, peer):
        peer.server.items["k0"]["id"] = ""
        peer.server.items["k0"]["modified_at"] = NOON.isoformat()
        peer.server.items = {each["id"]: each for each in peer.server.items.values()}
        follower = Follower(peer)
        assert len(await follower.sync()) == 9
        assert [each.problem.code for each in follower.rejected] == ["missing-key"]


class TestExpiredCursor:
    async def test_an_expired_cursor_begins_again_and_says_what_is_gone(self, crm):
        await crm.put("a", "first", NOON)
        await crm.put("b", "first", NOON)
        crm.open(cursor={"param": "delta", "delta": "delta"})
        follower = Follower(crm)
        await follower.sync()
        assert follower.cursor == '{"token":"d1"}'
        del crm.server.items["a"]
        crm.server.faults.append(410)
        await follower.sync()
        assert follower.pages[-1].complete
        assert [each.key for page in follower.pages[-2:] for each in page.records] == ["b"]
        assert [request.params for request in crm.server.seen] == [{}, {"delta": "d1"}, {}]


class TestSigningIn:
    def oauth(self, crm):
        secret = {"client_id": "me", "client_secret": "s3", "token_url": f"{crm.server.url}/token"}
        return {"auth": {"oauth2": secret}}

    async def test_a_token_is_fetched_once_and_renewed_when_refused(self, crm):
        for number in range(10):
            await crm.put(f"k{number}", "first", NOON)
        crm.server.token = "none yet"
        crm.open(source=self.oauth(crm))
        crm.server.faults += [None, None, 401]
        assert len(await Follower(crm).sync()) == 10
        paths = [request.path for request in crm.server.seen]
        assert paths == ["/token", "/items", "/items", "/token", "/items", "/items"]

    async def test_no_token_is_a_source_down(self, crm):
        crm.server.faults += [400]
        crm.open(source=self.oauth(crm))
        with pytest.raises(SourceDown, match=r"/token gave no token"):
            await Follower(crm).sync()

    async def test_without_a_token_a_write_is_surely_not_done(self, crm):
        crm.server.faults += [500]
        crm.open(source={**self.oauth(crm), "write": True})
        receipt = await crm.connector.perform("create_task", PAYLOAD, "key-1")
        assert (receipt.result, crm.server.tasks) == ("unavailable", [])

    @pytest.mark.parametrize(
        ("auth", "header", "value"),
        [
            ({"bearer": "s"}, "authorization", "Bearer s"),
            ({"basic": {"user": "u", "password": "p"}}, "authorization", "Basic dTpw"),
            ({"key": {"value": "s"}}, "x-api-key", "s"),
        ],
    )
    async def test_secrets_travel_in_headers(self, crm, auth, header, value):
        await Follower(crm.open(source={"auth": auth})).sync()
        assert crm.server.seen[0].headers[header] == value

    async def test_a_key_may_travel_as_a_parameter(self, crm):
        await Follower(crm.open(source={"auth": {"key": {"value": "s", "param": "apikey"}}})).sync()
        assert crm.server.seen[0].params["apikey"] == "s"


class TestWriting:
    @pytest.fixture
    def peer(self, crm):
        return crm.open(source={"write": True})

    async def test_a_write_carries_our_key_and_its_receipt_names_the_record(self, peer):
        receipt = await peer.connector.perform("crm.create_task", PAYLOAD, "key-1")
        assert (receipt.result, receipt.reference, receipt.link, receipt.version) == ("ok", "1", "/tasks/1", '"1"')
        assert peer.server.tasks == [{"id": 1, "key": "key-1", "title": "CALL", "about": {"customer": "C1"}}]

    @pytest.mark.parametrize("fault", ["cut-after", "slow-after", "half", 500, 502, 504])
    async def test_when_the_answer_never_comes_it_is_uncertain_and_the_probe_knows(self, peer, fault):
        peer.server.faults.append(fault)
        assert (await peer.connector.perform("create_task", PAYLOAD, "key-1")).result == "uncertain"
        assert len(peer.server.seen) == 1
        found = await peer.connector.probe("create_task", PAYLOAD, "key-1")
        assert (found is None) == (len(peer.server.tasks) == 0)

    async def test_a_probe_that_finds_nothing_says_so(self, peer):
        assert await peer.connector.probe("create_task", PAYLOAD, "key-1") is None

    async def test_a_probe_that_gets_no_answer_says_nothing(self, peer):
        peer.server.faults += [500, 500, 500]
        with pytest.raises(SourceDown):
            await peer.connector.probe("create_task", PAYLOAD, "key-1")

    async def test_nobody_listening_is_surely_not_done(self, peer):
        await peer.connector.aclose()
        peer.server.port = 9
        peer.open(source={"write": True})
        assert (await peer.connector.perform("create_task", PAYLOAD, "key-1")).result == "unavailable"

    @pytest.mark.parametrize(
        ("fault", "result", "wait"),
        [
            (400, "rejected", 0),
            (403, "rejected", 0),
            (422, "rejected", 0),
            (409, "conflict", 0),
            (401, "unavailable", 0),
            ((429, {"Retry-After": "7"}), "throttled", 7),
            ((503, {"Retry-After": "7"}), "unavailable", 7),
        ],
    )
    async def test_what_an_answer_means(self, peer, fault, result, wait):
        peer.server.faults.append(fault)
        receipt = await peer.connector.perform("create_task", PAYLOAD, "key-1")
        assert (receipt.result, receipt.retry_after) == (result, wait)
        assert "told to say" in receipt.detail
        assert peer.server.tasks == []

    async def test_a_stale_write_is_a_conflict(self, peer):
        await peer.put("a", "second", NOON)
        receipt = await peer.connector.perform("change", {"item": "a", "text": "third", "seen": '"first"'}, "key-1")
        assert (receipt.result, receipt.detail) == ("conflict", "status 412: the item has changed")
        receipt = await peer.connector.perform("change", {"item": "a", "text": "third", "seen": '"second"'}, "key-1")
        assert (receipt.result, peer.server.items["a"]["text"]) == ("ok", "third")

    async def test_without_the_version_that_was_seen_nothing_is_sent(self, peer):
        receipt = await peer.connector.perform("change", {"item": "a", "text": "third"}, "key-1")
        assert (receipt.result, receipt.detail) == ("rejected", "the payload has no seen, which the target asks for")
        assert peer.server.seen == []

    async def test_a_payload_cannot_leave_its_place_in_the_path(self, peer):
        payload = {"item": "../tasks?x=1", "text": "t", "seen": '"1"'}
        assert (await peer.connector.perform("change", payload, "key-1")).result == "rejected"
        assert peer.server.seen[0].path == "/items/..%2Ftasks%3Fx%3D1"

    async def test_a_missing_field_is_rejected(self, peer):
        receipt = await peer.connector.perform("create_task", {"title": "call"}, "key-1")
        assert (receipt.result, receipt.detail) == ("rejected", "the payload has no customer")

    async def test_without_write_true_nothing_is_sent(self, crm):
        receipt = await crm.open().connector.perform("create_task", PAYLOAD, "key-1")
        assert (receipt.result, crm.server.seen) == ("rejected", [])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"page": None}, "expected keys, found nothing"),
        ({"cursor": {"param": "since"}}, "a cursor needs either `field` or `delta`"),
        ({"page": {"kind": "keyset"}, "cursor": None}, "`page: {kind: keyset}` needs a cursor with a `field`"),
        ({"deleted": "gone ="}, "bad-expression"),
    ],
)
def test_contradictions_are_found_when_opening(tmp_path, change, message):
    peer = HttpPeer(Server(port=9), tmp_path)
    with pytest.raises(ConfigError) as caught:
        peer.open(**change)
    (problem,) = caught.value.problems
    assert message in {problem.message, problem.code}


def test_paging_must_be_said(tmp_path):
    settings = {"connector": "http", "url": "http://x", "streams": {"a": {"path": "/a", "key": "id"}}}
    with pytest.raises(ConfigError, match="an http stream needs the key `page`"):
        open_connector("crm", settings, Surroundings(tmp_path, ManualClock()))


class Time:
    def __init__(self):
        self.now, self.slept = 0.0, []

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.slept.append(round(seconds, 3))
        self.now += seconds


class TestLimits:
    async def test_background_requests_leave_a_lane_for_people(self):
        time = Time()
        bucket = TokenBucket(10, timedelta(seconds=10), 0.2, time, time.sleep)
        for _ in range(8):
            await bucket.take("background")
        assert time.slept == []
        await bucket.take("interactive")
        await bucket.take("interactive")
        assert time.slept == []
        await bucket.take("interactive")
        assert time.slept == [1]
        await bucket.take("background")
        assert time.now == pytest.approx(4)

    async def test_waiting_requests_never_exceed_the_rate(self):
        time = Time()
        bucket = TokenBucket(5, timedelta(seconds=1), 0, time, time.sleep)
        await asyncio.gather(*(bucket.take("background") for _ in range(25)))
        assert time.now >= 4

    def test_a_source_that_fails_is_left_alone_then_tried_by_one(self):
        time = Time()
        breaker = Breaker("crm", 3, timedelta(seconds=30), time)
        for _ in range(3):
            breaker.check()
            breaker.failed()
        with pytest.raises(SourceDown, match="failed 3 times in a row and is left alone for 30 s"):
            breaker.check()
        time.now = 31
        breaker.check()
        with pytest.raises(SourceDown):
            breaker.check()
        breaker.succeeded()
        breaker.check()
