"""What runs by itself: time, words, dispatch, expiry, anchors; and a simulated clock moved by hand."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from api.clock import SimulatedClock
from api.layer.parts import Part, Parts, silent_since
from api.layer.subscribing import Subscribed
from api.outcomes import Advanced, AdvanceOutcome, Backwards, Measures, NotSimulated, Ready
from api.received import Answered, Ingested, Synced
from approvals.dispatch.restored import MARK
from approvals.groups import carried
from connectors.hooks.delivery import Delivery
from engine.events import Decision, Record
from engine.memory import Pulled
from engine.ports import Clock, Database, StoreUnavailable
from engine.tracing import span

CLOCK = "clock"
_ROUNDS = 1000


async def resume(clock: Clock, database: Database) -> None:
    """Let a simulated clock go on where it last stood, should that be later: no clock goes back."""
    stood = await database.setting(CLOCK)
    if isinstance(clock, SimulatedClock) and stood is not None:
        clock.advance(max(clock.now(), datetime.fromisoformat(stood)))


class Upkeep(Part):
    """api.facade.Upkeep."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._writing: set[str] = set()
        self._dispatching = asyncio.Lock()

    async def tick(self) -> None:
        """See api.facade.Upkeep."""
        await self.parts.pipeline.pass_time()
        await self.prepare()

    async def next_moment(self) -> datetime | None:
        """See api.facade.Upkeep."""
        return self.parts.pipeline.session.next_moment()

    async def prepare(self) -> int:
        """Read what came in, and give proposed actions the words they wait for."""
        await self.parts.reading.run()
        waiting: list[tuple[str, Decision]] = []
        for action in await self.parts.store.actions(state="proposed", limit=1000):
            if not self.parts.context.own(action):
                continue
            decision = await carried(self.parts.store, action, self.parts.context.operations)
            if decision is not None:
                waiting.append((action.id, decision))
        if waiting:
            await self.catch_up()  # another process may have proposed them, from facts not heard of here yet
        return sum([await self._write(id, decision) for id, decision in waiting])

    async def _write(self, id: str, decision: Decision) -> int:
        """Write the words of one action, unless they are being written, or were while others had their turn."""
        fresh = None if id in self._writing else await self.parts.store.action(id)
        if fresh is None or fresh.state != "proposed" or id in self._writing:
            return 0
        self._writing.add(id)
        try:
            key = decision.key
            with span("draft", await self.parts.memory.trace(id), ruleset=key.ruleset, rule=key.rule):
                return await self.parts.pipeline.prepare([(id, decision)])
        finally:
            self._writing.discard(id)

    async def dispatch(self) -> int:
        """See api.facade.Upkeep. Who finds it under way waits: what is being sent is not yet at rest."""
        async with self._dispatching:
            await self.catch_up()  # what other processes took in of our own accounts
            prepared = await self.prepare()
            return prepared + await self.parts.dispatcher.run() + await self.parts.lookup.run()

    async def expire(self) -> int:
        """See api.facade.Upkeep."""
        async with self.parts.pipeline.transaction() as tx:
            expired = len(await self.parts.proposing.expire(tx, self.parts.clock.now()))
        return expired + await self.parts.asking.run()

    async def anchor(self) -> None:
        """See api.facade.Upkeep."""
        await self.parts.store.anchor_now()

    async def ready(self) -> Ready:
        """See api.facade.Upkeep."""
        try:
            restored = await self.parts.store.setting(MARK)
        except StoreUnavailable as reason:
            return Ready(ready=False, reasons=(str(reason),))
        problems = self.parts.store.problems()
        careful = (f"a backup was restored, so dispatch looks up before it sends: {restored}",) if restored else ()
        return Ready(ready=not problems, reasons=(*map(str, problems), *careful))

    async def catch_up(self) -> None:
        """See api.facade.Upkeep."""
        if await self.parts.store.head() != self.parts.pipeline.seen:
            async with self.parts.pipeline.transaction():
                pass

    async def stirred(self, seconds: float) -> bool:
        """See api.facade.Upkeep."""
        return await self.parts.store.stirred(seconds)

    async def measures(self) -> Measures:
        """See api.facade.Upkeep."""
        parts, now = self.parts, self.parts.clock.now()
        session = parts.pipeline.session
        watermarks = {name: session.watermarks.get(name) for name in parts.home.sources.sources}
        due = session.next_moment()
        return Measures(
            at=now,
            tallies=await parts.store.tallies(),
            lag={name: None if at is None else max(now - at, timedelta()) for name, at in watermarks.items()},
            down=frozenset(parts.down) | await self._silent(),
            switches=len(await self._switches()),
            entities=sum(map(len, session.state.entities.values())),
            spending=await parts.calls.shares(),
            behind=timedelta() if due is None else max(now - due, timedelta()),
        )

    async def _silent(self) -> frozenset[str]:
        """Return the sources that did not answer when they were read last."""
        names = self.parts.home.sources.sources
        return frozenset([name for name in names if await self.parts.store.setting(silent_since(name))])

    async def _switches(self) -> Mapping[str, Pulled]:
        async with self.parts.store.transaction() as tx:
            return await tx.switches()

    def horizon(self) -> datetime | None:
        """Return when something else that is watched ends, None where nothing is."""
        return None

    async def rest(self) -> None:
        """Do everything that can be done at this moment."""
        for _ in range(_ROUNDS):
            if not await self.dispatch():
                return


