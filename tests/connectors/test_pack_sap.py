"""The SAP packs on a real CAP server: S/4HANA's services over OData V2, Business One's Service Layer over V4."""

from datetime import date

import httpx
import pytest

from connectors.values import plain
from tests.connectors.conformance import (
    NOON,
    Follower,
    LivesThroughFaults,
    ReadsChanges,
    ReadsEverything,
    WritesOnce,
    WritesOverWhatWasSeen,
    faulty,
)
from tests.connectors.conformance.simulated import Simulated, pack
from tests.connectors.packs import compiled
from tests.connectors.peers import cap

SETUP = {"X-Test-Setup": "1"}


@pytest.fixture(scope="session")
def service(tmp_path_factory):
    with cap(tmp_path_factory.mktemp("sap")) as url:
        yield url


class Sap(Simulated):
    """`simulator` is the address of the server."""

    root = ""
    entity_set = ""
    key = ""

    def client(self):
        return httpx.AsyncClient(base_url=f"{self.simulator}{self.root}", headers={"If-Match": "*", **SETUP})

    async def send(self, key, body):
        async with self.client() as client:
            found = await client.patch(f"/{self.entity_set}('{key}')", json=body)
            if found.status_code in {404, 412}:
                del client.headers["If-Match"]
                found = await client.post(f"/{self.entity_set}", json={self.key: key, **body})
            found.raise_for_status()

    async def stored(self, key):
        async with self.client() as client:
            return (await client.get(f"/{self.entity_set}('{key}')")).json()

    async def empty(self, *sets):
        async with self.client() as client:
            for name, keys in sets:
                while rows := (await client.get(f"/{name}")).json()["value"]:
                    for row in rows:
                        key = ",".join(f"{each}='{row[each]}'" for each in keys)
                        (await client.delete(f"/{name}({key})")).raise_for_status()


class BusinessOne(Sap):
    root = "/b1s/v2"
    entity_set = "BusinessPartners"
    key = "CardCode"
    stream = "customers"
    create = "create_activity"
    change = "set_frozen"
    payload = {"customer": "C1", "title": "Call", "text": "about invoice 7"}  # noqa: RUF012

    def open(self, *, write=False):
        environ = {
            "BUSINESS_ONE_URL": f"{self.proxy.url}/b1s/v2",
            "BUSINESS_ONE_COMPANY": "SBO",
            "BUSINESS_ONE_USER": "manager",
            "BUSINESS_ONE_PASSWORD": "p",
        }
        own = {"limits": self.limits(), "timeout": "PT4S", "write": write}
        self.connector = pack("business-one", self.home, environ, self.clock, **own)
        return self

    async def put(self, key, text, at):
        await self.send(
            key,
            {"CardName": text, "UpdateDate": at.date().isoformat(), "Frozen": "tYES" if "somebody" in text else "tNO"},
        )

    def text(self, record):
        return record.data["CardName"]

    async def warm(self):
        """Log in, so that the next request is the write."""
        await self.connector.probe("create_activity", self.payload, "none")

    async def created(self):
        async with self.client() as client:
            return [each["U_OpslayerKey"] for each in (await client.get("/Activities")).json()["value"]]

    async def holds(self, key):
        return {"tYES": "second", "tNO": "first"}[(await self.stored(key))["Frozen"]]

    def changing(self, key, text, *, was):
        return {"customer": key, "frozen": True, "was": False}


@pytest.fixture
async def b1(service, tmp_path):
    async with faulty(service) as proxy:
        peer = BusinessOne(service, proxy, tmp_path)
        await peer.empty(("BusinessPartners", ["CardCode"]), ("Activities", ["ActivityCode"]))
        yield peer
        if peer.connector:
            await peer.connector.aclose()


