"""What comes in: pushed records, synced sources, quarantine."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from api.layer.identities import Identities
from api.layer.parts import Parts, silent_since
from api.opening import Closed
from api.received import Ingested, QuarantineItem, SourceStatus, Synced
from api.views import Actor
from engine.events import Record
from engine.memory import Quarantined, QuarantineState
from engine.pipeline import Taken
from engine.ports import Entry, Page, SourceDown
from engine.settings.sources import SourceSettings
from engine.source.problem import Place, Problem

USED = frozenset({"not-utf-8", "duplicate-key", "unbalanced-statement"})
"""What is told of a record that was read all the same."""
TOLD_ANEW = "the source has told it anew since"


ALARM = "stale-source"
"""The alarm that is journalled, and the setting that says which episodes are open."""


class Intake(Identities):
    """api.facade.Input, as far as it is asked for."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._turns: dict[str, asyncio.Lock] = {}

    def turn(self, source: str) -> asyncio.Lock:
        """Return what lets a source be read from one place at a time, so that no older answer comes last."""
        return self._turns.setdefault(source, asyncio.Lock())

    def webhook(self, source: str) -> Literal["", "open", "closed"]:
        """Return whether a source's system may send by itself."""
        found = self.parts.receivers.get(source)
        return "" if found is None else "closed" if isinstance(found, Closed) else "open"

    async def ingest(self, records: Sequence[Record]) -> tuple[Ingested, ...]:
        """See api.facade.Input."""
        known = [self._unknown(record) for record in records]
        good = [record for record, problem in zip(records, known, strict=True) if problem is None]
        taken = iter(await self.parts.pipeline.take_in(good)) if good else iter(())
        await self.resolve()
        return tuple(
            Ingested(status="rejected", problem=problem) if problem else _ingested(next(taken)) for problem in known
        )

    def _unknown(self, record: Record) -> Problem | None:
        sources = self.parts.home.sources.sources
        place = Place(record.origin) if record.origin else None
        if record.source not in sources:
            return Problem(
                "unknown-source", f"there is no source `{record.source}`", place, f"sources: {', '.join(sources)}"
            )
        mapping = self.parts.home.mappings.get(record.source)
        streams = {*sources[record.source].streams, *(mapping.streams if mapping else ())}
        if record.stream not in streams:
            return Problem(
                "unknown-stream",
                f"`{record.source}` has no stream `{record.stream}`",
                place,
                f"streams: {', '.join(sorted(streams))}",
            )
        return None

    # --- sync -------------------------------------------------------------------------------------------------

    async def sync(self, source: str = "") -> tuple[Synced, ...]:
        """See api.facade.Input."""
        configured = self.parts.home.sources.sources
        ordered = sorted(configured, key=lambda name: (configured[name].order, name))
        synced = tuple([await self._in_turn(name) for name in ordered if source in {"", name}])
        await self.resolve(settled=True)
        return synced

    async def _in_turn(self, name: str) -> Synced:
        async with self.turn(name):
            return await self._sync(name)

    async def _sync(self, name: str) -> Synced:
        connector = self.parts.connectors.get(name)
        if connector is None:
            return Synced(
                source=name, problem=Problem("source-down", f"{name}: {self.parts.down.get(name, 'not opened')}")
            )
        count = rejected = 0
        watermarks: list[datetime | None] = []
        for stream in connector.streams:
            try:
                async for page, taken in self._stream(name, stream):
                    count += len(taken)
                    rejected += len(page.rejected) + sum(each.status == "rejected" for each in taken)
                    watermark = page.watermark
            except SourceDown as reason:
                hint = "Nothing is lost: the next sync goes on from here."
                await self._answers(name, answers=False)
                return Synced(
                    source=name,
                    records=count,
                    rejected=rejected,
                    problem=Problem("source-down", f"{name}: {reason}", hint=hint),
                )
            else:
                watermarks.append(watermark)
        if watermarks and (told := [each for each in watermarks if each is not None]):
            await self.parts.pipeline.watermark(name, min(told))
        await self._answers(name, answers=True)
        await self._close_overtaken(name)
        return Synced(source=name, records=count, rejected=rejected)

    async def _answers(self, name: str, *, answers: bool) -> None:
        """Remember, for whoever watches in any process, since when a source does not answer; written as it changes."""
        since = await self.parts.store.setting(silent_since(name))
        if bool(since) is answers:
            async with self.parts.store.transaction() as tx:
                await tx.set_setting(silent_since(name), "" if answers else self.parts.clock.now().isoformat())

    async def _stream(self, name: str, stream: str) -> AsyncIterator[tuple[Page, list[Taken]]]:
        connector = self.parts.connectors[name]
        async with self.parts.store.transaction() as tx:
            cursor = await tx.cursor(name, stream)
        seen: set[str] = set()
        illegible: set[str] = set()
        async for page in connector.read(stream, cursor):
            seen.update(record.address for record in page.records)
            illegible.update(each.key for each in page.rejected if each.problem.code not in USED)
            taken = await self.parts.pipeline.page(name, stream, page, first_load=not cursor)
            yield page, taken
            if page.complete:
                yield page, await self.parts.pipeline.take_in(self._gone(name, stream, seen, illegible))

    def _gone(self, name: str, stream: str, seen: set[str], illegible: set[str]) -> list[Record]:
        """Return a deletion for each record of the stream that a completed full scan has not met.

        What could not be read is not gone, and when its key could not be read either, it may be any of those missing.
        """
        prefix = f"{name}/{stream}/"
        mapper = self.parts.pipeline.mappers.get(name)
        known = {
            mapper.record(part.record) if mapper else part.record
            for entity in self.parts.pipeline.session.state
            for part in entity.parts
            if part.record.startswith(prefix)
        }
        unread = {f"{prefix}{key}" for key in illegible}
        gone = set() if unread - known else known - seen - unread
        return [
            Record(source=name, stream=stream, key=address[len(prefix) :], data={}, deleted=True)
            for address in sorted(gone)
        ]

    # --- quarantine -------------------------------------------------------------------------------------------

    async def quarantine(self) -> tuple[QuarantineItem, ...]:
        """See api.facade.Input."""
        return tuple(_item(each) for each in reversed(await self.parts.store.quarantine(limit=1000)))

    async def retry(self, id: str, actor: Actor) -> Ingested | None:
        """See api.facade.Input."""
        async with self.parts.pipeline.transaction() as tx:
            item = await tx.quarantined(id)
        if item is None or item.state != "waiting":
            return None
        if self._overtaken(item):
            await self._close(id, "retried", actor.id, TOLD_ANEW)
            return Ingested(status="duplicate")
        record = _record(item.raw)
        if record is None:
            hint = "Correct it in its source; the next sync reads it again."
            return Ingested(status="rejected", problem=msgspec.structs.replace(item.problem, hint=hint), quarantine=id)
        result = (await self.ingest([msgspec.structs.replace(record, event_id="")]))[0]
        if result.quarantine != id:
            await self._close(id, "retried", actor.id, "")
        return result

    async def _close_overtaken(self, source: str) -> None:
        """Close what waits of a source that has told it anew since: nothing is left to do about it."""
        for item in await self.parts.store.quarantine(source=source, limit=1000):
            if self._overtaken(item):
                await self._close(item.id, "retried", f"source:{source}", TOLD_ANEW)

    def _overtaken(self, item: Quarantined) -> bool:
        """Whether the source has told the same record since, usably: what waits must not undo that."""
        address = f"{item.source}/{item.stream}/{item.key}"
        for kind in self.parts.pipeline.session.state.kinds.values():
            entity = kind.named(address)
            part = None if entity is None else entity.part(address)
            if part is not None and part.recorded_at is not None and part.recorded_at > item.last_at:
                return True
        return False

    async def drop(self, id: str, actor: Actor, reason: str = "") -> bool:
        """See api.facade.Input."""
        return await self._close(id, "dropped", actor.id, reason)

    async def _close(self, id: str, state: QuarantineState, by: str, reason: str) -> bool:
        async with self.parts.pipeline.transaction() as tx:
            item = await tx.quarantined(id)
            if item is None or item.state != "waiting" or not await tx.set_quarantine(id, state):
                return False
            body = {"item": id, "state": state, "reason": reason}
            await tx.append(Entry(kind="quarantine", recorded_at=self.parts.clock.now(), actor=by, body=body))
            return True

    # --- freshness --------------------------------------------------------------------------------------------

    async def sources(self) -> tuple[SourceStatus, ...]:
        """See api.facade.Input."""
        return tuple(self._status(name, settings) for name, settings in self.parts.home.sources.sources.items())

    def _status(self, name: str, settings: SourceSettings) -> SourceStatus:
        every = msgspec.convert(settings.every, type=timedelta)
        fresh_at = self.parts.pipeline.session.watermarks.get(name)
        stale = msgspec.convert(settings.stale_after, type=timedelta) if settings.stale_after else None
        pulled = name in self.parts.connectors and bool(self.parts.connectors[name].streams)
        state: Literal["fresh", "stale", "down", "never"] = "never" if fresh_at is None else "fresh"
        if fresh_at is not None and stale is not None and self.parts.clock.now() - fresh_at > stale:
            state = "stale"
        if name in self.parts.down:
            state = "down"
        return SourceStatus(
            name=name, connector=settings.connector, every=every if pulled else None, state=state, fresh_at=fresh_at,
            lag=None if fresh_at is None else self.parts.clock.now() - fresh_at, limit=stale,
            detail=self.parts.down.get(name, ""), webhook=self.webhook(name),
        )  # fmt: skip

    async def watch(self) -> int:
        """Journal once when a source grows stale, and once when it is heard again; returns how many did."""
        changed = 0
        for status in await self.sources():
            if status.state in {"stale", "fresh"}:
                changed += await self._alarm(status)
        return changed

    async def _alarm(self, status: SourceStatus) -> bool:
        name, stale = f"{ALARM}/{status.name}", status.state == "stale"
        if stale == bool(await self.parts.store.setting(name)):
            return False
        async with self.parts.pipeline.transaction() as tx:
            now = self.parts.pipeline.held.now()
            await tx.set_setting(name, now.isoformat() if stale else "")
            body = {"alarm": ALARM, "source": status.name, "state": "stale" if stale else "heard again"}
            body |= {"fresh_at": str(status.fresh_at), "limit": str(status.limit)}
            await tx.append(Entry(kind="note", recorded_at=now, body=body))
        return True


def _ingested(taken: Taken) -> Ingested:
    return Ingested(status=taken.status, problem=taken.problem, quarantine=taken.quarantine)


def _item(item: Quarantined) -> QuarantineItem:
    return QuarantineItem(
        id=item.id, source=item.source, stream=item.stream, key=item.key, raw=item.raw, problem=item.problem,
        at=item.last_at, times=item.times,
    )  # fmt: skip


def _record(raw: str) -> Record | None:
    """Return the record that was kept; None for what never became one, e.g. a broken line of a file."""
    try:
        return msgspec.json.decode(raw, type=Record)
    except msgspec.DecodeError:
        return None
