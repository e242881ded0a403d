"""What source systems send by themselves: deliveries, and the reading that follows a hint."""

import asyncio
from collections.abc import Sequence
from time import monotonic

import msgspec

from api.layer.intake import Intake
from api.layer.parts import Parts
from api.opening import Closed
from api.received import Answered
from connectors.hooks.delivery import Delivery, Denied, Unreadable
from connectors.hooks.receiver import Receiver
from engine.events import Record
from engine.memory import Hint
from engine.ports import Fetching, NotGiven, Rejected, SourceDown, Told
from engine.source.problem import Place, Problem

LONGEST_PAUSE = 300.0
"""Seconds after which a source that does not answer is asked again for what it hinted at."""


class Hearing(Intake):
    """api.facade_hooks.Hooks."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._pauses: dict[str, tuple[int, float]] = {}

    # --- deliveries -------------------------------------------------------------------------------------------

    async def hear(self, source: str, delivery: Delivery) -> Answered:
        """See api.facade_hooks.Hooks."""
        receiver = self.parts.receivers.get(source)
        if receiver is None:
            return Answered(what="unknown", detail=f"no source {source!r} has a webhook")
        if isinstance(receiver, Closed):
            return Answered(what="closed", detail=f"the webhook of {source} is not open: {receiver.why}")
        if len(delivery.body) > receiver.most:
            return Answered(what="too-long", detail=f"a delivery to {source} holds at most {receiver.most} bytes")
        try:
            reply = await asyncio.to_thread(receiver.greet, delivery)
            if reply is not None:
                return Answered(what="greeted", text=reply.text, headers=reply.headers)
            if delivery.method != "POST":
                return Answered(what="unknown", detail="deliveries are posted")
            told = receiver.hear(delivery)
        except Denied as denied:
            return Answered(what="denied", detail=str(denied))
        except Unreadable as unread:
            return await self._unread(receiver, delivery, str(unread))
        return await self._taken(source, told)

    async def _taken(self, source: str, told: Told) -> Answered:  # noqa: ARG002  (for whoever keeps subscriptions)
        taken = await self.parts.pipeline.told_by(told)
        by = [each.status for each in taken]
        return Answered(
            what="taken",
            accepted=by.count("accepted"),
            duplicates=by.count("duplicate"),
            rejected=by.count("rejected") + len(told.rejected),
        )

    async def _unread(self, receiver: Receiver, delivery: Delivery, why: str) -> Answered:
        await self.parts.pipeline.told_by(Told(rejected=(receiver.refusal(delivery, why),)))
        return Answered(what="unreadable", detail=why, rejected=1)

    # --- hints ------------------------------------------------------------------------------------------------

    async def heed(self, source: str) -> int:
        """See api.facade_hooks.Hooks."""
        tries, until = self._pauses.get(source, (0, 0.0))
        if monotonic() < until or source not in self.parts.connectors:
            return 0
        async with self.turn(source):
            hints = await self.parts.store.hints(source)
            try:
                count = await self._heed(source, hints)
            except SourceDown:
                self._pauses[source] = (tries + 1, monotonic() + min(2.0**tries, LONGEST_PAUSE))
                return 0
        self._pauses.pop(source, None)
        return count

    async def _heed(self, source: str, hints: Sequence[Hint]) -> int:
        connector = self.parts.connectors[source]
        single = connector.fetched if isinstance(connector, Fetching) else ()
        records = [each for each in hints if each.key and each.stream in single]
        count = sum([await self._read_again(connector, each) for each in records if isinstance(connector, Fetching)])
        if whole := [each for each in hints if each not in records]:
            synced = await self._sync(source)
            if synced.problem is not None:
                raise SourceDown(synced.problem.message)
            count += synced.records
            async with self.parts.pipeline.transaction() as tx:
                for each in whole:
                    await tx.heeded(each)
        return count

    async def _read_again(self, connector: Fetching, hint: Hint) -> bool:
        """Read one record; what is not there is gone only if the hint said so, or a sweep finds it missing."""
        record, told = None, Told()
        try:
            record = await connector.fetch(hint.stream, hint.key)
        except NotGiven as refused:
            told = Told(rejected=(_refused(hint, str(refused)),))
        if record is None and hint.gone:
            record = Record(source=hint.source, stream=hint.stream, key=hint.key, data={}, deleted=True)
        if record is not None:
            await self.parts.pipeline.take_in([record])
        async with self.parts.pipeline.transaction() as tx:
            await tx.heeded(hint)
        if told.rejected:
            await self.parts.pipeline.told_by(told)
        return record is not None


def _refused(hint: Hint, why: str) -> Rejected:
    problem = Problem("hint-refused", why, Place(f"sources.{hint.source}.webhook"))
    raw = msgspec.json.encode(hint).decode()
    return Rejected(source=hint.source, stream=hint.stream, key=hint.key, raw=raw, problem=problem)
