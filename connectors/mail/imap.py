"""Reading a folder over IMAP4rev1 (RFC 3501): each message once, in the order of its UID, and never marked as read."""

import re
import ssl
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo
from imaplib import IMAP4, IMAP4_SSL
from typing import Any

import msgspec

from connectors.mail.settings import Imap
from connectors.mail.told import told
from engine.events import Record
from engine.ports import Page, Rejected, SourceDown

WINDOW = 50_000
"""UIDs asked for at once: a line of their numbers stays below what imaplib reads as one line."""
UID = re.compile(rb"\bUID (\d+)")


class Cursor(msgspec.Struct, frozen=True):
    """The last UID told, good for this UIDVALIDITY alone (RFC 3501, 2.3.1.1)."""

    validity: int = 0
    uid: int = 0


@dataclass(frozen=True, slots=True)
class ImapInbox:
    """One folder of one mailbox."""

    source: str
    stream: str
    imap: Imap
    folder: str
    page_size: int
    timeout: float
    zone: tzinfo

    def pages(self, cursor: str, now: datetime) -> Iterator[Page]:
        """Yield messages behind the cursor; all of them when the server numbered anew. Raises SourceDown."""
        try:
            with self._session() as session:
                yield from self._pages(session, cursor, now)
        except (IMAP4.error, OSError) as error:
            raise SourceDown(f"{self.source}: {self.imap.host} does not answer as IMAP should: {error}") from error

    def _pages(self, session: IMAP4, cursor: str, now: datetime) -> Iterator[Page]:
        _checked(session.select(_quoted(self.folder), readonly=True))
        validity, following = _number(session, "UIDVALIDITY"), _number(session, "UIDNEXT")
        at = msgspec.json.decode(cursor, type=Cursor) if cursor else Cursor()
        at = at if at.validity == validity else Cursor(validity)
        for first in range(at.uid + 1, following, WINDOW):
            last = min(first + WINDOW, following) - 1
            uids = self._uids(session, first, last)
            for start in range(0, len(uids), self.page_size):
                batch = uids[start : start + self.page_size]
                at = Cursor(validity, batch[-1])
                yield _page([self._told(*each) for each in _fetched(session, batch)], at)
            at = Cursor(validity, last)
        yield _page([], at, now)

    def _uids(self, session: IMAP4, first: int, last: int) -> list[int]:
        (answer,) = _checked(session.uid("SEARCH", f"UID {first}:{last}"))[:1] or [b""]
        return sorted(int(each) for each in (answer or b"").split())

    def _told(self, uid: int, raw: bytes) -> Record | Rejected:
        return told(self.source, self.stream, f"{self.folder}/{uid}", f"{self.folder}/{uid}", raw, self.zone)

    @contextmanager
    def _session(self) -> Iterator[IMAP4]:
        """Log in; the password is sent under TLS unless the settings say `none`."""
        imap = self.imap
        session: IMAP4
        if imap.tls == "tls":
            session = IMAP4_SSL(imap.host, imap.port, ssl_context=ssl.create_default_context(), timeout=self.timeout)
        else:
            session = IMAP4(imap.host, imap.port, timeout=self.timeout)
        try:
            if imap.tls == "starttls":
                session.starttls(ssl.create_default_context())
            try:
                session.login(imap.user, imap.password)
            except IMAP4.abort:
                raise
            except IMAP4.error as error:
                raise SourceDown(
                    f"{self.source}: {imap.host} refuses the user {imap.user!r} or the password"
                ) from error
            yield session
        finally:
            with suppress(IMAP4.error, OSError):
                session.logout()


def _fetched(session: IMAP4, uids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Yield (UID, message); one that was taken away meanwhile is not there. PEEK leaves it unread."""
    names = ",".join(map(str, uids))
    answer = _checked(session.uid("FETCH", names, "(UID BODY.PEEK[])"))
    for part, following in zip(answer, [*answer[1:], b""], strict=True):
        if not isinstance(part, tuple):
            continue
        # A server may put the UID before the body or behind it (RFC 3501, 7.4.2).
        found = UID.search(part[0]) or UID.search(following if isinstance(following, bytes) else b"")
        if found:
            yield int(found[1]), part[1]


def _checked(answer: tuple[str, list[Any]]) -> list[Any]:
    state, data = answer
    if state != "OK":
        words = b" ".join(each for each in data if isinstance(each, bytes)).decode("utf-8", errors="replace")
        raise IMAP4.error(words)
    return data


def _number(session: IMAP4, name: str) -> int:
    (value,) = session.response(name)[1][:1] or [None]
    if value is None:
        raise IMAP4.error(f"the server tells no {name}")
    return int(value)


def _quoted(folder: str) -> str:
    """Return the folder's name in modified UTF-7 (RFC 3501, 5.1.3), quoted."""

    def coded(found: re.Match[str]) -> str:
        data = b64encode(found[0].encode("utf-16-be")).decode()
        return f"&{data.rstrip('=').replace('/', ',')}-"

    name = re.sub(r"[^\x20-\x7e]+", coded, folder.replace("&", "&-"))
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _page(items: Sequence[Record | Rejected], at: Cursor, watermark: datetime | None = None) -> Page:
    return Page(
        records=tuple(each for each in items if isinstance(each, Record)),
        rejected=tuple(each for each in items if isinstance(each, Rejected)),
        cursor=msgspec.json.encode(at).decode(),
        watermark=watermark,
    )
