"""The calendar connector: collections of a CalDAV server and iCalendar files as streams, writes as declared."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from connectors.caldav import dav
from connectors.caldav.file import CalendarFile
from connectors.caldav.ical import Unreadable
from connectors.caldav.reading import XML, Collection, Making
from connectors.caldav.settings import CaldavSource, CaldavStream
from connectors.caldav.writing import member, operations
from connectors.discovery import Found
from connectors.http.declared import Declared
from connectors.http.settings import ErrorRule, HttpSource
from connectors.http.transport import Expired, Request, Transport
from connectors.settings import Surroundings
from engine.events import Receipt, Record
from engine.ports import NotGiven, Operation, Page, SourceDown

EXPIRED = ErrorRule(
    when='(status = 403 or status = 409) and contains(string(body), "valid-sync-token")', means="expired"
)
WIDE = timedelta(days=1)


class CaldavConnector:
    """Calendars as a source; nothing is written unless the source says `write: true`."""

    def __init__(self, name: str, settings: CaldavSource, surroundings: Surroundings) -> None:
        self.name = name
        self.streams: Sequence[str] = tuple(settings.streams)
        self.operations: Mapping[str, Operation] = {
            key: each.operation(f"{name}.{key}") for key, each in settings.operations.items()
        }
        self._settings = settings
        self._clock = surroundings.clock
        self._home = surroundings.home
        self._zone: tzinfo = ZoneInfo(settings.timezone) if settings.timezone else surroundings.zone
        self._transport = Transport(name, _http(settings), surroundings, None)
        self._streams = {stream: self._stream(stream, each) for stream, each in settings.streams.items()}
        self.fetched = frozenset(stream for stream, each in settings.streams.items() if each.path)
        writes = operations(name, settings, surroundings)
        self._declared = Declared(name, settings.write, self._transport, writes)

    def _stream(self, stream: str, settings: CaldavStream) -> Collection | CalendarFile:
        making = Making(self.name, stream, settings, self._zone)
        if settings.path:
            return Collection(self._transport, making, settings)
        return CalendarFile(self._transport if self._settings.url else None, self._home, making, settings)

    async def read(self, stream: str, cursor: str) -> AsyncIterator[Page]:
        """Yield pages after the cursor; raises SourceDown."""
        async for page in self._streams[stream].pages(cursor, self._clock.now()):
            yield page

    async def fetch(self, stream: str, key: str) -> Record | None:
        """Read one event or task by its key; raises SourceDown."""
        settings = self._settings.streams[stream]
        name, _, at = key.partition("|")
        try:
            found = await self._transport.read(Request(member(settings.path, name)), "interactive")
            window = _around(at, self._clock.now(), settings)
            making = Making(self.name, stream, settings, self._zone)
            records, _ = making.records(name, str(found.body), found.header("etag"), window)
        except NotGiven as refused:
            if refused.status == 404:
                return None
            raise
        except Expired:
            return None  # 410 Gone
        except Unreadable as unread:
            raise SourceDown(f"{self.name}: {unread}") from unread
        return next((each for each in records if each.key == key), None)

    async def discover(self) -> Sequence[Found]:
        """Return the calendars directly below the source's address; raises SourceDown."""
        if not self._settings.url:
            return [Found(stream, ("uid",), {}) for stream in self.streams]
        request = Request("", "PROPFIND", content=dav.calendars(), headers={**XML, "Depth": "1"})
        try:
            found = dav.listing((await self._transport.read(request, "background")).body, "")
        except Expired as expired:
            raise SourceDown(str(expired)) from expired
        return [Found(each.path, ("uid",), {"name": each.name}) for each in found.members if each.calendar]

    async def perform(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt:
        """Send the declared write once, marked with the key."""
        return await self._declared.perform(operation, payload, key)

    async def probe(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt | None:
        """Look the write up by its key; raises SourceDown."""
        return await self._declared.probe(operation, payload, key)

    async def aclose(self) -> None:
        """Close connections."""
        await self._transport.aclose()


def _around(at: str, now: datetime, settings: CaldavStream) -> tuple[datetime, datetime]:
    """Return a window that holds one time of a recurring event."""
    if not at:
        return now - settings.past, now + settings.ahead
    day = datetime.strptime(at[:8], "%Y%m%d").replace(tzinfo=now.tzinfo)
    # one that was moved stands elsewhere than the series put it
    return min(day, now - settings.past) - WIDE, max(day, now + settings.ahead) + WIDE


def _http(settings: CaldavSource) -> HttpSource:
    """Return what the HTTP engine needs to know of the server."""
    return HttpSource(
        connector="http",
        url=settings.url or "http://localhost",
        aliases=settings.aliases,
        auth=settings.auth,
        headers=settings.headers,
        limits=settings.limits,
        errors=(*settings.errors, EXPIRED),
        timeout=settings.timeout,
    )
