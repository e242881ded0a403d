"""Whether a delivery is its vendor's, held against what the vendors document and against their own library."""

import base64
import hmac
import json
import time
from datetime import UTC, datetime

import msgspec
import pytest

from connectors.hooks.delivery import Delivery, Denied, Unreadable
from connectors.registry import check, open_receiver
from connectors.settings import Surroundings
from engine.source import ConfigError
from tests.connectors.conformance import ManualClock
from tests.connectors.peers import absent

SECRET = "It's a Secret to Everybody"
GITHUB = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
STREAMS = {"orders": {"key": "item.id", "at": "item.at", "deleted": "item.gone"}}
BODY = b'{"id": "7", "at": "2026-03-02T12:00:00Z", "text": "caf\xc3\xa9"}'


@pytest.fixture
def opened(tmp_path):
    def opened(streams=None, at=None, **webhook):
        settings = {"connector": "webhook", "webhook": webhook, "streams": streams or STREAMS}
        clock = ManualClock(at or datetime.now(UTC))
        return open_receiver("shop", settings, Surroundings(tmp_path, clock))

    return opened


def post(body=BODY, url="https://ops.example.org/api/v1/hooks/shop", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Delivery(method="POST", url=url, headers=named, body=body)


def mac(message, algorithm="sha256", secret=SECRET):
    return hmac.new(secret.encode(), message, algorithm)


class TestSignatures:
    def test_githubs_published_example_is_accepted(self, opened):
        receiver = opened(hmac={"secret": SECRET, "header": "X-Hub-Signature-256", "prefix": "sha256="})
        delivery = post(b"Hello, World!", x_hub_signature_256=GITHUB)
        with pytest.raises(Unreadable):  # it is GitHub's, and no JSON
            receiver.hear(delivery)
        with pytest.raises(Denied, match="not right"):
            receiver.hear(msgspec.structs.replace(delivery, body=b"Hello, World?"))

    @pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
    @pytest.mark.parametrize("encoding", ["hex", "base64"])
    def test_algorithms_and_encodings(self, opened, algorithm, encoding):
        receiver = opened(hmac={"secret": SECRET, "header": "X-S", "algorithm": algorithm, "encoding": encoding})
        found = mac(BODY, algorithm)
        right = found.hexdigest().upper() if encoding == "hex" else base64.b64encode(found.digest()).decode()
        assert receiver.hear(post(x_s=right)).pushed[0].record.key == "7"
        for wrong in (right[:-2], "", found.hexdigest() + "0", "é"):
            with pytest.raises(Denied):
                receiver.hear(post(x_s=wrong))

    def test_bytes_that_are_no_text_are_signed_as_they_are(self, opened):
        message = "method + url + body + timestamp"
        receiver = opened(
            hmac={
                "secret": SECRET, "header": "X-HubSpot-Signature-v3", "encoding": "base64", "message": message,
                "timestamp_header": "X-HubSpot-Request-Timestamp", "clock": "ms",
            },
            url="https://ops.example.org/hooks",
        )  # fmt: skip
        at = str(int(time.time() * 1000))
        raw = b'{"id": "\xff\xfe"}'
        signed = base64.b64encode(mac(b"POSThttps://ops.example.org/hooks?a=b" + raw + at.encode()).digest()).decode()
        delivery = post(
            raw, url="http://inside:8000/x?a=b", x_hubspot_signature_v3=signed, x_hubspot_request_timestamp=at
        )
        with pytest.raises(Unreadable):
            receiver.hear(delivery)

    @pytest.mark.parametrize(("age", "taken"), [(0, True), (290, True), (310, False), (-310, False)])
    def test_what_was_signed_too_long_ago_is_refused(self, opened, age, taken):
        receiver = opened(
            hmac={
                "secret": SECRET, "header": "Stripe-Signature", "part": "v1", "timestamp_part": "t",
                "message": 'timestamp + "." + body',
            }
        )  # fmt: skip
        at = str(int(time.time()) - age)
        header = f"t={at},v1={'0' * 64},v1={mac(at.encode() + b'.' + BODY).hexdigest()}"
        if taken:
            assert receiver.hear(post(stripe_signature=header)).pushed
            return
        with pytest.raises(Denied, match="too far"):
            receiver.hear(post(stripe_signature=header))

    def test_two_secrets_are_good_while_the_vendor_changes(self, opened):
        receiver = opened(hmac={"secret": ["old", "new"], "header": "X-S"})
        for secret, taken in (("old", True), ("new", True), ("other", False)):
            delivery = post(x_s=mac(BODY, secret=secret).hexdigest())
            if taken:
                assert receiver.hear(delivery).pushed
            else:
                with pytest.raises(Denied):
                    receiver.hear(delivery)

    def test_a_shared_token_comes_in_a_header_or_a_parameter(self, opened):
        header = opened(token={"secret": "s3", "header": "Authorization", "prefix": "Bearer "})
        assert header.hear(post(authorization="Bearer s3")).pushed
        param = opened(token={"secret": "s3", "param": "token"})
        assert param.hear(post(url="https://x/hook?token=s3")).pushed
        for receiver, delivery in ((header, post(authorization="s3")), (param, post(url="https://x/hook?token=s"))):
            with pytest.raises(Denied):
                receiver.hear(delivery)

    def test_a_secret_in_the_body_must_be_in_every_part_of_it(self, opened):
        receiver = opened({"m": {"items": "body.value", "key": "item.id"}},
                          field={"secret": "s3", "at": "body.value.clientState"})  # fmt: skip
        right = {"value": [{"id": "a", "clientState": "s3"}, {"id": "b", "clientState": "s3"}]}
        assert len(receiver.hear(post(json.dumps(right).encode())).pushed) == 2
        right["value"][1]["clientState"] = "guess"
        for body in (json.dumps(right).encode(), b"{}", b"no json", b'{"value": []}'):
            with pytest.raises(Denied):
                receiver.hear(post(body))

    def test_the_library_of_standard_webhooks_signs_what_is_taken(self, opened):
        try:
            from standardwebhooks import Webhook
        except ImportError:
            absent("standardwebhooks", "standardwebhooks is not there: pip install standardwebhooks")
        secret = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
        receiver = opened(standard={"secret": secret})
        now = datetime.now(UTC)
        signature = "v1,AAAA " + Webhook(secret).sign("msg_1", now, BODY.decode())
        headers = {"webhook_id": "msg_1", "webhook_timestamp": str(int(now.timestamp()))}
        (pushed,) = receiver.hear(post(**headers, webhook_signature=signature)).pushed
        assert pushed.record.event_id == "hook/orders/msg_1/0"
        with pytest.raises(Denied):
            receiver.hear(post(**headers | {"webhook_id": "msg_2"}, webhook_signature=signature))

    @pytest.mark.parametrize(
        ("webhook", "words"),
        [
            ({}, "say how a delivery is proved"),
            ({"hmac": {"header": "X"}}, "needs a secret"),
            ({"hmac": {"header": "X", "secret": ""}}, "length >= 1"),
            ({"token": {"secret": []}}, "length >= 1"),
            ({"token": {"secret": "a"}, "handshake": {}}, "one of param, header, field"),
            ({"hmac": {"header": "X"}, "handshake": {"header": "Y", "keep": True}}, "needs a token"),
            ({"hmac": {"header": "X", "secret": "a", "algoritm": "md5"}}, "algoritm"),
        ],
    )
    def test_settings_that_would_let_anybody_in_are_refused(self, webhook, words):
        (problem,) = check("shop", {"connector": "webhook", "webhook": webhook, "streams": STREAMS})[:1]
        assert words in problem.message
        assert problem.place.file.startswith("sources.shop.webhook")


class TestHandshakes:
    def test_meta_asks_with_a_token(self, opened):
        receiver = opened(
            hmac={"secret": "a", "header": "X"},
            handshake={"param": "hub.challenge", "token": "mine", "sent_as": "hub.verify_token"},
        )
        ask = Delivery(
            method="GET", headers={}, url="https://x/h?hub.mode=subscribe&hub.verify_token=mine&hub.challenge=11%2B5"
        )
        assert receiver.greet(ask).text == "11+5"
        with pytest.raises(Denied):
            receiver.greet(msgspec.structs.replace(ask, url="https://x/h?hub.verify_token=no&hub.challenge=1"))
        assert receiver.greet(post()) is None

    def test_asana_brings_the_secret_and_what_it_signs_is_taken_from_then_on(self, opened):
        settings = {
            "hmac": {"header": "X-Hook-Signature"},
            "handshake": {"header": "X-Hook-Secret", "keep": True, "token": "mine"},
        }
        receiver = opened(**settings)
        signature = mac(BODY, secret="brought").hexdigest()
        with pytest.raises(Denied):
            receiver.hear(post(x_hook_signature=signature))
        with pytest.raises(Denied):
            receiver.greet(post(url="https://x/h?token=guess", x_hook_secret="theirs"))
        reply = receiver.greet(post(url="https://x/h?token=mine", x_hook_secret="brought"))
        assert reply.headers == {"X-Hook-Secret": "brought"}
        assert opened(**settings).hear(post(x_hook_signature=signature)).pushed  # after a restart too

    def test_a_challenge_in_the_body_is_answered_when_it_is_signed(self, opened):
        receiver = opened(hmac={"secret": SECRET, "header": "X-S"}, handshake={"field": "challenge"})
        body = b'{"type": "url_verification", "challenge": "3eZbrw"}'
        assert receiver.greet(post(body, x_s=mac(body).hexdigest())).text == "3eZbrw"
        with pytest.raises(Denied):
            receiver.greet(post(body, x_s="00"))


class TestReading:
    def hear(self, receiver, body):
        data = json.dumps(body).encode()
        return receiver.hear(post(data, x_s=mac(data).hexdigest()))

    def signed(self, opened, streams, **more):
        return opened(streams, hmac={"secret": SECRET, "header": "X-S"}, **more)

    def test_one_item_becomes_one_record_with_its_time_and_order(self, opened):
        receiver = self.signed(opened, {"orders": {
            "items": "body.events", "when": 'item.kind = "order"', "key": "item.order.id", "data": "item.order",
            "deleted": "item.gone = true", "at": "item.at", "order": "item.seq", "id": "item.event",
        }})  # fmt: skip
        events = [
            {"kind": "order", "event": "e1", "at": 1772452800, "seq": 5, "order": {"id": 7, "sum": 12.5}},
            {"kind": "other", "event": "e2"},
            {"kind": "order", "event": "e3", "seq": 6, "gone": True, "order": {"id": 8}},
        ]
        one, two = self.hear(receiver, {"events": events}).pushed
        assert (one.record.address, one.record.event_id, one.mark) == ("shop/orders/7", "hook/orders/e1", 5)
        assert one.record.valid_at == datetime(2026, 3, 2, 12, tzinfo=UTC)
        assert str(one.record.data["sum"]) == "12.5"
        assert (two.record.key, two.record.deleted, two.record.valid_at) == ("8", True, None)

    def test_an_item_without_key_is_rejected_and_the_others_come_in(self, opened):
        receiver = self.signed(opened, {"orders": {"items": "body", "key": "item.id"}})
        told = self.hear(receiver, [{"id": "a"}, {"name": "none"}, 5, {"id": "b"}])
        assert [each.record.key for each in told.pushed] == ["a", "b"]
        assert [each.problem.code for each in told.rejected] == ["faulty-item", "faulty-item"]

    def test_a_form_is_read_like_an_object(self, opened):
        receiver = opened(token={"secret": "s3"}, streams={"calls": {"key": "CallSid"}})
        told = receiver.hear(
            post(b"CallSid=CA1&From=%2B90532", x_webhook_token="s3",
                 content_type="application/x-www-form-urlencoded; charset=utf-8")
        )  # fmt: skip
        assert told.pushed[0].record.data == {"CallSid": "CA1", "From": "+90532"}

    def test_without_data_a_delivery_to_a_source_that_can_be_read_is_a_hint(self, tmp_path):
        settings = {
            "connector": "http", "url": "http://127.0.0.1:1",
            "webhook": {"token": {"secret": "s3"}, "id": "item.eventId", "streams": {
                "companies": {"when": 'item.object = "company"', "key": "item.objectId", "deleted": "item.gone"},
            }},
            "streams": {"companies": {"path": "/c", "key": "id", "page": {"kind": "none"}}},
        }  # fmt: skip
        receiver = open_receiver("crm", settings, Surroundings(tmp_path, ManualClock()))
        body = [{"object": "company", "objectId": 5, "eventId": 1}, {"object": "deal", "objectId": 6, "eventId": 2}]
        told = receiver.hear(post(json.dumps(body).encode(), x_webhook_token="s3"))
        ((id, hint),) = told.hints
        assert (id, hint.source, hint.stream, hint.key) == ("hook/companies/1", "crm", "companies", "5")

    def test_a_broken_expression_is_a_fault_when_the_source_is_opened(self, opened):
        with pytest.raises(ConfigError, match="expected"):
            self.signed(opened, {"orders": {"key": "item..id"}})


def test_the_key_of_the_library_is_ours():
    from connectors.hooks.standard import standard_key

    assert standard_key("whsec_" + base64.b64encode(b"abc").decode()) == b"abc"
    assert standard_key("not base64!") == b"not base64!"
