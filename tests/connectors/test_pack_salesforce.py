"""The Salesforce pack on a simulator that simple-salesforce accepts first."""

from datetime import timedelta

import pytest

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
from tests.connectors.peers import absent
from tests.simulators.salesforce import VERSION, Salesforce
from tests.simulators.server import served


class Peer(Simulated):
    stream = "accounts"
    create = "create_task"
    change = "set_hold"
    payload = {"assignee": "005A", "customer": "001A", "title": "Call about invoice 7"}  # noqa: RUF012

    def open(self, *, write=False):
        environ = {
            "SALESFORCE_URL": f"{self.proxy.url}{VERSION}",
            "SALESFORCE_TOKEN_URL": f"{self.simulator.url}/services/oauth2/token",
            "SALESFORCE_CLIENT_ID": "me",
            "SALESFORCE_CLIENT_SECRET": "secret",
        }
        own = {"limits": self.limits(), "timeout": "PT4S", "write": write}
        self.connector = pack("salesforce", self.home, environ, self.clock, **own)
        return self

    async def put(self, key, text, at):
        self.simulator.put("Account", key, Name=text, at=at, IsDeleted=False, Opslayer_Hold__c=text == "held")

    async def remove(self, key):
        self.simulator.put("Account", key, at=NOON + timedelta(minutes=1), IsDeleted=True)

    def text(self, record):
        return record.data["Name"]

    async def warm(self):
        """Fetch the token, so that the next request is the write."""
        await self.connector.probe("create_task", self.payload, "none")

    async def created(self):
        return [each["Opslayer_Key__c"] for each in self.simulator.objects.get("Task", {}).values()]

    async def holds(self, key):
        return "second" if self.simulator.objects["Account"][key]["Opslayer_Hold__c"] else "changed by somebody"

    def changing(self, key, text, *, was):
        return {"customer": key, "hold": text == "second", "was": False}


@pytest.fixture
async def salesforce(tmp_path):
    with served(Salesforce()) as simulator:
        async with faulty(simulator.url) as proxy:
            peer = Peer(simulator, proxy, tmp_path)
            yield peer
            if peer.connector:
                await peer.connector.aclose()


class TestReading(ReadsEverything, ReadsChanges, ReadsDeletes, LivesThroughFaults):
    @pytest.fixture
    def peer(self, salesforce):
        return salesforce.open()


class TestWriting(WritesOnce, WritesOverWhatWasSeen):
    @pytest.fixture
    def peer(self, salesforce):
        return salesforce.open(write=True)

    @pytest.fixture
    def reader(self, salesforce):
        return salesforce.open()

    async def test_what_has_changed_since_is_a_conflict_and_stays(self, peer):
        peer.simulator.put("Account", "a", Opslayer_Hold__c=True)
        receipt = await peer.connector.perform("set_hold", {"customer": "a", "hold": True, "was": False}, "key-1")
        assert receipt.result == "conflict"

    async def test_the_same_key_makes_the_same_record(self, peer):
        for _ in range(2):
            assert (await peer.connector.perform("create_task", peer.payload, "key-1")).result == "ok"
        assert await peer.created() == ["key-1"]


async def test_every_stream_is_asked_for_as_the_server_understands(salesforce):
    salesforce.open()
    for stream in salesforce.connector.streams:
        salesforce.stream = stream
        follower = Follower(salesforce)
        await follower.sync()
        assert follower.rejected == []


def test_simple_salesforce_accepts_the_simulator():
    try:
        import requests
        from simple_salesforce import Salesforce as Client
        from simple_salesforce.exceptions import (
            SalesforceExpiredSession,
            SalesforceMalformedRequest,
            SalesforceResourceNotFound,
        )
    except ImportError:
        absent("simple-salesforce", "simple-salesforce is not there: pip install simple-salesforce")
    with served(Salesforce()) as simulator:
        for number in range(10):
            simulator.put("Account", f"001{number}", Name=f"n{number}", at=NOON)
        session = requests.Session()
        session.mount("https://", _plain(requests))
        address = {"instance_url": simulator.url, "version": "62.0", "session": session}
        client = Client(session_id="session", **address)
        assert client.query_all("SELECT Id, Name FROM Account")["totalSize"] == 10
        assert len(client.query_all("SELECT Id, Name FROM Account")["records"]) == 10
        assert client.Account.get("0011")["Name"] == "n1"
        assert client.Task.upsert("Opslayer_Key__c/key-1", {"Subject": "call"}) == 201
        assert client.Task.upsert("Opslayer_Key__c/key-1", {"Subject": "again"}) == 200
        assert client.Task.get_by_custom_id("Opslayer_Key__c", "key-1")["Subject"] == "again"
        assert client.Account.update("0011", {"Name": "new"}) == 204
        assert client.Account.delete("0012") == 204
        gone = client.query_all("SELECT Id, IsDeleted FROM Account", include_deleted=True)
        assert [each["Id"] for each in gone["records"] if each["IsDeleted"]] == ["0012"]
        with pytest.raises(SalesforceResourceNotFound):
            client.Account.get("nobody")
        with pytest.raises(SalesforceMalformedRequest):
            client.query("SELEC Id")
        with pytest.raises(SalesforceExpiredSession):
            Client(session_id="worn out", **address).query("SELECT Id FROM Account")


def _plain(requests):
    """The client insists on TLS, which a simulator on loopback has not."""

    class Plain(requests.adapters.HTTPAdapter):
        def send(self, request, **options):
            request.url = request.url.replace("https://", "http://")
            return super().send(request, **options)

    return Plain()
