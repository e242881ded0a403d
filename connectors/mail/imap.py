"""Reading a folder over IMAP4rev1 (RFC 3501): each message once, in the order of its UID, and never marked as read."""

import re
import ssl
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo
from imaplib import IMAP4, IMAP4_SSL

import msgspec

from connectors.mail.following import Known, also, changes, checked, flags_of, point, resyncs
from connectors.mail.numbers import ranges
from connectors.mail.settings import Imap
from connectors.mail.told import told
from engine.events import Record
from engine.ports import Page, Rejected, SourceDown

WINDOW = 50_000
"""UIDs asked for at once: a line of their numbers stays below what imaplib reads as one line."""


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """The last UID told, good for this UIDVALIDITY alone (RFC 3501, 2.3.1.1); `known`: how what was told stood."""

    validity: int = 0
    uid: int = 0
    known: Known = Known()


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
    follow: bool = False
    ca: str = ""

    def pages(self, cursor: str, now: datetime) -> Iterator[Page]:
        """Yield messages behind the cursor; all of them when the server numbered anew. Raises SourceDown."""
        try:
            with self._session() as session:
                yield from self._pages(session, cursor, now)
        except (IMAP4.error, OSError) as error:
            raise SourceDown(f"{self.source}: {self.imap.host} does not answer as IMAP should: {error}") from error

    def _pages(self, session: IMAP4, cursor: str, now: datetime) -> Iterator[Page]:
        resync = self.follow and resyncs(session)
        checked(session.select(_quoted(self.folder), readonly=True))
        validity, following = _number(session, "UIDVALIDITY"), _number(session, "UIDNEXT")
        at = msgspec.json.decode(cursor, type=Cursor) if cursor else Cursor()
        if not self.follow:
            yield from self._new(session, at if at.validity == validity else Cursor(validity), following, now)
        elif at.validity in {0, validity}:
            at = msgspec.structs.replace(at, validity=validity)
            yield from self._followed(session, at, following, point(session) if resync else 0, now)
        else:  # Numbered anew: what had the old numbers is gone, once all of the new is told.
            stand = point(session) if resync else 0
            yield from _whole(self._followed(session, Cursor(validity), following, stand, now), cursor)

    def _new(
        self, session: IMAP4, at: Cursor, following: int, now: datetime, stand: int = 0, after: Known | None = None
    ) -> Iterator[Page]:
        """Yield the messages behind the cursor; at the end the folder stands as `after`."""
        known = at.known
        for first in range(at.uid + 1, following, WINDOW):
            last = min(first + WINDOW, following) - 1
            uids = self._uids(session, first, last)
            for start in range(0, len(uids), self.page_size):
                batch = uids[start : start + self.page_size]
                found = list(_fetched(session, batch))
                if self.follow:
                    known = also(known, {uid: flags for uid, flags, _ in found}, stand)
                at = Cursor(at.validity, batch[-1], known)
                yield _page([self._told(at.validity, *each) for each in found], at)
            at = Cursor(at.validity, last, known)
        yield _page([], msgspec.structs.replace(at, known=after or known), now)

    def _followed(self, session: IMAP4, at: Cursor, following: int, stand: int, now: datetime) -> Iterator[Page]:
        """Yield what became of the messages that were told, and the messages behind the cursor."""
        changed = changes(session, at.known, at.uid, stand)
        if changed.gone:
            yield _page([self._gone(at.validity, uid) for uid in sorted(changed.gone)], at)
        uids = sorted(uid for uid in changed.flags if uid <= at.uid)
        for start in range(0, len(uids), self.page_size):
            found = _fetched(session, uids[start : start + self.page_size])
            yield _page([self._told(at.validity, *each) for each in found], at)
        yield from self._new(session, at, following, now, stand, changed.known)

    def _uids(self, session: IMAP4, first: int, last: int) -> list[int]:
        (answer,) = checked(session.uid("SEARCH", f"UID {first}:{last}"))[:1] or [b""]
        return sorted(int(each) for each in (answer or b"").split())

    def _told(self, validity: int, uid: int, flags: frozenset[str], raw: bytes) -> Record | Rejected:
        place = f"{self.folder}/{uid}"
        found = told(self.source, self.stream, place, place, raw, self.zone)
        if not self.follow or isinstance(found, Rejected):
            return found
        return msgspec.structs.replace(
            found, key=f"{self.folder}/{validity}/{uid}", data={**found.data, "flags": sorted(flags)}, event_id=""
        )

    def _gone(self, validity: int, uid: int) -> Record:
        key = f"{self.folder}/{validity}/{uid}"
        return Record(source=self.source, stream=self.stream, key=key, data={}, deleted=True, origin=key)

    @contextmanager
    def _session(self) -> Iterator[IMAP4]:
        """Log in; the password is sent under TLS unless the settings say `none`."""
        imap = self.imap
        session: IMAP4
        trusted = ssl.create_default_context(cafile=self.ca or None) if imap.tls != "none" else None
        if imap.tls == "tls":
            session = IMAP4_SSL(imap.host, imap.port, ssl_context=trusted, timeout=self.timeout)
        else:
            session = IMAP4(imap.host, imap.port, timeout=self.timeout)
        try:
            if imap.tls == "starttls":
                session.starttls(trusted)
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


def _whole(pages: Iterator[Page], cursor: str) -> Iterator[Page]:
    """Yield the pages of a reading that counts only as a whole: the cursor stays until the last."""
    before: Page | None = None
    for each in pages:
        if before is not None:
            yield msgspec.structs.replace(before, cursor=cursor)
        before = each
    assert before is not None
    yield msgspec.structs.replace(before, complete=True)


def _fetched(session: IMAP4, uids: Sequence[int]) -> Iterator[tuple[int, frozenset[str], bytes]]:
    """Yield (UID, flags, message); one that was taken away meanwhile is not there. PEEK leaves it unread."""
    answer = checked(session.uid("FETCH", ranges(uids), "(UID FLAGS BODY.PEEK[])"))
    for part, following in zip(answer, [*answer[1:], b""], strict=True):
        if not isinstance(part, tuple):
            continue
        # A server may put UID and flags before the body or behind it (RFC 3501, 7.4.2).
        behind = following if isinstance(following, bytes) else b""
        flags = flags_of([part[0] + b" " + behind])
        yield from ((uid, each, part[1]) for uid, each in flags.items())


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
