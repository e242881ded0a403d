"""Reading an iCalendar file, from the home folder or from an address: all of it, whenever it changed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from connectors.caldav.ical import Unreadable, items, parse
from connectors.caldav.reading import AGAIN, Making
from connectors.caldav.settings import CaldavStream
from connectors.http.transport import Request, Transport
from connectors.values import digest
from engine.ports import Page, SourceDown


class Cursor(msgspec.Struct, frozen=True):
    """What the file was when it was read, and the window of its recurring events."""

    content: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """One file; it has no tombstones, so what a later reading does not meet is gone."""

    transport: Transport | None
    home: Path
    making: Making
    settings: CaldavStream

    async def pages(self, cursor: str, now: datetime) -> AsyncIterator[Page]:
        """Yield everything when the file changed or time has moved on, else nothing; raises SourceDown."""
        state = msgspec.json.decode(cursor, type=Cursor) if cursor else None
        since, until = state.since if state else now - self.settings.past, now + self.settings.ahead
        text, told_to = await self._text(now)
        content = digest(text)
        if state and state.content == content and until - state.until < AGAIN:
            yield Page(records=(), cursor=cursor, watermark=told_to)
            return
        try:
            found = list(items(parse(text), self.settings.components, (since, until), self.making.zone))
        except Unreadable as unread:
            raise SourceDown(f"{self.making.source}: {self.settings.ics}: {unread}") from unread
        records = [self.making.record(each.uid, each, digest(each.data)) for each in found]
        for start in range(0, len(records), self.settings.page_size):
            yield Page(records=tuple(records[start : start + self.settings.page_size]), cursor=cursor)
        after = msgspec.json.encode(Cursor(content, since, until)).decode()
        yield Page(records=(), cursor=after, watermark=told_to, complete=True)

    async def _text(self, now: datetime) -> tuple[str, datetime]:
        """Return what the file holds, and up to when it knows: of a file in the home when it was written."""
        if self.transport is not None:
            request = Request(self.settings.ics, headers={"Accept": "text/calendar"})
            return str((await self.transport.read(request, "background")).body or ""), now
        path = self.home / self.settings.ics
        try:
            written = datetime.fromtimestamp((await asyncio.to_thread(path.stat)).st_mtime, UTC)
            return await asyncio.to_thread(path.read_text, encoding="utf-8"), min(now, written)
        except (OSError, UnicodeDecodeError) as error:
            raise SourceDown(f"{self.making.source}: {self.settings.ics} cannot be read: {error}") from error
