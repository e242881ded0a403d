import asyncio
import mailbox
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP

from connectors.mail.marks import message_id
from connectors.mail.text import from_html, split_quoted
from connectors.registry import open_connector
from connectors.settings import Surroundings
from engine.ports import Connector, SourceDown
from tests.connectors.conformance import NOON, Follower, ManualClock, ReadsEverything


@dataclass
class MailPeer:
    home: Path
    clock: ManualClock = field(default_factory=ManualClock)
    stream: str = "inbox"
    page_size: int = 4
    connector: Connector | None = None

    def __post_init__(self):
        self.box = mailbox.Maildir(self.home / "box", create=True)
        settings = {"connector": "mail", "maildir": "box", "streams": {"inbox": {"page_size": 4}}}
        self.connector = open_connector("mail", settings, Surroundings(self.home, self.clock))

    async def put(self, key, text, at):
        message = EmailMessage()
        message["From"], message["To"], message["Message-ID"] = "Ada <Ada@example.com>", "us@example.org", f"<{key}>"
        message["Date"] = format_datetime(at)
        message.set_content(text)
        return self.box.add(message)

    def text(self, record):
        return record.data["text"]

    async def read(self, raw):
        self.box.add(raw)
        follower = Follower(self)
        await follower.sync()
        return follower

    async def fields(self, raw):
        (record,) = (await self.read(raw)).told
        return record.data


@pytest.fixture
def peer(tmp_path):
    return MailPeer(tmp_path)


class TestInbox(ReadsEverything):
    async def test_each_message_is_told_once(self, peer):
        await peer.put("a@x", "first", NOON)
        follower = Follower(peer)
        assert await follower.sync() == [("a@x", "first")]
        await peer.put("b@x", "second, with an earlier date", NOON.replace(year=2020))
        assert await follower.sync() == [("b@x", "second, with an earlier date")]
        assert await follower.sync() == []

    async def test_flags_and_moving_to_cur_tell_nothing_again(self, peer):
        name = await peer.put("a@x", "first", NOON)
        follower = Follower(peer)
        await follower.sync()
        message = peer.box[name]
        message.set_subdir("cur")
        message.set_flags("SR")
        peer.box[name] = message
        assert await follower.sync() == []

    async def test_reading_changes_nothing_in_the_mailbox(self, peer):
        await peer.put("a@x", "first", NOON)
        before = sorted(path.name for path in (peer.home / "box").rglob("*"))
        await Follower(peer).sync()
        assert sorted(path.name for path in (peer.home / "box").rglob("*")) == before

    async def test_a_removed_message_is_forgotten_by_the_cursor(self, peer):
        name = await peer.put("a@x", "first", NOON)
        follower = Follower(peer)
        await follower.sync()
        peer.box.remove(name)
        await follower.sync()
        assert follower.cursor == ""

    async def test_no_maildir_is_a_source_down(self, peer):
        (peer.home / "box").rename(peer.home / "gone")
        with pytest.raises(SourceDown, match="there is no Maildir at"):
            await Follower(peer).sync()


