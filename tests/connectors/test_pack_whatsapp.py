"""The WhatsApp pack on a simulator that pywa accepts first."""

import httpx
import pytest

from tests.connectors.conformance import LivesThroughFaults, ReadsEverything, ScansForDeletes, faulty
from tests.connectors.conformance.simulated import Simulated, pack
from tests.connectors.peers import absent
from tests.simulators.server import served
from tests.simulators.whatsapp import WhatsApp


class Peer(Simulated):
    stream = "templates"
    renews = False

    def open(self, *, write=False):
        environ = {"WHATSAPP_URL": f"{self.proxy.url}/v21.0", "WHATSAPP_TOKEN": "wa"}
        own = {"limits": self.limits(), "timeout": "PT4S", "write": write}
        self.connector = pack("whatsapp", self.home, environ, self.clock, **own)
        return self

    async def put(self, key, text, at):
        self.simulator.templates.append({"id": key, "name": text, "status": "APPROVED", "language": "tr"})

    async def remove(self, key):
        self.simulator.templates[:] = [each for each in self.simulator.templates if each["id"] != key]

    def text(self, record):
        return record.data["name"]


@pytest.fixture
async def whatsapp(tmp_path):
    with served(WhatsApp()) as simulator:
        async with faulty(simulator.url) as proxy:
            peer = Peer(simulator, proxy, tmp_path)
            yield peer
            if peer.connector:
                await peer.connector.aclose()


class TestReading(ReadsEverything, ScansForDeletes, LivesThroughFaults):
    @pytest.fixture
    def peer(self, whatsapp):
        return whatsapp.open()


class TestSending:
    TEXT = {"phone": "1055", "to": "905320000000", "text": "Merhaba"}  # noqa: RUF012

    @pytest.fixture
    def peer(self, whatsapp):
        return whatsapp.open(write=True)

    async def test_a_text_within_the_window_is_sent_and_carries_our_key(self, peer):
        peer.simulator.open_windows.add("905320000000")
        receipt = await peer.connector.perform("send_text", self.TEXT, "key-1")
        assert (receipt.result, receipt.reference) == ("ok", "wamid.1")
        assert peer.simulator.sent[0]["biz_opaque_callback_data"] == "key-1"

    async def test_a_text_outside_the_window_is_rejected_with_the_reason(self, peer):
        receipt = await peer.connector.perform("send_text", self.TEXT, "key-1")
        assert (receipt.result, receipt.detail) == ("rejected", "Re-engagement message")

    async def test_a_template_is_sent_with_its_values_in_order(self, peer):
        await peer.put("1", "payment_reminder", None)
        payload = {
            "phone": "1055",
            "to": "90532",
            "template": "payment_reminder",
            "language": "tr",
            "values": ["FTR1", "10 TL"],
        }
        assert (await peer.connector.perform("send_template", payload, "key-1")).result == "ok"
        (component,) = peer.simulator.sent[0]["template"]["components"]
        assert [each["text"] for each in component["parameters"]] == ["FTR1", "10 TL"]

    async def test_an_answer_that_never_comes_is_uncertain_and_nobody_sends_again(self, peer):
        peer.simulator.open_windows.add("905320000000")
        peer.faults.append("cut-after")
        assert (await peer.connector.perform("send_text", self.TEXT, "key-1")).result == "uncertain"
        assert peer.connector.operations["send_text"].idempotency == "none"


def test_pywa_accepts_the_simulator():
    try:
        from pywa import WhatsApp as Client
        from pywa.errors import ReEngagementMessage
    except ImportError:
        absent("pywa", "pywa is not there: pip install pywa")
    with served(WhatsApp()) as simulator:

        def here(request):
            target = httpx.URL(simulator.url)
            request.url = request.url.copy_with(scheme="http", host=target.host, port=target.port)

        session = httpx.Client(event_hooks={"request": [here]})
        client = Client(phone_id="1055", token="wa", session=session)
        simulator.open_windows.add("905320000000")
        sent = client.send_message("905320000000", "Merhaba")
        assert sent.id == "wamid.1"
        with pytest.raises(ReEngagementMessage):
            client.send_message("905321111111", "Merhaba")
        session.close()
