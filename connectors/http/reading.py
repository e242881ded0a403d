"""Reading one collection: passes over its pages, and the cursor between them."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import msgspec

from connectors.http.answer import Answer, dig
from connectors.http.asking import Asking
from connectors.http.items import Items, Mark, read_mark, write_mark
from connectors.http.nested import complete
from connectors.http.paging import Ask, Got, following, is_stable
from connectors.http.settings import HttpCursor, HttpStream
from connectors.http.transport import Expired, Transport
from connectors.values import digest
from engine.events import Record
from engine.ports import Page, Rejected, SourceDown

MOST_TOLD = 5000
MOST_PASSES = 3


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """From where to ask again, without what was `told` behind that point; or the server's own delta `token`.

    `scanned` is when the last full scan began.
    """

    since: str = ""
    told: tuple[str, ...] = ()
    token: str = ""
    scanned: datetime | None = None

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

    async def pages(self, cursor: str, now: datetime) -> AsyncIterator[Page]:
        """Yield what changed since the cursor, or everything; an expired cursor begins again."""
        state = msgspec.json.decode(cursor, type=Cursor) if cursor else Cursor()
        scan = self._scan_due(state, now)
        try:
            async for page in self._read(Cursor(scanned=now) if scan else state, cursor, now):
                yield page
        except Expired as expired:
            if scan or state.is_start:
                raise SourceDown(str(expired)) from expired
            async for page in self._read(Cursor(scanned=now if self.settings.scan else None), "", now):
                yield page

    def _scan_due(self, state: Cursor, now: datetime) -> bool:
        every = self.settings.scan
        return every is not None and (state.scanned is None or now - state.scanned >= every)

    async def _read(self, state: Cursor, steady: str, now: datetime) -> AsyncIterator[Page]:
        """Yield pages with the cursor at `steady`; it moves on with the last, when nothing more was to be met.

        Pages that are counted slide when rows come or go, so such a collection is read until a pass finds nothing new.
        """
        progress, settled, first = Progress(frozenset(state.told)), False, not steady
        for _ in range(MOST_PASSES):
            pages, found = 0, 0
            async for new in self._pass(state, progress):
                pages, found = pages + 1, found + len(new)
                yield self._page(new, steady, first=first)
            settled = is_stable(self.settings.page) or pages <= 1 or found == 0
            if settled:
                break
        lag = self.settings.cursor.lag if self.settings.cursor else timedelta()
        yield Page(
            records=(),
            cursor=self._after(state, progress, now) if settled else steady,
            watermark=now - lag if settled else None,
            complete=settled and state.is_start,
        )

    async def _pass(self, state: Cursor, progress: Progress) -> AsyncIterator[list[Any]]:
        """Yield the new items of each page."""
        cursor, seen = self.settings.cursor, set[str]()
        ask: Ask | None = self.asking.first(state.since, state.token)
        while ask is not None:
            found = await self.transport.read(self.asking.request(ask), "background")
            nested = self.settings.nested
            listed = [await complete(self.transport, nested, item, "background") for item in self._list(found)]
            items = {digest(item): item for item in listed}
            fresh = bool(items.keys() - seen)
            seen |= items.keys()
            progress.token = _token(found, cursor)
            yield [item for mark, item in items.items() if progress.is_new(mark, self.items.mark(item))]
            got = Got(len(listed), found, fresh, self._last(listed), self.items.key(listed[-1]) if listed else "")
            ask = following(self.settings.page, ask, got)

    def _list(self, found: Answer) -> list[Any]:
        items = dig(found.body, self.settings.items)
        if not isinstance(items, list):
            where = self.settings.items or "the top of the answer"
            raise SourceDown(f"{self.items.source}.{self.items.stream}: there is no list at {where}")
        return items

    def _page(self, new: Sequence[Any], steady: str, *, first: bool) -> Page:
        """Return a page; what is gone already at the very first read was never known."""
        told = [self.items.record(item) for item in new]
        return Page(
            records=tuple(each for each in told if isinstance(each, Record) and not (first and each.deleted)),
            rejected=tuple(each for each in told if isinstance(each, Rejected)),
            cursor=steady,
        )

    def _last(self, items: Iterable[Any]) -> str:
        """Return the cursor value of a page's last item, as a parameter."""
        marks = [mark for item in items if (mark := self.items.mark(item)) is not None]
        return write_mark(marks[-1], self.settings.cursor) if marks and self.settings.cursor else ""

    def _after(self, state: Cursor, progress: Progress, now: datetime) -> str:
        """Return the cursor for the next read: `lag` before the newest item, but never ahead of our own clock."""
        cursor = self.settings.cursor
        if cursor is None:
            return _text(Cursor(scanned=now))
        if cursor.delta:
            return _text(Cursor(token=progress.token or state.token, scanned=state.scanned))
        marks = [mark for mark in progress.met.values() if mark is not None]
        if not marks:
            return _text(state)
        since = back(max(marks), now, cursor)
        before = read_mark(state.since, cursor.send or cursor.format, self.items.zone) if state.since else None
        since = since if before is None else max(since, before)
        told = [digest for digest, mark in progress.met.items() if mark is None or mark >= since]  # type: ignore[operator]
        return _text(Cursor(since=write_mark(since, cursor), told=tuple(told[-MOST_TOLD:]), scanned=state.scanned))


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
