"""The Outlook pack on a simulator that msgraph-sdk accepts first."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.connectors.conformance import (
    NOON,
    Follower,
    LivesThroughFaults,
    ReadsDeletes,
    ReadsEverything,
    WritesOnce,
    faulty,
)
from tests.connectors.conformance.simulated import Simulated, pack
from tests.connectors.packs import compiled
from tests.connectors.peers import absent
from tests.simulators.outlook import Outlook, message
from tests.simulators.server import Simulator, served


class Peer(Simulated):
    stream = "inbox"
    create = "send"
    payload = {"to": "ayse@customer.example", "subject": "Invoice 7", "text": "Please look."}  # noqa: RUF012

    def open(self, *, write=False):
        environ = {
            "OUTLOOK_URL": f"{self.proxy.url}/v1.0/users/sales@acme.example",
            "OUTLOOK_TOKEN_URL": f"{self.simulator.url}/tenant/oauth2/v2.0/token",
            "OUTLOOK_CLIENT_ID": "me",
            "OUTLOOK_CLIENT_SECRET": "secret",
        }
        aliases = [self.simulator.url.removeprefix("http://")]
        own = {"limits": self.limits(), "timeout": "PT4S", "write": write, "aliases": aliases}
        self.connector = pack("outlook", self.home, environ, self.clock, **own)
        return self

    async def put(self, key, text, at):
        self.simulator.put("messages", key, **message("ayse@customer.example", key, text, at))

    async def remove(self, key):
        self.simulator.remove("messages", key)

    def text(self, record):
        return record.data.get("body", {}).get("content", "")

    async def warm(self):
        await self.connector.probe("send", self.payload, "none")

    async def created(self):
        return [each["key"] for each in self.simulator.sent]


@pytest.fixture
async def outlook(tmp_path):
    with served(Outlook()) as simulator:
        async with faulty(simulator.url) as proxy:
            peer = Peer(simulator, proxy, tmp_path)
            yield peer
            if peer.connector:
                await peer.connector.aclose()


class TestReading(ReadsEverything, ReadsDeletes, LivesThroughFaults):
    @pytest.fixture
    def peer(self, outlook):
        return outlook.open()

    async def test_only_changes_are_told_afterwards(self, peer):
        await peer.put("a", "first", NOON)
        follower = Follower(peer)
        await follower.sync()
        assert await follower.sync() == []
        await peer.put("b", "second", NOON)
        assert await follower.sync() == [("b", "second")]

    async def test_an_expired_delta_link_begins_again_and_says_what_is_gone(self, peer):
        await peer.put("a", "first", NOON)
        await peer.put("b", "first", NOON)
        follower = Follower(peer)
        await follower.sync()
        await peer.remove("a")
        peer.simulator.expired = True
        start = len(follower.pages)
        await follower.sync()
        assert follower.pages[-1].complete
        assert [each.key for page in follower.pages[start:] for each in page.records] == ["b"]


class TestCalendar(ReadsEverything, ReadsDeletes):
    @pytest.fixture
    def peer(self, outlook):
        async def put(key, text, at):
            start = {"dateTime": at.strftime("%Y-%m-%dT%H:%M:%S.0000000"), "timeZone": "UTC"}
            outlook.simulator.put("events", key, subject="visit", start=start, body={"content": text})

        async def remove(key):
            outlook.simulator.remove("events", key)

        outlook.stream, outlook.put, outlook.remove = "calendar", put, remove
        return outlook.open()

    async def test_only_changes_are_told_afterwards(self, peer):
        await peer.put("a", "first", NOON)
        follower = Follower(peer)
        await follower.sync()
        assert await follower.sync() == []
        await peer.put("a", "moved", NOON)
        assert await follower.sync() == [("a", "moved")]

    async def test_who_is_asked_to_a_meeting_is_told_one_by_one(self, peer):
        await peer.put("a", "first", NOON)
        asked = ("Ada", "Ada@Customer.example", "required", "accepted"), ("Bo", "bo@x.example", "optional", "none")
        people = [
            {"emailAddress": {"name": name, "address": address}, "type": kind, "status": {"response": answer}}
            for name, address, kind, answer in asked
        ]
        until = {"dateTime": "2026-03-02T13:00:00.0000000", "timeZone": "UTC"}
        peer.simulator.put(
            "events", "a", attendees=people, end=until, isCancelled=False, location={"displayName": "HQ"}
        )
        follower = Follower(peer)
        await follower.sync()
        meeting, *told = compiled("outlook").map(follower.told[-1])
        assert meeting.event.fields["customer"] == "email:ada@customer.example"
        assert [each.event.fields["email"] for each in told] == ["ada@customer.example", "bo@x.example"]
        assert {each.event.fields["meeting"] for each in told} == {meeting.event.record}
        assert (told[0].event.fields["answer"], told[1].event.fields["role"]) == ("accepted", "optional")


class TestWriting(WritesOnce):
    @pytest.fixture
    def peer(self, outlook):
        return outlook.open(write=True)

    @pytest.fixture
    def reader(self, outlook):
        return outlook.open()

    async def test_a_write_is_done_and_its_receipt_names_the_record(self, peer):
        receipt = await peer.connector.perform(peer.create, peer.payload, "key-1")
        assert (receipt.result, await peer.created()) == ("ok", ["key-1"])
        assert (await peer.connector.probe(peer.create, peer.payload, "key-1")).reference == "AAMk0"

    async def test_two_requests_with_one_key_are_one_event(self, peer):
        times = {"starts": datetime(2026, 3, 3, 9, tzinfo=UTC), "ends": datetime(2026, 3, 3, 10, tzinfo=UTC)}
        for _ in range(2):
            receipt = await peer.connector.perform("create_event", {"title": "Visit", **times}, "key-1")
        assert (receipt.result, receipt.reference, len(peer.simulator.items["events"])) == ("ok", "AAMkE0", 1)


class Hook(Simulator):
    """An address that answers Graph's challenge, and keeps what it is told."""

    def __init__(self):
        self.told = []

    def handle(self, asked):
        if "validationToken" in asked.query:
            return 200, asked.query["validationToken"], {"Content-Type": "text/plain"}
        self.told += asked.body["value"]
        return 202, None, {}