class TestBusinessOne(ReadsEverything, LivesThroughFaults):
    @pytest.fixture
    def peer(self, b1):
        return b1.open()

    async def test_a_session_that_ended_is_opened_again(self, peer):
        await peer.put("C1", "first", NOON)
        follower = Follower(peer)
        await follower.sync()
        async with peer.client() as client:
            (await client.post("/Expire")).raise_for_status()
        await peer.put("C1", "second", NOON)
        assert await follower.sync() == [("C1", "second")]

    async def test_changes_of_one_day_are_told_once_each_though_the_cursor_knows_only_days(self, peer):
        follower = Follower(peer)
        for text in ("first", "second", "third"):
            await peer.put("C1", text, NOON)
            assert await follower.sync() == [("C1", text)]
        assert await follower.sync() == []

    async def test_a_scan_a_day_finds_what_was_deleted(self, peer):
        for key in ("C1", "C2"):
            await peer.put(key, "first", NOON)
        follower = Follower(peer)
        await follower.sync()
        async with peer.client() as client:
            (await client.delete("/BusinessPartners('C1')")).raise_for_status()
        peer.clock.advance(days=1)
        start = len(follower.pages)
        await follower.sync()
        assert follower.pages[-1].complete
        assert {each.key for page in follower.pages[start:] for each in page.records} == {"C2"}

    @pytest.mark.parametrize("stream", ["items", "orders", "invoices"])
    async def test_every_stream_is_asked_for_as_the_server_understands(self, peer, stream):
        peer.stream = stream
        assert await Follower(peer).sync() == []

    @pytest.mark.parametrize(("kind", "stream"), [("Orders", "orders"), ("Invoices", "invoices")])
    async def test_a_document_comes_with_its_lines(self, peer, kind, stream):
        line = {"ItemCode": "A1", "Quantity": 3, "RemainingOpenQuantity": 1, "Price": 2.5, "LineTotal": 7.5}
        lines = [{"LineNum": number, **line} for number in range(6)]
        order = {
            "DocNum": 7,
            "CardCode": "C1",
            "DocCurrency": "EUR",
            "UpdateDate": "2026-03-02",
            "DocumentLines": lines,
        }
        async with peer.client() as client:
            await client.delete(f"/{kind}(17)")
            del client.headers["If-Match"]
            (await client.post(f"/{kind}", json={"DocEntry": 17, **order})).raise_for_status()
        peer.stream, peer.text = stream, lambda record: record.data["DocNum"]
        follower = Follower(peer)
        await follower.sync()
        (record,) = [each for each in follower.told if each.key == "17"]
        told = compiled("business-one").map(record)
        assert [each.event.record for each in told[1:]] == [
            f"business-one/{stream}/17#[{number}]" for number in range(6)
        ]
        assert told[1].event.fields.get("delivered") == (2 if stream == "orders" else None)
        assert (told[1].event.fields["product"], str(told[1].event.fields["amount"])) == ("sku:A1", "7.5 EUR")


class TestBusinessOneWriting(WritesOnce, WritesOverWhatWasSeen):
    @pytest.fixture
    def peer(self, b1):
        return b1.open(write=True)

    @pytest.fixture
    def reader(self, b1):
        return b1.open()

    async def test_what_has_changed_since_is_a_conflict_and_stays(self, peer):
        await peer.put("C1", "frozen by somebody", NOON)
        receipt = await peer.connector.perform("set_frozen", peer.changing("C1", "", was=""), "key-1")
        assert receipt.result == "conflict"


class S4(Sap):
    root = "/odata/v4/API_SALES_ORDER_SRV"
    entity_set = "A_SalesOrder"
    key = "SalesOrder"
    stream = "orders"
    create = "set_order_note"
    change = "set_delivery_block"
    renews = False
    payload = {"order": "17", "language": "EN", "text": "Do not ship before the call."}  # noqa: RUF012

    def open(self, *, write=False):
        environ = {"S4HANA_URL": f"{self.proxy.url}/odata/v2", "S4HANA_USER": "u", "S4HANA_PASSWORD": "p"}
        own = {"limits": self.limits(), "timeout": "PT4S", "write": write, "aliases": [f"localhost:{self.proxy.port}"]}
        self.connector = pack("s4hana", self.home, environ, self.clock, **own)
        return self

    async def put(self, key, text, at):
        body = {"SoldToParty": text, "LastChangeDateTime": at.isoformat().replace("+00:00", "Z")}
        await self.send(key, {**body, "DeliveryBlockReason": "09" if "somebody" in text else ""})

    def text(self, record):
        return record.data["SoldToParty"]

    async def holds(self, key):
        return {"01": "second", "09": "changed by somebody"}[(await self.stored(key))["DeliveryBlockReason"]]

    def changing(self, key, text, *, was):
        del text, was
        return {"order": key, "reason": "01", "was": ""}


@pytest.fixture
async def s4(service, tmp_path):
    async with faulty(service) as proxy:
        peer = S4(service, proxy, tmp_path)
        texts = ["SalesOrder", "Language", "LongTextID"]
        await peer.empty(
            ("A_SalesOrder", ["SalesOrder"]),
            ("A_SalesOrderItem", ["SalesOrder", "SalesOrderItem"]),
            ("A_SalesOrderText", texts),
        )
        yield peer
        if peer.connector:
            await peer.connector.aclose()


