"""The HubSpot pack on a simulator that hubspot-api-client accepts first."""

from datetime import timedelta

import pytest

from engine.ports import SourceDown
from tests.connectors.conformance import (
    NOON,
    Follower,
    LivesThroughFaults,
    ReadsChanges,
    ReadsDeletes,
    ReadsEverything,
    WritesOnce,
    WritesOverWhatWasSeen,
    faulty,
)
from tests.connectors.conformance.simulated import Simulated, pack
from tests.connectors.packs import compiled, home_of
from tests.connectors.peers import absent
from tests.simulators.hubspot import HubSpot
from tests.simulators.server import served


class Peer(Simulated):
    stream = "companies"
    create = "create_task"
    change = "set_hold"
    renews = False
    payload = {"assignee": "7", "customer": "17", "title": "Call about invoice 7"}  # noqa: RUF012

    def open(self, *, write=False):
        own = {"url": self.proxy.url, "limits": self.limits(), "timeout": "PT4S", "write": write}
        self.connector = pack("hubspot", self.home, {"HUBSPOT_TOKEN": "hs"}, self.clock, **own)
        return self

    async def put(self, key, text, at):
        self.simulator.put("companies", key, at, name=text, opslayer_hold="true" if text == "held" else "false")

    async def remove(self, key):
        self.simulator.archive("companies", key, self.clock.now())
        self.clock.advance(minutes=15)

    def text(self, record):
        return record.data["properties"]["name"] if not record.deleted else ""

    async def warm(self):
        """Nothing is asked for before the write."""

    async def created(self):
        return [each["properties"]["opslayer_key"] for each in self.simulator.objects.get("tasks", {}).values()]

    async def holds(self, key):
        held = self.simulator.objects["companies"][key]["properties"]["opslayer_hold"] == "true"
        return "second" if held else "changed by somebody"

    def changing(self, key, text, *, was):
        return {"customer": key, "hold": text == "second", "was": False}


@pytest.fixture
async def hubspot(tmp_path):
    with served(HubSpot()) as simulator:
        async with faulty(simulator.url) as proxy:
            peer = Peer(simulator, proxy, tmp_path)
            yield peer
            if peer.connector:
                await peer.connector.aclose()


