import imaplib
import shutil
import tempfile
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest

from connectors.registry import open_connector
from connectors.settings import Surroundings
from engine.ports import Connector, SourceDown
from engine.source import ConfigError
from tests.connectors.conformance import NOON, Follower, ManualClock, ReadsEverything
from tests.connectors.peers import free_port
from tests.connectors.peers.dovecot import dovecot


@dataclass
class ImapPeer:
    port: int
    clock: ManualClock = field(default_factory=ManualClock)
    stream: str = "inbox"
    page_size: int = 4
    connector: Connector | None = None

    def __post_init__(self):
        self.session = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        self.session.login("ada", "secret")
        self.open()

    def open(self, folder="", **imap):
        server = {"host": "127.0.0.1", "port": self.port, "user": "ada", "password": "secret", "tls": "none", **imap}
        settings = {"connector": "mail", "imap": server, "streams": {"inbox": {"page_size": 4, "folder": folder}}}
        self.connector = open_connector("mail", settings, Surroundings(Path(), self.clock))
        return self

    async def put(self, key, text, at=NOON):
        message = EmailMessage()
        message["From"], message["To"], message["Message-ID"] = "Ada <Ada@example.com>", "us@example.org", f"<{key}>"
        message["Date"] = format_datetime(at)
        message.set_content(text)
        self.append(message.as_bytes())

    def append(self, raw, folder="INBOX"):
        state, words = self.session.append(folder, None, None, raw)
        assert state == "OK", words

    def remove(self, uid):
        self.session.select("INBOX")
        self.session.uid("STORE", str(uid), "+FLAGS", r"(\Deleted)")
        self.session.expunge()

    def text(self, record):
        return record.data["text"]


@pytest.fixture(scope="module")
def server():
    # Not in pytest's folder: the server drops its privileges, and only the owner may enter that one.
    home = Path(tempfile.mkdtemp(prefix="dovecot-"))
    home.chmod(0o755)
    try:
        with dovecot(home) as port:
            yield port
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def peer(server):
    peer = ImapPeer(server)
    try:
        _, (count,) = peer.session.select("INBOX")
        if int(count):
            peer.session.store("1:*", "+FLAGS", r"(\Deleted)")
            peer.session.expunge()
        yield peer
    finally:
        peer.session.logout()


class TestDovecot(ReadsEverything):
    async def test_only_what_came_since_is_told(self, peer):
        await peer.put("a@x", "first")
        follower = Follower(peer)
        await follower.sync()
        await peer.put("b@x", "second")
        assert await follower.sync() == [("b@x", "second")]
        assert await follower.sync() == []

    async def test_a_new_process_goes_on_where_the_cursor_says(self, peer):
        for number in range(10):
            await peer.put(f"{number}@x", "text")
        follower = Follower(peer)
        await follower.sync(most_pages=1)
        peer.open()
        await peer.put("late@x", "text")
        await follower.sync()
        assert (len(follower.state()), follower.doubles()) == (11, [])

    async def test_holes_in_the_numbers_are_passed_over(self, peer):
        await peer.put("a@x", "first")
        follower = Follower(peer)
        await follower.sync()
        uid = int(follower.told[0].origin.rpartition("/")[2])
        await peer.put("b@x", "second")
        await peer.put("c@x", "third")
        peer.remove(uid + 1)
        assert await follower.sync() == [("c@x", "third")]

    async def test_reading_marks_nothing_as_read(self, peer):
        await peer.put("a@x", "first")
        await Follower(peer).sync()
        peer.session.select("INBOX")
        assert peer.session.search(None, "UNSEEN")[1] != [b""]

    async def test_a_folder_that_was_numbered_anew_is_told_again_under_the_same_keys(self, peer):
        peer.session.create("Other")
        peer.append(b"From: a@b.example\r\nMessage-ID: <m@x>\r\n\r\nfirst\r\n", "Other")
        follower = Follower(peer.open("Other"))
        await follower.sync()
        peer.session.delete("Other")
        peer.session.create("Other")
        peer.append(b"From: a@b.example\r\nMessage-ID: <m@x>\r\n\r\nfirst\r\n", "Other")
        peer.append(b"From: a@b.example\r\nMessage-ID: <n@x>\r\n\r\nsecond\r\n", "Other")
        assert await follower.sync() == [("m@x", "first"), ("n@x", "second")]
        assert len({each.event_id for each in follower.told}) == 2

    async def test_a_folder_may_have_any_name(self, peer):
        name = r'"M&APwBXw-teri &- \"A\""'
        peer.session.create(name)
        peer.append(b"From: a@b.example\r\n\r\nfirst\r\n", name)
        follower = Follower(peer.open('Müşteri & "A"'))
        assert [text for _, text in await follower.sync()] == ["first"]
        assert follower.told[0].key.startswith('Müşteri & "A"/')

    async def test_a_broken_message_waits_with_its_place(self, peer):
        peer.append(b"no header at all")
        await peer.put("b@x", "second")
        follower = Follower(peer)
        assert await follower.sync() == [("b@x", "second")]
        (rejected,) = follower.rejected
        assert rejected.problem.code == "broken-message"
        assert str(rejected.problem.place).startswith("INBOX/")


class TestFaults:
    async def test_a_wrong_password_is_said_without_it(self, peer):
        with pytest.raises(SourceDown, match="refuses the user 'ada' or the password") as raised:
            await Follower(peer.open(password="wrong")).sync()
        assert "wrong" not in str(raised.value)

    async def test_a_folder_that_is_not_there(self, peer):
        with pytest.raises(SourceDown, match="doesn't exist"):
            await Follower(peer.open("Nowhere")).sync()

    async def test_a_server_that_is_not_there(self, peer):
        with pytest.raises(SourceDown, match="does not answer"):
            await Follower(peer.open(port=free_port())).sync()

    async def test_a_server_without_tls_gets_no_password_unless_the_settings_say_so(self, peer):
        with pytest.raises(SourceDown):
            await Follower(peer.open(tls="starttls")).sync()

    async def test_mail_has_one_place(self):
        settings = {"connector": "mail", "maildir": "box", "imap": {"host": "h", "user": "u", "password": "p"}}
        with pytest.raises(ConfigError, match="not from both"):
            open_connector("mail", settings, Surroundings(Path(), ManualClock()))