class TestMessage:
    async def test_what_a_reply_tells(self, peer):
        data = await peer.fields(
            b'From: "Kaya, Ay\xc5\x9fe" <Ayse@Example.com>\r\nTo: us@example.org, Other <o@example.org>\r\n'
            b"Subject: =?utf-8?q?=C3=96deme?=\r\nDate: Mon, 02 Mar 2026 10:00:00 +0300\r\n"
            b"Message-ID: <r1@example.com>\r\nIn-Reply-To: <m1@example.org>\r\n"
            b"References: <m0@example.org>\r\n <m1@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
            b"We pay on Friday.\r\n\r\nOn Mon, 2 Mar 2026 at 09:00, us <us@example.org> wrote:\r\n> Please pay\r\n"
        )
        assert data["from"] == "ayse@example.com"
        assert data["to"] == ["us@example.org", "o@example.org"]
        assert data["subject"] == "Ödeme"
        assert data["date"].isoformat() == "2026-03-02T10:00:00+03:00"
        assert data["in_reply_to"] == "m1@example.org"
        assert data["references"] == ["m0@example.org", "m1@example.org"]
        assert data["text"] == "We pay on Friday."
        assert data["quoted"].endswith("> Please pay")
        assert not data["automatic"]
        assert not data["own"]

    @pytest.mark.parametrize("charset", ["utf-8", "us-ascii", "no-such-charset"])
    async def test_a_wrong_charset_still_gives_the_text(self, peer, charset):
        head = f"From: a@x.com\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"
        assert (await peer.fields(head.encode() + "Müller".encode("latin-1")))["text"] == "Müller"

    async def test_attachments_are_counted_and_html_is_read_as_text(self, peer):
        message = EmailMessage()
        message["From"] = "a@x.com"
        message.set_content("<style>p {}</style><p>We pay<br>on <b>Friday</b> &amp; not before</p>", subtype="html")
        message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="invoice.pdf")
        data = await peer.fields(message.as_bytes())
        assert data["attachments"] == 1
        assert data["text"] == "We pay\non Friday & not before"

    async def test_an_automatic_answer_is_marked(self, peer):
        assert (await peer.fields(b"From: a@x.com\nAuto-Submitted: auto-replied\n\nAway"))["automatic"]

    async def test_a_message_without_id_is_known_by_its_file(self, peer):
        follower = await peer.read(b"From: a@x.com\n\nHello")
        assert follower.told[0].origin == f"box/{follower.told[0].key}"

    @pytest.mark.parametrize(
        ("raw", "words"),
        [
            (b"", "there are no headers"),
            (b"\n\njust words", "there are no headers"),
            (b"Subject: x\n\nno sender", "there is no sender address"),
            (b"From: a@x.com\nContent-Type: multipart/mixed\n\nno boundary", "broken MIME: NoBoundaryInMultipart"),
            (b"From: a@x.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ncut", "broken MIME: CloseBoundary"),
        ],
    )
    async def test_broken_mail_is_reported_and_the_rest_goes_on(self, peer, raw, words):
        await peer.put("good@x", "good", NOON)
        follower = await peer.read(raw)
        assert [each.key for each in follower.told] == ["good@x"]
        assert follower.rejected[0].problem.message.startswith(words)
        assert follower.rejected[0].raw == raw.decode()
        assert await follower.sync() == []
        assert len(follower.rejected) == 1


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Fine.\n\n> old\n> older", "Fine."),
        ("Fine.\n\nOn Mon, Mar 2, 2026 at 9:00 AM Accounts <a@example.org>\nwrote:\n\n> old", "Fine."),
        ("Gut.\n\nAm 02.03.2026 um 09:00 schrieb Accounts:\n> alt", "Gut."),
        ("Tamam.\n\n2 Mar 2026 Pzt, 09:00 tarihinde A <a@x.org> bunu yazd\u0131:\n> eski", "Tamam."),
        ("Fine.\n\n-----Original Message-----\nFrom: a\n\nold", "Fine."),
        ("Tamam.\n\nKimden: A <a@x.org>\nGönderildi: 2 Mart 2026\nKonu: x\n\neski", "Tamam."),
        ("> Will you pay?\nYes, on Friday.\n> All of it?\nHalf.", "Yes, on Friday.\nHalf."),
        ("Nothing quoted", "Nothing quoted"),
    ],
)
def test_quoted_history_is_cut_off(text, new):
    assert split_quoted(text)[0] == new


def test_html_without_text_is_empty():
    assert from_html("<html><head><title>x</title></head><body><script>1</script></body></html>") == ""