class TestReading(ReadsEverything, ReadsChanges, ReadsDeletes, LivesThroughFaults):
    @pytest.fixture
    def peer(self, hubspot):
        return hubspot.open()

    async def test_the_first_reading_is_by_list_and_what_changes_by_search(self, peer):
        await peer.put("a", "first", NOON)
        follower = Follower(peer)
        await follower.sync()
        assert [line.split("?")[0] for line in peer.proxy.seen] == ["GET /crm/v3/objects/companies"]
        await follower.sync()
        assert peer.proxy.seen[1].startswith("POST /crm/v3/objects/companies/search")

    async def test_more_changes_than_one_question_may_find_are_all_found(self, peer):
        peer.simulator.cap = 8
        await peer.put("k", "first", NOON)
        follower = Follower(peer)
        await follower.sync()
        for number in range(30):
            await peer.put(f"k{number}", "second", NOON + timedelta(seconds=number // 3))
        await follower.sync()
        assert (len(follower.state()), follower.doubles()) == (31, [])

    async def test_more_than_one_question_may_find_of_one_moment_are_not_passed_over(self, peer):
        peer.simulator.cap = 8
        follower = Follower(peer)
        await follower.sync()
        for number in range(12):
            await peer.put(f"k{number}", "imported at once", NOON)
        with pytest.raises(SourceDown, match="paging beyond 8 results"):
            await follower.sync()
        peer.clock.advance(days=1)
        await follower.sync()
        assert len(follower.state()) == 12

    async def test_what_search_has_not_indexed_yet_is_found_later(self, peer):
        await peer.put("a", "first", NOON)
        follower = Follower(peer)
        await follower.sync()
        peer.simulator.lagging = True
        await peer.put("slow", "indexed late", NOON + timedelta(minutes=1))
        assert await follower.sync() == []
        peer.simulator.lagging = False
        await peer.put("b", "indexed at once", NOON + timedelta(minutes=4))
        assert sorted(await follower.sync()) == [("b", "indexed at once"), ("slow", "indexed late")]

    async def test_what_search_has_not_indexed_yet_is_not_taken_for_gone(self, peer):
        await peer.put("a", "first", NOON)
        follower = Follower(peer)
        await follower.sync()
        peer.simulator.lagging = True
        await peer.put("new", "known by a webhook", NOON + timedelta(minutes=1))
        await follower.sync()
        assert not follower.pages[-1].complete
        peer.clock.advance(days=1)
        start = len(follower.pages)
        await follower.sync()
        assert follower.pages[-1].complete
        assert {each.key for page in follower.pages[start:] for each in page.records} == {"a", "new"}

    async def test_a_deletion_is_told_once_though_the_archive_keeps_it(self, peer):
        await peer.put("a", "first", NOON)
        await peer.put("b", "first", NOON)
        follower = Follower(peer)
        await follower.sync()
        await peer.remove("a")
        for _ in range(3):
            await follower.sync()
            peer.clock.advance(minutes=20)
        assert [each.key for each in follower.told if each.deleted] == ["a"]

    async def test_what_was_archived_before_the_first_reading_was_never_known(self, peer):
        await peer.put("a", "first", NOON)
        peer.simulator.archive("companies", "a", NOON - timedelta(days=1))
        follower = Follower(peer)
        await follower.sync()
        peer.clock.advance(minutes=30)
        await follower.sync()
        assert follower.told == []


class TestWriting(WritesOnce, WritesOverWhatWasSeen):
    @pytest.fixture
    def peer(self, hubspot):
        return hubspot.open(write=True)

    @pytest.fixture
    def reader(self, hubspot):
        return hubspot.open()

    async def test_what_has_changed_since_is_a_conflict_and_stays(self, peer):
        await peer.put("a", "held", NOON)
        receipt = await peer.connector.perform("set_hold", {"customer": "a", "hold": True, "was": False}, "key-1")
        assert receipt.result == "conflict"

    async def test_the_same_key_is_one_task(self, peer):
        for _ in range(2):
            assert (await peer.connector.perform("create_task", peer.payload, "key-1")).result == "ok"
        assert await peer.created() == ["key-1"]

    async def test_a_task_that_was_made_is_read_with_its_company(self, peer):
        await peer.connector.perform("create_task", peer.payload, "key-1")
        peer.stream = "tasks"
        pages = [page async for page in peer.connector.read("tasks", "")]
        (task,) = [each for page in pages for each in page.records]
        assert task.data["associations"]["companies"]["results"][0]["id"] == "17"


async def test_every_stream_is_asked_for_as_the_server_understands(hubspot):
    hubspot.open()
    hubspot.simulator.objects["owners"] = {"7": {"id": "7", "email": "a@b.example", "archived": False}}
    for kind in ("companies", "contacts", "deals", "line_items", "tasks", "notes"):
        hubspot.simulator.put(kind, "1", NOON)
    for stream in hubspot.connector.streams:
        pages = [page async for page in hubspot.connector.read(stream, "")]
        assert [len(page.rejected) for page in pages] == [0] * len(pages)
        assert sum(len(page.records) for page in pages) == 1, stream


async def test_a_line_belongs_to_its_deal(hubspot):
    hubspot.open()
    line = {"name": "Bolt", "hs_sku": "B1", "quantity": "10", "price": "2.5", "amount": "25"}
    hubspot.simulator.put("line_items", "7", NOON, **line, hs_line_item_currency_code="EUR")["to"] = ["70"]
    pages = [page async for page in hubspot.connector.read("line_items", "")]
    (record,) = [each for page in pages for each in page.records]
    told = compiled("hubspot").map(record)[0].event.fields
    assert (told["quote"], told["product"]) == ("hubspot/deals/70", "sku:B1")
    assert (told["quantity"], str(told["unit_price"]), str(told["amount"])) == (10, "2.5 EUR", "25 EUR")


@pytest.mark.parametrize("stream", ["companies", "contacts", "deals"])
def test_the_same_is_asked_of_list_search_and_single_record(stream):
    options = home_of("hubspot", "    order: 1\n").sources.sources["hubspot"].options["streams"][stream]
    listed = options["scan"]["params"]["properties"]
    assert ",".join(options["body"]["properties"]) == listed
    assert options["one"]["path"].endswith(f"properties={listed}")


def test_hubspot_api_client_accepts_the_simulator():
    try:
        import hubspot
        from hubspot.crm import companies, objects
    except ImportError:
        absent("hubspot-api-client", "hubspot-api-client is not there: pip install hubspot-api-client")
    with served(HubSpot(cap=8)) as simulator:
        crm = hubspot.Client.create(access_token="hs", host=simulator.url).crm
        for number in range(6):
            simulator.put("companies", f"{number}", NOON + timedelta(minutes=number), name=f"n{number}")
        assert [each.properties["name"] for each in crm.companies.get_all(properties=["name"])] == [
            f"n{number}" for number in range(6)
        ]
        since = str(int((NOON + timedelta(minutes=4)).timestamp() * 1000))
        condition = companies.Filter(property_name="hs_lastmodifieddate", operator="GTE", value=since)
        asked = companies.PublicObjectSearchRequest(
            filter_groups=[companies.FilterGroup(filters=[condition])], sorts=["hs_lastmodifieddate"], limit=200
        )
        assert [each.id for each in crm.companies.search_api.do_search(asked).results] == ["4", "5"]
        asked.filter_groups, asked.after = [], "8"
        with pytest.raises(companies.ApiException) as beyond:
            crm.companies.search_api.do_search(asked)
        assert beyond.value.status == 400
        changed = companies.SimplePublicObjectInput(properties={"name": "new"})
        assert crm.companies.basic_api.update("1", changed).properties["hs_object_id"] == "1"
        crm.companies.basic_api.archive("2")
        (gone,) = crm.companies.basic_api.get_page(archived=True).results
        assert (gone.id, gone.archived_at is not None) == ("2", True)
        made = crm.objects.tasks.basic_api.create(
            objects.tasks.SimplePublicObjectInputForCreate(properties={"opslayer_key": "k"}, associations=[])
        )
        assert crm.objects.tasks.basic_api.get_by_id("k", id_property="opslayer_key").id == made.id
        with pytest.raises(companies.ApiException) as missing:
            crm.companies.basic_api.get_by_id("nobody")
        assert missing.value.status == 404
