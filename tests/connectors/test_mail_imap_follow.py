"""What becomes of messages after they came, and TLS, on a real Dovecot: with QRESYNC, and as a server without it."""

import datetime as dt
import imaplib
import ipaddress
import shutil
import ssl
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.mail.following import changes
from connectors.mail.numbers import numbers, ranges
from connectors.registry import open_connector
from connectors.settings import Surroundings
from engine.ports import SourceDown
from engine.source import ConfigError
from tests.connectors.conformance import Follower, ManualClock, ReadsDeletes, ReadsEverything
from tests.connectors.peers.dovecot import dovecot
from tests.connectors.test_mail_imap import ImapPeer

PLAIN = "imap_capability = IMAP4rev1 UIDPLUS"


class Followed(ImapPeer):
    """Tells messages by Message-ID, as the conformance suite names them; records are named by their place."""

    def open(self, folder="", **imap):
        server = {"host": "127.0.0.1", "port": self.port, "user": "ada", "password": "secret", "tls": "none", **imap}
        stream = {"page_size": 4, "folder": folder, "follow": True}
        settings = {"connector": "mail", "imap": server, "streams": {"inbox": stream}}
        self.connector = open_connector("mail", settings, Surroundings(Path(), self.clock))
        return self

    def store(self, number, flag, how="+FLAGS"):
        self.session.select("INBOX")
        assert self.session.store(str(number), how, flag)[0] == "OK"

    def text(self, record):
        return record.data.get("text", "")


@contextmanager
def serving(more="", certificate=None):
    home = Path(tempfile.mkdtemp(prefix="dovecot-"))
    home.chmod(0o755)
    try:
        with dovecot(home, certificate and certificate(home), more) as port:
            yield port
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module", params=["", PLAIN], ids=["qresync", "plain"])
def server(request):
    with serving(request.param) as port:
        yield port, not request.param


@pytest.fixture
def peer(server):
    peer = Followed(server[0])
    try:
        _, (count,) = peer.session.select("INBOX")
        if int(count):
            peer.session.store("1:*", "+FLAGS", r"(\Deleted)")
            peer.session.expunge()
        yield peer
    finally:
        peer.session.logout()


def flags(records):
    return [(each.data["message_id"], each.data["flags"]) for each in records if not each.deleted]


class TestFollowing:
    @pytest.fixture
    async def follower(self, peer):
        for key in ("a@x", "b@x", "c@x"):
            await peer.put(key, "text")
        follower = Follower(peer)
        await follower.sync()
        follower.told.clear()
        return follower

    async def test_the_server_is_asked_as_it_can_answer(self, follower, server, monkeypatch):
        seen = []
        monkeypatch.setattr("connectors.mail.imap.changes", lambda *given: seen.append(given[3]) or changes(*given))
        await follower.sync()
        assert [point > 0 for point in seen] == [server[1]]

    async def test_changed_flags_are_told_with_the_message(self, peer, follower):
        peer.store(2, r"(\Answered \Seen)")
        await follower.sync()
        assert flags(follower.told) == [("b@x", ["answered", "seen"])]
        follower.told.clear()
        peer.store(2, r"(\Answered)", "-FLAGS")
        await follower.sync()
        assert flags(follower.told) == [("b@x", ["seen"])]
        assert await follower.sync() == []

    async def test_who_left_the_folder_is_gone_and_who_stays_keeps_the_name(self, peer, follower):
        peer.session.select("INBOX")
        peer.session.create("Archive")
        peer.session.copy("1", "Archive")
        peer.session.store("1", "+FLAGS", r"(\Deleted)")
        peer.session.expunge()
        peer.store(1, r"(\Flagged)")
        await peer.put("d@x", "text")
        await follower.sync()
        (gone,) = [each for each in follower.told if each.deleted]
        changed = [each for each in follower.told if not each.deleted]
        assert flags(changed) == [("b@x", ["flagged"]), ("d@x", [])]
        assert int(gone.key.rpartition("/")[2]) == int(changed[0].key.rpartition("/")[2]) - 1
        assert await follower.sync() == []

    async def test_what_changes_while_reading_is_broken_off_is_told_by_the_next(self, peer, follower):
        for number in range(10):
            await peer.put(f"{number}@y", "text")
        await follower.sync(most_pages=2)
        before = [each.data["message_id"] for each in follower.told]
        assert 0 < len(before) < 10
        peer.store(1, r"(\Seen)")
        peer.store(4, r"(\Seen)")
        peer.remove(int(follower.told[1].key.rpartition("/")[2]))
        follower.told.clear()
        await follower.sync()
        told = dict(flags(follower.told))
        assert (told["a@x"], told[before[0]]) == (["seen"], ["seen"])
        assert len([each for each in follower.told if each.deleted]) == 1
        assert {f"{number}@y" for number in range(10)} - {*before} <= told.keys()

    async def test_a_folder_that_was_numbered_anew_is_whole_again(self, peer):
        peer.session.create("Moved")
        peer.append(b"From: a@b.example\r\nMessage-ID: <m@x>\r\n\r\nfirst\r\n", "Moved")
        follower = Follower(peer.open("Moved"))
        await follower.sync()
        peer.session.delete("Moved")
        peer.session.create("Moved")
        for number in range(6):
            peer.append(f"From: a@b.example\r\nMessage-ID: <{number}@x>\r\n\r\nsecond\r\n".encode(), "Moved")
        steady, start = follower.cursor, len(follower.pages)
        await follower.sync(most_pages=1)
        assert (follower.cursor, follower.pages[-1].complete) == (steady, False)
        await follower.sync()
        assert follower.pages[-1].complete
        keys = {each.key for page in follower.pages[start:] for each in page.records}
        assert (len(keys), keys & {each.key for each in follower.pages[0].records}) == (6, set())
        peer.session.delete("Moved")


