"""The flow on one screen: what comes in is mapped, identified, remembered, evaluated and acted on, in one transaction.

    record ──map──▶ change ──identify──▶ entity ──journal──▶ engine ──decisions──▶ actions ──draft──▶ inbox or outbox

Every input is one journal entry; the engine sees inputs in the journal's order and at the journal's time, so reading
the journal again gives the same decisions. What is acknowledged is durable.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from engine.events import ActionChange, ChangeEvent, Decision, Draft, Merge, Record, Split, Watermark
from engine.identity import Resolver, evidence_of, identify, tell
from engine.inference.clock import HeldClock
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session
from engine.journal import as_read_back, decision_entry, entry_of, person_of
from engine.memory import Hint
from engine.ports import (
    Clock,
    Drafting,
    Echoes,
    Entry,
    Mapper,
    Page,
    Proposals,
    Pushed,
    Rejected,
    Store,
    Told,
    Transaction,
)
from engine.source.problem import Place, Problem
from engine.tracing import span


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one record; a rejected one waits in quarantine under its id."""

    status: Literal["accepted", "duplicate", "rejected"]
    problem: Problem | None = None
    quarantine: str = ""


Heard = Callable[[str, str], None]
"""Is told of an entity, by type and id, that a record said something of."""


class Past(Protocol):
    """What the journal makes of a session."""

    async def rebuild(self, clock: HeldClock) -> Session:
        """Make the session from what the journal holds."""
        ...

    async def follow(self, session: Session, clock: HeldClock, after: int, heard: Heard | None = None) -> Session:
        """Take in what the journal holds behind an entry, which another process wrote; `heard`: of which entities."""
        ...

    async def keep(self, tx: Transaction, session: Session) -> None:
        """Keep a snapshot when it is time for one."""
        ...