class Handler:
    """An SMTP server that does as its tests ask."""

    def __init__(self, **answers):
        self.answers = answers
        self.delivered = []

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802  (aiosmtpd's name)
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802  (aiosmtpd's name)
        self.delivered.append(envelope)
        if self.answers.get("data") == "cut":
            server.transport.abort()
        if self.answers.get("data") == "hang":
            await asyncio.Event().wait()
        return self.answers.get("data", "250 OK")


@asynccontextmanager
async def smtp(handler, tmp_path, **settings):
    servers = []

    def accept():
        servers.append(SMTP(handler, hostname="test"))
        return servers[-1]

    server = await asyncio.get_running_loop().create_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    source = {
        "connector": "mail",
        "write": True,
        "timeout": "PT4S",
        "smtp": {"host": "127.0.0.1", "port": str(port), "from": "accounts@example.org"},
        **settings,
    }
    connector = open_connector("mail", source, Surroundings(tmp_path, ManualClock()))
    yield connector
    server.close()
    await server.wait_closed()
    tasks = [each._handler_coroutine for each in servers if each._handler_coroutine]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


MAIL = {"to": "ada@example.com", "subject": "Ödeme bekliyoruz", "text": "Lütfen ödeyin.\n"}


class TestSending:
    async def test_a_mail_is_delivered_with_our_marks(self, tmp_path):
        handler = Handler()
        async with smtp(handler, tmp_path) as connector:
            receipt = await connector.perform("mail.send", {**MAIL, "in_reply_to": "r1@example.com"}, "key-1")
        (envelope,) = handler.delivered
        assert (receipt.result, receipt.reference) == ("ok", message_id("key-1", "example.org"))
        assert envelope.rcpt_tos == ["ada@example.com"]
        text = envelope.content.decode()
        assert f"Message-ID: <{receipt.reference}>" in text
        assert "In-Reply-To: <r1@example.com>" in text
        assert "X-Opslayer-Key: key-1" in text

    async def test_our_own_echo_is_recognised(self, tmp_path):
        handler = Handler()
        async with smtp(handler, tmp_path) as connector:
            await connector.perform("send", MAIL, "key-1")
        data = await MailPeer(tmp_path).fields(handler.delivered[0].content)
        assert data["own"]
        assert data["key"] == "key-1"
        assert data["text"] == "Lütfen ödeyin."
        assert data["subject"] == "Ödeme bekliyoruz"

    async def test_a_refused_recipient_is_rejected_in_the_servers_words_and_nobody_gets_it(self, tmp_path):
        handler = Handler(**{"gone@example.com": "550 5.1.1 No such user here"})
        async with smtp(handler, tmp_path) as connector:
            receipt = await connector.perform("send", {**MAIL, "to": ["ada@example.com", "gone@example.com"]}, "k")
        assert (receipt.result, receipt.detail) == ("rejected", "550 5.1.1 No such user here")
        assert handler.delivered == []

    async def test_4xx_is_throttled(self, tmp_path):
        async with smtp(Handler(**{"ada@example.com": "451 4.7.1 Greylisted"}), tmp_path) as connector:
            receipt = await connector.perform("send", MAIL, "k")
        assert (receipt.result, receipt.detail, receipt.retry_after) == ("throttled", "451 4.7.1 Greylisted", 300)

    async def test_refused_content_is_rejected(self, tmp_path):
        async with smtp(Handler(data="554 5.6.0 Spam"), tmp_path) as connector:
            assert (await connector.perform("send", MAIL, "k")).result == "rejected"

    @pytest.mark.parametrize("fault", ["cut", "hang"])
    async def test_a_cut_or_silence_after_data_is_uncertain(self, tmp_path, fault):
        handler = Handler(data=fault)
        async with smtp(handler, tmp_path) as connector:
            receipt = await connector.perform("send", MAIL, "k")
            assert receipt.result == "uncertain"
            with pytest.raises(SourceDown, match="a person must"):
                await connector.probe("send", MAIL, "k")

    async def test_nobody_listening_is_unavailable(self, tmp_path):
        source = {"connector": "mail", "write": True, "smtp": {"port": 9, "from": "a@example.org"}}
        connector = open_connector("mail", source, Surroundings(tmp_path, ManualClock()))
        assert (await connector.perform("send", MAIL, "k")).result == "unavailable"

    @pytest.mark.parametrize(
        "payload",
        [
            {"to": "ada@example.com\r\nBcc: evil@example.org"},
            {"to": "ada@example.com, evil@example.org"},
            {"to": "Ada <ada@example.com>"},
            {"to": "ada@example.com\0"},
            {"to": "nobody"},
            {"to": []},
            {"to": ["ada@example.com", ""]},
            {"subject": "Hello\nBcc: evil@example.org"},
            {"subject": "Hello\u2028Bcc: evil@example.org"},
            {"subject": ""},
            {"in_reply_to": "a@b>\r\nBcc: evil@example.org"},
            {"in_reply_to": "nothing like an id"},
            {"text": " "},
        ],
    )
    async def test_what_breaks_out_of_its_header_is_refused(self, tmp_path, payload):
        handler = Handler()
        async with smtp(handler, tmp_path) as connector:
            assert (await connector.perform("send", {**MAIL, **payload}, "k")).result == "rejected"
        assert handler.delivered == []

    async def test_without_write_true_nothing_is_sent(self, tmp_path):
        handler = Handler()
        async with smtp(handler, tmp_path, write=False) as connector:
            receipt = await connector.perform("send", MAIL, "k")
        assert (receipt.result, handler.delivered) == ("rejected", [])

    @pytest.mark.parametrize(("declared", "holds"), [("low", "medium"), ("high", "high")])
    async def test_yaml_may_raise_the_consequence_but_not_lower_it(self, tmp_path, declared, holds):
        async with smtp(Handler(), tmp_path, operations={"send": {"consequence": declared}}) as connector:
            assert connector.operations["send"].consequence == holds