class Timekeeping(Subscribed, Upkeep):
    """Brings what comes in as far as it goes at once, and moves a simulated clock through every due moment."""

    async def tick(self) -> None:
        """See api.facade.Upkeep."""
        await super().tick()
        await self.watch()

    async def ingest(self, records: Sequence[Record]) -> tuple[Ingested, ...]:
        """See api.facade.Input. What needs no model is read and written before the answer."""
        result = await super().ingest(records)
        await self.parts.reading.run(instant=True)
        if self.parts.instant:
            await self.prepare()
        return result

    async def hear(self, source: str, delivery: Delivery) -> Answered:
        """See api.facade.Input. What needs no model is read and written before the answer."""
        result = await super().hear(source, delivery)
        if result.accepted:
            await self.resolve()
            await self.parts.reading.run(instant=True)
            if self.parts.instant:
                await self.prepare()
        return result

    async def heed(self, source: str) -> int:
        """See api.facade.Input. What was proposed is given its words."""
        count = await super().heed(source)
        if count:
            await self.resolve(settled=True)
            await self.prepare()
        return count

    async def sync(self, source: str = "") -> tuple[Synced, ...]:
        """See api.facade.Input. What was proposed is given its words, so that a person can decide."""
        result = await super().sync(source)
        await self.prepare()
        return result

    async def advance_clock(self, to: datetime) -> AdvanceOutcome:
        """See api.facade.Control."""
        clock = self.parts.clock
        if not isinstance(clock, SimulatedClock):
            return NotSimulated()
        if to < clock.now():
            return Backwards(clock.now())
        await self.sync()
        await self.run_to(clock, to)
        for source in self.parts.receivers:
            await self.heed(source)
        await self.sync()
        await self.rest()
        return Advanced(clock.now())

    async def run_to(self, clock: SimulatedClock, to: datetime) -> None:
        """Let time alone have its consequences, moment by moment."""
        while (moment := await self._due(clock.now())) is not None and moment < to:
            await self._move(clock, moment)
        await self._move(clock, to)

    async def _due(self, now: datetime) -> datetime | None:
        """Return the next moment at which the engine, an approved action or an open one has something to do."""
        moments = (await self.next_moment(), await self.parts.store.next_due(now), self.horizon())
        return min((moment for moment in moments if moment is not None and moment > now), default=None)

    async def _move(self, clock: SimulatedClock, to: datetime) -> None:
        clock.advance(to)
        await self.parts.pipeline.pass_time()
        async with self.parts.pipeline.transaction() as tx:
            await tx.set_setting(CLOCK, to.isoformat())
        await self.expire()
        await self.rest()
