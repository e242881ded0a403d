"""Reading one collection: passes over its pages, and the cursor between them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import msgspec

from connectors.http.answer import Answer, dig
from connectors.http.asking import Asking
from connectors.http.gone import Buried, Gone
from connectors.http.items import Items, Mark, read_mark, write_mark
from connectors.http.paging import is_stable
from connectors.http.settings import HttpCursor, HttpList, HttpStream
from connectors.http.transport import Expired, Transport
from connectors.http.walking import walk
from engine.events import Record
from engine.ports import Page, Rejected, SourceDown

MOST_TOLD = 5000
MOST_PASSES = 3


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """From where to ask again, without what was `told` behind that point; or the server's own delta `token`.

    `scanned` is when the last full scan began, `buried` what was told of deletions.
    """

    since: str = ""
    told: tuple[str, ...] = ()
    token: str = ""
    scanned: datetime | None = None
    buried: Buried | None = None

    @property
    def is_start(self) -> bool:
        """Whether it stands before everything."""
        return not (self.since or self.told or self.token)


@dataclass(slots=True)
class Progress:
    """What one read has met, over all its passes: digest -> cursor value."""

    known: frozenset[str]
    met: dict[str, Mark | None] = field(default_factory=dict)
    token: str = ""

    def is_new(self, mark: str, value: Mark | None) -> bool:
        """Take note of an item; False when it was told before."""
        if mark in self.met:
            return False
        self.met[mark] = value
        return mark not in self.known


@dataclass(frozen=True, slots=True)
class Reading:
    """One stream of one API."""

    transport: Transport
    settings: HttpStream
    items: Items
    asking: Asking
    listing: Asking | None = None
    gone: Gone | None = None

    async def pages(self, cursor: str, now: datetime) -> AsyncIterator[Page]:
        """Yield what changed since the cursor, or everything; an expired cursor begins again."""
        state = msgspec.json.decode(cursor, type=Cursor) if cursor else Cursor()
        scan = self._scan_due(state, now)
        try:
            async for page in self._read(self._start(now) if scan else state, cursor, now, scan=scan):
                yield page
        except Expired as expired:
            if scan or state.is_start:
                raise SourceDown(str(expired)) from expired
            async for page in self._read(self._start(now), "", now, scan=True):
                yield page

    def _scan_due(self, state: Cursor, now: datetime) -> bool:
        scan = self.settings.scan
        every = scan.every if isinstance(scan, HttpList) else scan
        return every is not None and (state.scanned is None or now - state.scanned >= every)

    def _start(self, now: datetime) -> Cursor:
        """Return where a full scan begins, which finds by itself what is gone."""
        buried = Buried(until=now, asked=now) if self.settings.gone else None
        return Cursor(scanned=now if self.settings.scan else None, buried=buried)

    async def _read(self, state: Cursor, steady: str, now: datetime, *, scan: bool) -> AsyncIterator[Page]:
        """Yield pages with the cursor at `steady`; it moves on with the last, when nothing more was to be met.

        Pages that are counted slide when rows come or go, so such a collection is read until a pass finds nothing new.
        """
        progress, settled, first = Progress(frozenset(state.told)), False, not steady
        asking, whole = self.asking, state.is_start
        if self.listing:
            asking, whole = (self.listing, True) if scan else (self.asking, False)
        for _ in range(MOST_PASSES):
            pages, found = 0, 0
            async for new in self._pass(asking, state, progress):
                pages, found = pages + 1, found + len(new)
                yield self._page(new, steady, first=first)
            settled = is_stable(asking.settings.page) or pages <= 1 or found == 0
            if settled:
                break
        buried = state.buried
        if self.gone and buried is not None and self.gone.due(buried, now):
            async for gone, told in self.gone.since(buried, now):
                buried = told
                yield Page(records=tuple(gone), cursor=steady)
        lag = self.settings.cursor.lag if self.settings.cursor else timedelta()
        after = msgspec.structs.replace(self._after(state, progress, now), buried=buried)
        yield Page(
            records=(),
            cursor=_text(after) if settled else steady,
            watermark=now - lag if settled else None,
            complete=settled and whole,
        )

    async def _pass(self, asking: Asking, state: Cursor, progress: Progress) -> AsyncIterator[list[Any]]:
        """Yield the new items of each page."""
        ask = asking.first(state.since, state.token)
        async for found, listed in walk(self.transport, asking, self.items, ask):
            progress.token = _token(found, asking.settings.cursor)
            yield [item for mark, item in listed.items() if progress.is_new(mark, self.items.mark(item))]

    def _page(self, new: Sequence[Any], steady: str, *, first: bool) -> Page:
        """Return a page; what is gone already at the very first read was never known."""
        told = [self.items.record(item) for item in new]
        return Page(
            records=tuple(each for each in told if isinstance(each, Record) and not (first and each.deleted)),
            rejected=tuple(each for each in told if isinstance(each, Rejected)),
            cursor=steady,
        )

    def _after(self, state: Cursor, progress: Progress, now: datetime) -> Cursor:
        """Return the cursor for the next read: `lag` before the newest item, but never ahead of our own clock."""
        cursor = self.settings.cursor
        if cursor is None:
            return Cursor(scanned=now)
        if cursor.delta:
            return Cursor(token=progress.token or state.token, scanned=state.scanned)
        marks = [mark for mark in progress.met.values() if mark is not None]
        if not marks:
            return state
        since = back(max(marks), now, cursor)
        before = read_mark(state.since, cursor.send or cursor.format, self.items.zone) if state.since else None
        since = since if before is None else max(since, before)
        told = [digest for digest, mark in progress.met.items() if mark is None or mark >= since]  # type: ignore[operator]
        return Cursor(since=write_mark(since, cursor), told=tuple(told[-MOST_TOLD:]), scanned=state.scanned)


def _token(found: Answer, cursor: HttpCursor | None) -> str:
    """Return the delta token of an answer; one that is an address is made whole."""
    token = str(dig(found.body, cursor.delta) or "") if cursor and cursor.delta else ""
    return urljoin(found.url, token) if token and cursor and not cursor.param else token


def back(newest: Mark, now: datetime, cursor: HttpCursor) -> Mark:
    """Return from where to ask next time, in whole seconds or days as the parameter has them."""
    if not isinstance(newest, datetime):
        return newest
    since = (min(newest, now) - cursor.lag).astimezone(newest.tzinfo).replace(microsecond=0)
    return since.replace(hour=0, minute=0, second=0) if (cursor.send or cursor.format) == "date" else since


def _text(cursor: Cursor) -> str:
    return msgspec.json.encode(cursor).decode()