class TestS4Hana(ReadsEverything, ReadsChanges, LivesThroughFaults):
    @pytest.fixture
    def peer(self, s4):
        return s4.open()

    async def test_a_scan_a_day_finds_what_was_deleted(self, peer):
        for key in ("17", "18"):
            await peer.put(key, "first", NOON)
        follower = Follower(peer)
        await follower.sync()
        async with peer.client() as client:
            (await client.delete("/A_SalesOrder('17')")).raise_for_status()
        peer.clock.advance(days=1)
        start = len(follower.pages)
        await follower.sync()
        assert follower.pages[-1].complete
        assert {each.key for page in follower.pages[start:] for each in page.records} == {"18"}

    async def test_a_partner_that_is_to_be_archived_is_gone_and_told_by_its_day(self, peer):
        async with httpx.AsyncClient(base_url=f"{peer.simulator}/odata/v4/API_BUSINESS_PARTNER") as client:
            client.headers["If-Match"] = "*"
            for row in (await client.get("/A_BusinessPartner")).json()["value"]:
                await client.delete(f"/A_BusinessPartner('{row['BusinessPartner']}')")
            body = {"Customer": "17", "LastChangeDate": "2026-03-02"}
            await client.post("/A_BusinessPartner", json={"BusinessPartner": "17", **body}, headers={"If-Match": ""})
            await client.post("/A_BusinessPartner", json={"BusinessPartner": "18", **body}, headers={"If-Match": ""})
            peer.stream, peer.text = "customers", lambda record: record.data.get("BusinessPartnerFullName") or ""
            follower = Follower(peer)
            await follower.sync()
            await client.patch("/A_BusinessPartner('17')", json={"BusinessPartnerFullName": "Acme"})
            assert await follower.sync() == [("17", "Acme")]
            await client.patch("/A_BusinessPartner('17')", json={"IsMarkedForArchiving": True})
            assert await follower.sync() == []
        assert (follower.told[-1].key, follower.told[-1].deleted, sorted(follower.state())) == ("17", True, ["18"])

    @pytest.mark.parametrize("stream", ["customers", "products", "invoices"])
    async def test_every_stream_is_asked_for_as_the_server_understands(self, peer, stream):
        peer.stream = stream
        peer.text = lambda record: record.key
        follower = Follower(peer)
        await follower.sync()
        await follower.sync()
        assert follower.rejected == []

    async def test_a_business_partner_comes_with_dates_as_dates(self, peer):
        partner = {"Customer": "17", "CreationDate": "2020-01-31", "LastChangeDate": "2026-03-02"}
        async with httpx.AsyncClient(base_url=f"{peer.simulator}/odata/v4/API_BUSINESS_PARTNER") as client:
            await client.delete("/A_BusinessPartner('17')", headers={"If-Match": "*"})
            (await client.post("/A_BusinessPartner", json={"BusinessPartner": "17", **partner})).raise_for_status()
        peer.stream, peer.text = "customers", lambda record: record.key
        follower = Follower(peer)
        await follower.sync()
        (record,) = [each for each in follower.told if each.key == "17"]
        assert plain(record.data["CreationDate"], NOON.tzinfo) == date(2020, 1, 31)

    async def test_an_order_comes_with_its_items(self, peer):
        item = {"Material": "A1", "RequestedQuantity": 3, "TransactionCurrency": "EUR", "NetAmount": 7.5}
        items = [{"SalesOrderItem": f"{number}0", "PricingDate": "2026-01-31", **item} for number in range(1, 7)]
        async with peer.client() as client:
            del client.headers["If-Match"]
            body = {"SalesOrder": "17", "LastChangeDateTime": "2026-03-02T12:00:00Z", "to_Item": items}
            (await client.post("/A_SalesOrder", json=body)).raise_for_status()
        follower = Follower(peer)
        await follower.sync()
        (record,) = follower.told
        assert record.data["to_Item"][0]["PricingDate"] == date(2026, 1, 31)
        told = compiled("s4hana").map(record)
        assert [each.event.record for each in told[1:]] == [f"s4hana/orders/17#[{number}0]" for number in range(1, 7)]
        assert (told[1].event.fields["product"], str(told[1].event.fields["amount"])) == ("sku:A1", "7.5 EUR")
        assert len((await peer.connector.fetch("orders", "17")).data["to_Item"]) == 6

    async def test_an_invoice_comes_with_its_items(self, peer):
        item = {"BillingDocumentItem": "10", "Material": "A1", "BillingQuantity": 3, "NetAmount": 7.5}
        body = {"BillingDocument": "90", "LastChangeDateTime": "2026-03-02T12:00:00Z", "TransactionCurrency": "EUR"}
        async with httpx.AsyncClient(base_url=f"{peer.simulator}/odata/v4/API_BILLING_DOCUMENT_SRV") as client:
            whole = {**body, "to_Item": [{**item, "TransactionCurrency": "EUR"}]}
            (await client.post("/A_BillingDocument", json=whole)).raise_for_status()
            peer.stream, peer.text = "invoices", lambda record: record.key
            follower = Follower(peer)
            await follower.sync()
            await client.delete("/A_BillingDocument('90')")
        invoice, line = compiled("s4hana").map(follower.told[0])
        told = line.event.fields
        assert (told["invoice"], told["product"]) == (invoice.event.record, "sku:A1")
        assert (told["quantity"], str(told["amount"])) == (3, "7.5 EUR")


class TestS4HanaWriting(WritesOverWhatWasSeen):
    @pytest.fixture
    def peer(self, s4):
        return s4.open(write=True)

    async def test_a_delivery_block_needs_csrf_and_etag_and_gets_both(self, peer):
        await peer.put("17", "C1", NOON)
        receipt = await peer.connector.perform(
            "set_delivery_block", {"order": "17", "reason": "01", "was": ""}, "key-1"
        )
        assert (receipt.result, (await peer.stored("17"))["DeliveryBlockReason"]) == ("ok", "01")

    async def test_a_note_is_found_by_the_look_up(self, peer):
        assert await peer.connector.probe("set_order_note", peer.payload, "key-1") is None
        assert (await peer.connector.perform("set_order_note", peer.payload, "key-1")).result == "ok"
        assert (await peer.connector.probe("set_order_note", peer.payload, "key-1")).result == "ok"
