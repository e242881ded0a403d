"""Reading what the sources hold at this moment, all of them at once, while somebody waits.

What is kept here is only what rules read; the rest is read from its source when a person asks. Who asks for the same
record meanwhile shares the one request, and a request outlives the patience of who began it, so that its answer can
still be told as news.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from urllib.parse import quote

import msgspec

from api.facade import BUDGET
from api.views import RecordLine, SourcePart
from engine import feel
from engine.events import Record
from engine.inference.proof import plain
from engine.ports import Clock, Connector, Fetching, Mapper, SourceDown
from engine.settings.sources import Sources
from engine.source.problem import Problem

PATIENCE = 30.0
"""Seconds after which a request for one record is given up."""
_MOST = 20
_LATE = "no answer yet"


class Live:
    """The open connectors as one place to ask for records; `mappers` map every field, kept or not."""

    def __init__(
        self, connectors: Mapping[str, Connector], mappers: Mapping[str, Mapper], sources: Sources, clock: Clock
    ) -> None:
        self._connectors = connectors
        self._mappers = mappers
        self._sources = sources
        self._clock = clock
        self._asked: dict[str, asyncio.Task[Record | None]] = {}

    async def read(self, parts: Sequence[SourcePart], budget: float = BUDGET) -> tuple[SourcePart, ...]:
        """Return each source's part as the source tells it now; marked `late` where it does not within `budget`."""
        begun = [asyncio.create_task(self._part(part)) for part in parts]
        if begun:
            await asyncio.wait(begun, timeout=budget)
        told = [_told(task, part) for task, part in zip(begun, parts, strict=True)]
        for task in begun:
            task.cancel()  # the requests behind it go on
        return tuple(told)

    async def stream(self, parts: Sequence[SourcePart]) -> AsyncIterator[SourcePart]:
        """Yield each source's part as it arrives."""
        begun = [asyncio.create_task(self._part(part)) for part in parts]
        try:
            for each in asyncio.as_completed(begun):
                yield await each
        finally:
            for task in begun:
                task.cancel()

    def link(self, address: str) -> str:
        """Return the address of a record's page in its own system, "" when nobody said how it is made."""
        source = address.partition("/")[0]
        stream, _, key = self._record(address).partition("/")[2].partition("/")
        settings = self._sources.sources.get(source)
        declared = settings.streams.get(stream) if settings else None
        if declared is None or declared.link is None:
            return ""
        scope = {"key": quote(key, safe=""), "keys": [quote(part, safe="") for part in key.split("|")]}
        made = feel.evaluate(declared.link.text, scope)
        return made if isinstance(made, str) and made.startswith(("https://", "http://")) else ""

    async def aclose(self) -> None:
        """Give up what is still asked."""
        for task in list(self._asked.values()):
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)

    async def _part(self, part: SourcePart) -> SourcePart:
        connector = self._connectors.get(part.source)
        wanted = [line for line in part.records[:_MOST] if _fetched(connector, line)]
        if not wanted:
            return part
        found = await asyncio.gather(*(self._line(line) for line in wanted), return_exceptions=True)
        failed = [str(each) or type(each).__name__ for each in found if isinstance(each, BaseException)]
        told = {line.address: line for line in found if isinstance(line, RecordLine)}
        return msgspec.structs.replace(
            part,
            records=tuple(told.get(line.address, line) for line in part.records),
            live="failed" if failed else "read",
            age=part.age if failed else timedelta(),
            read_at=None if failed else self._clock.now(),
            detail="; ".join(dict.fromkeys(failed)) or part.detail,
        )

    async def _line(self, line: RecordLine) -> RecordLine:
        record = await asyncio.shield(self._ask(self._record(line.address)))
        if record is None:
            return msgspec.structs.replace(line, gone=True)
        return msgspec.structs.replace(line, version=record.version, fields=self._fields(record, line.address))

    def _ask(self, address: str) -> asyncio.Task[Record | None]:
        """Return the running request for a record, begun when there is none."""
        running = self._asked.get(address)
        if running is None:
            running = self._asked[address] = asyncio.create_task(self._fetch(address))
            running.add_done_callback(lambda task: self._done(address, task))
        return running

    def _done(self, address: str, task: asyncio.Task[Record | None]) -> None:
        self._asked.pop(address, None)
        if not task.cancelled():
            task.exception()  # told to whoever still waits; nobody may be left

    async def _fetch(self, address: str) -> Record | None:
        source, stream, key = address.split("/", 2)
        connector = self._connectors[source]
        assert isinstance(connector, Fetching)
        try:
            async with asyncio.timeout(PATIENCE):
                return await connector.fetch(stream, key)
        except TimeoutError as error:
            raise SourceDown(f"{source}: no answer within {PATIENCE:g} s") from error

    def _record(self, address: str) -> str:
        """Return the address of the record to ask for: without the mark of a row, or of a second entity of a type."""
        mapper = self._mappers.get(address.partition("/")[0])
        return mapper.record(address) if mapper else address

    def _fields(self, record: Record, address: str) -> Mapping[str, object]:
        """Return what the record says of the entity, by the names of the unified model."""
        mapper = self._mappers.get(record.source)
        mapped = mapper.map(record) if mapper else ()
        if isinstance(mapped, Problem):
            raise SourceDown(mapped.message)
        return {name: plain(value) for each in mapped if each.event.record == address
                for name, value in each.event.fields.items()}  # fmt: skip


def _fetched(connector: Connector | None, line: RecordLine) -> bool:
    stream = line.address.split("/", 2)[1]
    return isinstance(connector, Fetching) and stream in connector.fetched


def _told(task: asyncio.Task[SourcePart], part: SourcePart) -> SourcePart:
    return task.result() if task.done() else msgspec.structs.replace(part, live="late", detail=_LATE)