def sdk(simulator):
    """Microsoft's own client, at the simulator."""
    try:
        from kiota_abstractions.authentication import AnonymousAuthenticationProvider
        from msgraph import GraphRequestAdapter, GraphServiceClient
    except ImportError:
        absent("msgraph-sdk", "msgraph-sdk is not there: pip install msgraph-sdk")

    class Bearer(AnonymousAuthenticationProvider):
        async def authenticate_request(self, request, additional_authentication_context=None):
            request.headers.try_add("Authorization", "Bearer graph")

    adapter = GraphRequestAdapter(Bearer())
    adapter.base_url = f"{simulator.url}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the SDK's own
async def test_msgraph_sdk_accepts_the_simulator():
    with served(Outlook()) as simulator:
        user = sdk(simulator).users.by_user_id("sales@acme.example")
        from kiota_abstractions.api_error import APIError
        from msgraph.generated.models.body_type import BodyType
        from msgraph.generated.models.event import Event
        from msgraph.generated.models.item_body import ItemBody
        from msgraph.generated.models.message import Message
        from msgraph.generated.users.item.send_mail.send_mail_post_request_body import SendMailPostRequestBody

        for number in range(6):
            simulator.put("messages", f"m{number}", **message("a@b.example", f"s{number}", "text", NOON))
        delta = user.mail_folders.by_mail_folder_id("inbox").messages.delta
        first = await delta.get()
        assert [each.subject for each in first.value] == ["s0", "s1", "s2", "s3"]
        second = await delta.with_url(first.odata_next_link).get()
        assert len(second.value) == 2
        simulator.put("messages", "m0", subject="changed")
        changed = await delta.with_url(second.odata_delta_link).get()
        assert [each.subject for each in changed.value] == ["changed"]
        simulator.expired = True
        with pytest.raises(APIError) as caught:
            await delta.with_url(changed.odata_delta_link).get()
        assert caught.value.response_status_code == 410
        mail = Message(subject="hello", body=ItemBody(content="text", content_type=BodyType.Text))
        await user.send_mail.post(SendMailPostRequestBody(message=mail, save_to_sent_items=True))
        assert simulator.sent[0]["subject"] == "hello"
        made = await user.events.post(Event(subject="visit", transaction_id="t1"))
        again = await user.events.post(Event(subject="visit", transaction_id="t1"))
        assert made.id == again.id


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the SDK's own
async def test_msgraph_sdk_accepts_the_simulators_subscriptions():
    with served(Outlook()) as simulator, served(Hook()) as hook:
        subscriptions = sdk(simulator).subscriptions
        from kiota_abstractions.api_error import APIError
        from msgraph.generated.models.subscription import Subscription

        wanted = Subscription(
            change_type="created,updated",
            notification_url=hook.url,
            lifecycle_notification_url=hook.url,
            resource="users/sales@acme.example/events",
            expiration_date_time=NOON + timedelta(days=6),
            client_state="state",
        )
        simulator.now = lambda: NOON
        made = await subscriptions.post(wanted)
        assert made.expiration_date_time == NOON + timedelta(days=6)
        longer = Subscription(expiration_date_time=NOON + timedelta(days=7))
        assert (await subscriptions.by_subscription_id(made.id).patch(longer)).client_state == "state"
        with pytest.raises(APIError, match="10080"):
            await subscriptions.by_subscription_id(made.id).patch(
                Subscription(expiration_date_time=NOON + timedelta(days=8))
            )
        await asyncio.to_thread(simulator.notify, made.id, changeType="created", resource="Users/u/Events/E")
        assert [each["clientState"] for each in hook.told] == ["state"]
        await subscriptions.by_subscription_id(made.id).delete()
        with pytest.raises(APIError) as gone:
            await subscriptions.by_subscription_id(made.id).patch(longer)
        assert gone.value.response_status_code == 404
        unreachable = Subscription(
            change_type="created",
            notification_url="http://127.0.0.1:9/",
            resource="users/x/events",
            expiration_date_time=NOON + timedelta(days=1),
        )
        with pytest.raises(APIError, match="validation"):
            await subscriptions.post(unreachable)
