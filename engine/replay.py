"""A session from the journal: inputs in order, at their recorded time, under the rules in force at each."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import msgspec

from engine.events import Decision
from engine.inference.carry import remember
from engine.inference.clock import HeldClock
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session
from engine.journal import entries, input_of
from engine.memory import Snapshot
from engine.ports import Database, Stored, Transaction
from engine.rules import load_home
from engine.source.folder import Memory
from engine.source.problem import ConfigError, Problem

_BEFORE: Final = datetime(1970, 1, 1, tzinfo=UTC)
EVERY: Final = 10_000
"""Entries between two snapshots, at least."""


class History:
    """Makes sessions from the journal; the rules of former revisions are read from the files it holds.

    A snapshot is kept every `every` entries, less often when there are more entities than that.
    """

    def __init__(self, database: Database, rulebook: Rulebook, *, every: int = EVERY) -> None:
        self._database = database
        self._present = rulebook
        self._rulebooks = {rulebook.settings.revision: rulebook}
        self._every = every
        self._kept = 0

    async def rebuild(self, clock: HeldClock) -> Session:
        """Return the session as it stood after the last durable entry; raises ConfigError for unreadable rules."""
        snapshot = await self._database.latest_snapshot()
        session = None if snapshot is None else await self._restored(snapshot, clock)
        self._kept = snapshot.seq if snapshot is not None and session is not None else 0
        if session is None:
            clock.set(_BEFORE)
            session = Session(self._present, clock)
        return await self._follow(session, clock, self._kept)

    async def follow(
        self, session: Session, clock: HeldClock, after: int, heard: Callable[[str, str], None] | None = None
    ) -> Session:
        """Let everything happen again that the journal holds behind an entry; returns the session to go on with.

        `heard` is told the type and id of each entity that a record said something of. Where somebody was erased
        meanwhile, the session is made anew: what is erased leaves this process's memory too.
        """
        followed = await self._follow(session, clock, after, heard)
        erased = await self._database.entries(after, kinds=("erasure",), limit=1)
        return await self.rebuild(clock) if erased else followed

    async def _follow(
        self, session: Session, clock: HeldClock, after: int, heard: Callable[[str, str], None] | None = None
    ) -> Session:
        async for stored in entries(self._database, after):
            if heard is not None and stored.kind == "record" and stored.body is not None:
                heard(stored.body["entity"], stored.body["id"])
            session, _ = self._again(session, clock, stored)
        return session

    async def decided(self, clock: HeldClock) -> AsyncIterator[Decision]:
        """Yield what the inputs of the whole journal lead to: what it says was decided, if all is well."""
        clock.set(_BEFORE)
        session = Session(self._present, clock)
        async for stored in entries(self._database):
            session, decisions = self._again(session, clock, stored)
            for each in decisions:
                yield each

    async def keep(self, tx: Transaction, session: Session) -> None:
        """Keep a snapshot when enough has happened since the last one."""
        head = await tx.head()
        if head - self._kept >= max(self._every, sum(map(len, session.state.entities.values()))):
            await tx.save_snapshot(head, session.snapshot())
            self._kept = head

    def _again(self, session: Session, clock: HeldClock, stored: Stored) -> tuple[Session, list[Decision]]:
        """Let one entry happen again; what it caused is in the journal already."""
        clock.set(max(session.now, stored.recorded_at))
        if stored.kind == "tick":
            return session, session.advance(clock.now())
        if stored.kind == "bundle":
            return Session.adopt(self._rules(stored), clock, remember(session))
        event, first_load = input_of(stored)
        return session, [] if event is None else session.apply(event, first_load=first_load)

    async def _restored(self, snapshot: Snapshot, clock: HeldClock) -> Session | None:
        """Return the session of a snapshot under the rules it was kept under; None for one of another format."""
        after, rules = 0, self._present
        while page := await self._database.entries(after, kinds=("bundle",), limit=100):
            for stored in page:
                if stored.seq <= snapshot.seq:
                    rules = self._rules(stored)
            after = page[-1].seq
        try:
            return Session.restore(rules, clock, snapshot.content)
        except (msgspec.DecodeError, msgspec.ValidationError):
            return None

    def _rules(self, stored: Stored) -> Rulebook:
        if stored.revision not in self._rulebooks:
            self._rulebooks[stored.revision] = _read((stored.body or {}).get("files", {}), stored, self._present)
        return self._rulebooks[stored.revision]


def _read(files: Mapping[str, str], stored: Stored, known: Rulebook) -> Rulebook:
    try:
        return Rulebook.of(replace(load_home(Memory(files)).sound(), revision=stored.revision), known)
    except ConfigError as fault:
        message = f"the rules in force since {stored.recorded_at:%Y-%m-%d} cannot be read by this version"
        hint = "Start once with the version that wrote them, so that the journal is behind its next snapshot."
        raise ConfigError((Problem("former-rules", message, hint=hint), *fault.problems)) from fault