class TestDovecot(ReadsEverything, ReadsDeletes):
    """The suite names messages as it put them; here records are named by their place."""

    @pytest.fixture
    def peer(self, peer):
        opened, names = peer.connector, {}

        class Named:
            async def read(self, stream, cursor):
                async for page in opened.read(stream, cursor):
                    for each in page.records:
                        names.setdefault(each.key, (each.data or {}).get("message_id"))
                    records = tuple(type(each)(**{**_members(each), "key": names[each.key]}) for each in page.records)
                    yield type(page)(**{**_members(page), "records": records})

        async def remove(key):
            (place,) = [place for place, name in names.items() if name == key]
            ImapPeer.remove(peer, place.rpartition("/")[2])

        peer.connector, peer.remove = Named(), remove
        return peer


def _members(struct):
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


@pytest.mark.parametrize("text", ["", "7", "1:3", "1:3,7,9:10"])
def test_a_set_of_numbers_is_written_shortly(text):
    assert ranges(list(numbers(text))) == text


def test_a_maildir_follows_nothing():
    settings = {"connector": "mail", "maildir": "box", "streams": {"inbox": {"follow": True}}}
    with pytest.raises(ConfigError, match="needs an `imap` server"):
        open_connector("mail", settings, Surroundings(Path(), ManualClock()))


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    """The port for STARTTLS, the one for TLS, and the certificate."""
    public = tmp_path_factory.mktemp("tls") / "ca.pem"
    with serving(certificate=lambda home: certificate(home, public)) as (port, port_tls):
        yield port, port_tls, public


class TestTls:
    def read(self, port, tls, **imap):
        server = {"host": "127.0.0.1", "port": port, "user": "ada", "password": "secret", "tls": tls, **imap}
        settings = {"connector": "mail", "imap": server, "streams": {"inbox": {}}}
        connector = open_connector("mail", settings, Surroundings(Path(tempfile.gettempdir()), ManualClock()))
        return connector.read("inbox", "")

    @pytest.mark.parametrize("tls", ["tls", "starttls"])
    async def test_a_server_whose_certificate_is_known_is_read(self, secure, tls):
        pages = [page async for page in self.read(secure[tls == "tls"], tls, ca=str(secure[2]))]
        assert pages[-1].watermark is not None

    @pytest.mark.parametrize("tls", ["tls", "starttls"])
    async def test_a_server_that_nobody_vouches_for_gets_no_password(self, secure, tls):
        with pytest.raises(SourceDown, match="certificate verify failed"):
            await anext(self.read(secure[tls == "tls"], tls))

    async def test_a_server_of_another_name_gets_no_password(self, secure):
        with pytest.raises(SourceDown, match="certificate"):
            await anext(self.read(secure[1], "tls", ca=str(secure[2]), host="localhost"))

    def test_the_server_is_one_that_tls_is_needed_for(self, secure):
        with imaplib.IMAP4_SSL("127.0.0.1", secure[1], ssl_context=trusting(secure[2])) as each:
            assert each.login("ada", "secret")[0] == "OK"


def certificate(home, public):
    """A certificate for 127.0.0.1 that vouches for itself, with its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown = signed.public_bytes(serialization.Encoding.PEM)
    public.write_bytes(shown)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = home / "server.pem"
    file.write_bytes(shown + private)
    return file


def trusting(public):
    return ssl.create_default_context(cafile=public)
