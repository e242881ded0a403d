"""Reading a calendar: what changed since its sync token, and recurring events as far ahead as they are wanted."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

import msgspec

from connectors.caldav import dav
from connectors.caldav.ical import Item, Unreadable, items, parse, repeats
from connectors.caldav.settings import CaldavStream
from connectors.http.transport import Expired, Request, Transport
from engine.events import Record
from engine.ports import Page, Rejected, SourceDown
from engine.source import Place, Problem

XML = {"Content-Type": "application/xml; charset=utf-8", "Accept": "application/xml, text/xml"}
MOST_RAW = 20_000
AGAIN = timedelta(days=1)
"""How far the end of the window moves before recurring events are expanded anew."""


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """The collection's sync token; the window that was read, and which times of which recurring member were told."""

    token: str = ""
    since: datetime | None = None
    until: datetime | None = None
    times: Mapping[str, tuple[str, ...]] = {}


@dataclass(slots=True)
class Pass:
    """One reading under way: its window, and the times of recurring members as they are now."""

    window: tuple[datetime, datetime]
    times: dict[str, tuple[str, ...]]
    token: str = ""


@dataclass(frozen=True, slots=True)
class Making:
    """Makes records of iCalendar texts."""

    source: str
    stream: str
    settings: CaldavStream
    zone: tzinfo

    def records(
        self, name: str, text: str, version: str, window: tuple[datetime, datetime]
    ) -> tuple[list[Record], tuple[str, ...] | None]:
        """Return a member's records, and the times of a recurring one (None of another); raises Unreadable."""
        calendar = parse(text)
        found = list(items(calendar, self.settings.components, window, self.zone))
        times = tuple(each.at for each in found if each.at) if repeats(calendar) else None
        return [self.record(name, each, version) for each in found], times

    def record(self, name: str, item: Item, version: str) -> Record:
        """Return the record of one event or task, or of one time of it."""
        data = {**item.data, "calendar": self.stream, "resource": name}
        fields = self.settings.fields
        return Record(
            source=self.source,
            stream=self.stream,
            key=f"{name}|{item.at}" if item.at else name,
            data={each: data.get(each) for each in fields} if fields else data,
            version=version,
            valid_at=item.changed,
            origin=f"{self.source}:{self.settings.path or self.settings.ics}",
        )

    def gone(self, key: str) -> Record:
        """Return what says that a record is gone."""
        origin = f"{self.source}:{self.settings.path or self.settings.ics}"
        return Record(source=self.source, stream=self.stream, key=key, data={}, deleted=True, origin=origin)

    def rejected(self, name: str, text: str, message: str) -> Rejected:
        """Return what waits in quarantine of a member that cannot be read."""
        place = Place(f"{self.source}:{self.settings.path or self.settings.ics}/{name}")
        problem = Problem("broken-calendar", message, place)
        return Rejected(source=self.source, stream=self.stream, key=name, raw=text[:MOST_RAW], problem=problem)


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection of a CalDAV server."""

    transport: Transport
    making: Making
    settings: CaldavStream

    async def pages(self, cursor: str, now: datetime) -> AsyncIterator[Page]:
        """Yield what changed since the cursor, or everything; a token that is no longer good begins again."""
        state = msgspec.json.decode(cursor, type=Cursor) if cursor else Cursor()
        try:
            async for page in self._read(state, cursor, now):
                yield page
        except Expired as expired:
            if not state.token:
                raise SourceDown(str(expired)) from expired
            async for page in self._read(msgspec.structs.replace(state, token=""), cursor, now):
                yield page

    async def _read(self, state: Cursor, steady: str, now: datetime) -> AsyncIterator[Page]:
        """Yield pages with the cursor at `steady`; it moves on with the last, so what is broken off is read again."""
        run = Pass((state.since or now - self.settings.past, now + self.settings.ahead), dict(state.times))
        due = state.until is None or run.window[1] - state.until >= AGAIN
        pending = {path: path for path in state.times} if due else {}
        token, more = state.token, True
        while more:
            found = await self._changes(token)
            changed = [each for each in found.members if each.status == 200 and self._is_member(each.path)]
            gone = [each for each in found.members if each.status == 404]
            for each in (*changed, *gone):
                pending.pop(each.path, None)
            if gone and steady:
                yield self._page([each for member in gone for each in self._gone(member.path, run)], [], steady)
            async for page in self._fetched([each.path for each in changed], run, steady):
                yield page
            more, token = found.more and found.token != token, found.token
        async for page in self._fetched(list(pending), run, steady):
            yield page
        after = Cursor(token, run.window[0], run.window[1] if due else state.until, run.times)
        text = msgspec.json.encode(after).decode()
        yield Page(records=(), cursor=text, watermark=now, complete=not state.token)

    async def _changes(self, token: str) -> dav.Listing:
        request = Request(self.settings.path, "REPORT", content=dav.sync(token), headers={**XML, "Depth": "0"})
        return dav.listing((await self.transport.read(request, "background")).body, self.settings.path)

    async def _fetched(self, paths: Sequence[str], run: Pass, steady: str) -> AsyncIterator[Page]:
        """Yield pages with the content of members; one that has vanished meanwhile is told by the next token."""
        for start in range(0, len(paths), self.settings.page_size):
            batch = paths[start : start + self.settings.page_size]
            request = Request(self.settings.path, "REPORT", content=dav.multiget(batch), headers={**XML, "Depth": "1"})
            found = dav.listing((await self.transport.read(request, "background")).body, self.settings.path)
            records: list[Record] = []
            rejected: list[Rejected] = []
            for each in found.members:
                if each.status == 200 and each.text:
                    self._take(each, run, records, rejected)
            yield self._page(records, rejected, steady)

    def _take(self, member: dav.Resource, run: Pass, records: list[Record], rejected: list[Rejected]) -> None:
        """Make the records of a member; times of it that are no more are gone."""
        name = dav.name_of(member.path)
        try:
            found, times = self.making.records(name, member.text, member.etag, run.window)
        except Unreadable as unread:
            rejected.append(self.making.rejected(name, member.text, str(unread)))
            return
        before = run.times.pop(member.path, None)
        if times is not None:
            run.times[member.path] = times
        records += found
        records += [self.making.gone(f"{name}|{at}") for at in before or () if at not in (times or ())]
        if before is None and times is not None:
            records.append(self.making.gone(name))  # it may have been one event before it became many

    def _gone(self, path: str, run: Pass) -> list[Record]:
        name, times = dav.name_of(path), run.times.pop(path, None)
        return [self.making.gone(f"{name}|{at}" if at else name) for at in (times if times is not None else ("",))]

    def _is_member(self, path: str) -> bool:
        return bool(dav.name_of(path)) and not path.endswith("/")

    def _page(self, records: Sequence[Record], rejected: Sequence[Rejected], cursor: str) -> Page:
        """Return a page; what is gone already at the very first read was never known."""
        told = records if cursor else [each for each in records if not each.deleted]
        return Page(records=tuple(told), rejected=tuple(rejected), cursor=cursor)