class Pipeline:
    """Conducts one session over one store; `open` must have been awaited before anything else."""

    def __init__(self, store: Store, clock: Clock, mappers: Mapping[str, Mapper], past: Past) -> None:
        self.store = store
        self.clock = clock
        self.mappers = mappers
        self.held = HeldClock(clock.now())
        self.resolver = Resolver()
        self.session: Session
        self.watched: frozenset[str] = frozenset()
        """Entity types whose changed entities `changed` gathers, for whoever reads texts."""
        self.changed: set[tuple[str, str]] = set()
        self.proposals: Proposals
        self.drafting: Drafting
        self.echoes: Echoes | None = None
        self.echo = ""
        """The action whose own write the present input tells, "" for news of others."""
        self._past = past
        self._stale = True
        self.seen = 0

    async def open(self) -> None:
        """Make the session from the journal."""
        async with self.store.transaction() as tx:
            await self._reopen(tx)

    async def _reopen(self, tx: Transaction) -> None:
        self.seen = await tx.head()
        self.session = await self._past.rebuild(self.held)
        self._stale = False

    # --- in ---------------------------------------------------------------------------------------------------

    async def take_in(self, records: Sequence[Record], *, first_load: bool = False) -> list[Taken]:
        """Make records durable with all they cause, in one transaction; one answer for each."""
        async with self.transaction() as tx:
            return [await self._take(tx, record, first_load) for record in records]

    async def page(self, source: str, stream: str, page: Page, *, first_load: bool = False) -> list[Taken]:
        """Take in a page of a stream together with the cursor that follows it."""
        async with self.transaction() as tx:
            for rejected in page.rejected:
                await self._refuse(tx, rejected)
            taken = [await self._take(tx, record, first_load) for record in page.records]
            await tx.set_cursor(source, stream, page.cursor)
        return taken

    async def told_by(self, told: Told) -> list[Taken]:
        """Take in what a source sent by itself; one answer for each record, then one for each hint."""
        async with self.transaction() as tx:
            for rejected in told.rejected:
                await self._refuse(tx, rejected)
            taken = [await self._pushed(tx, each) for each in told.pushed]
            return taken + [await self._hinted(tx, *each) for each in told.hints]

    async def _pushed(self, tx: Transaction, pushed: Pushed) -> Taken:
        """Take a record unless a later state of it was heard of: deliveries overtake one another."""
        if pushed.mark is not None and not await tx.heard(pushed.record, pushed.mark):
            return Taken(status="duplicate")
        return await self._take(tx, pushed.record, first_load=False)

    async def _hinted(self, tx: Transaction, id: str, hint: Hint) -> Taken:
        if id and await tx.seen(hint.source, id):
            return Taken(status="duplicate")
        await tx.hint(hint)
        return Taken(status="accepted")

    async def watermark(self, source: str, at: datetime) -> None:
        """Remember that a source has told everything up to a moment."""
        known = self.session.watermarks.get(source)
        if known is None or at > known:
            async with self.transaction() as tx:
                await self._input(tx, Watermark(source, at))

    async def _take(self, tx: Transaction, record: Record, first_load: bool) -> Taken:
        if record.event_id and await tx.seen(record.source, record.event_id):
            return Taken(status="duplicate")
        mapper = self.mappers.get(record.source)
        if mapper is None:
            place = Place(record.origin or record.address)
            hint = f"Write mappings/{record.source}.yaml."
            problem = Problem("no-mapping", f"the source `{record.source}` has no mapping", place, hint)
            return await self._refused(tx, record, problem)
        mapped = tell(self.session.state, mapper, record)
        if isinstance(mapped, Problem):
            return await self._refused(tx, record, mapped)
        self.echo = await self.echoes.of(tx, record, self.held.now()) if self.echoes and not first_load else ""
        try:
            for each in mapped:
                event = identify(self.session.state, each, evidence_of(self.session.rulebook.model))
                await self._input(tx, event, first_load=first_load)
                self.resolver.heard(event)
        finally:
            self.echo = ""
        return Taken(status="accepted")

    async def _refused(self, tx: Transaction, record: Record, problem: Problem) -> Taken:
        raw = msgspec.json.encode(record, enc_hook=str).decode()
        rejected = Rejected(source=record.source, stream=record.stream, key=record.key, raw=raw, problem=problem)
        return Taken(status="rejected", problem=problem, quarantine=await self._refuse(tx, rejected))

    async def _refuse(self, tx: Transaction, rejected: Rejected) -> str:
        body = {
            "source": rejected.source,
            "stream": rejected.stream,
            "key": rejected.key,
            "problem": str(rejected.problem),
        }
        await tx.append(Entry(kind="quarantine", recorded_at=self.held.now(), body=body))
        return await tx.quarantine(rejected, self.held.now())

    # --- the engine -------------------------------------------------------------------------------------------

    async def pass_time(self) -> datetime:
        """Let the clock's present moment have its consequences; returns it."""
        async with self.transaction() as tx:
            now = self.held.now()
            moment = self.session.next_moment()
            if moment is not None and moment <= now:
                seq = await tx.append(Entry(kind="tick", recorded_at=now, body={}))
                with span("evaluate", input="tick"):
                    await self._act(tx, self.session.advance(now), seq)
            self.session.settler.look_at(now)  # to read by; no input, no journal
        return now

    def look(self) -> None:
        """Let questions be answered as of the clock's moment; what time causes by then is left to `pass_time`."""
        self.session.look(self.clock.now())

    async def told(self, tx: Transaction, change: ActionChange, seq: int) -> None:
        """Let the engine know what became of an action; called inside the transaction that changed it."""
        self.held.set(max(self.session.now, change.at))
        await self._act(tx, self.session.apply(change), seq)

    async def hear(self, tx: Transaction, event: ChangeEvent, person: str) -> None:
        """Take in a fact that the layer itself found, under a person's key; called inside a transaction."""
        await self._input(tx, event, person=person)

    async def adopt(self, tx: Transaction, rulebook: Rulebook, seq: int) -> None:
        """Go on under other rules, in force from the last input on; `seq` is the journal entry that brings them."""
        self.session, decisions = self.session.turn(rulebook)
        await self._act(tx, decisions, seq)

    async def join(self, event: Merge | Split) -> None:
        """Merge two entities, or undo it."""
        async with self.transaction() as tx:
            await self.joined(tx, event)

    async def joined(self, tx: Transaction, event: Merge | Split) -> None:
        """Do the same inside a transaction."""
        await self._input(tx, event)

    async def _input(
        self,
        tx: Transaction,
        event: ChangeEvent | Watermark | Merge | Split,
        *,
        first_load: bool = False,
        person: str = "",
    ) -> None:
        person = person or person_of(self.session, event)
        event = as_read_back(event)
        seq = await tx.append(entry_of(event, self.held.now(), first_load=first_load, person=person))
        if isinstance(event, ChangeEvent):
            self._heard(event.entity, event.id)
        with span("evaluate", input=event.entity if isinstance(event, ChangeEvent) else type(event).__name__.lower()):
            await self._act(tx, self.session.apply(event, first_load=first_load), seq)

    async def _act(self, tx: Transaction, decisions: Iterable[Decision], seq: int) -> None:
        for decision in decisions:
            await tx.append(decision_entry(decision))
            await tx.put_decision(decision, seq)
            if decision.kind == "propose":
                await self.proposals.propose(tx, decision)
            elif decision.kind == "ask":
                await self.proposals.ask(tx, decision)
            else:
                await self.proposals.withdraw(tx, decision)

    # --- out --------------------------------------------------------------------------------------------------

    async def prepare(self, waiting: Sequence[tuple[str, Decision]]) -> int:
        """Write the words that proposed actions wait for; a model is asked outside of any transaction."""
        done = 0
        for action, decision in waiting:
            draft = await self.drafting.draft(decision)
            if draft is not None:
                async with self.transaction() as tx:
                    done += await self._give(tx, action, draft)
        return done

    async def _give(self, tx: Transaction, action: str, draft: Draft) -> bool:
        return await self.proposals.words(tx, action, draft, self.held.now()) is not None

    # --- one transaction --------------------------------------------------------------------------------------

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Open the store's writing transaction at the clock's time.

        Whatever fails inside or at the commit, the session may have run ahead of what is durable: it is made anew
        before the next transaction.
        """
        try:
            async with self.store.transaction() as tx:
                await self._catch_up(tx)
                self.held.set(max(self.session.now, self.clock.now()))
                yield tx
                await self._past.keep(tx, self.session)
                self.seen = await tx.head()
        except BaseException:
            self._stale = True
            raise

    async def _catch_up(self, tx: Transaction) -> None:
        """Bring the session to the journal's head: after a failure, or when another process has written."""
        head = await tx.head()
        if self._stale or head < self.seen:
            await self._reopen(tx)
        elif head > self.seen:
            self.session = await self._past.follow(self.session, self.held, self.seen, self._heard)
            self.seen = head

    def _heard(self, entity: str, id: str) -> None:
        if entity in self.watched:
            self.changed.add((entity, id))
