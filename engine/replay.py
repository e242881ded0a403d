"""A session from the journal: inputs in order, at their recorded time, under the rules in force at each."""

from datetime import UTC, datetime

from engine.inference.clock import HeldClock
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session
from engine.journal import entries, input_of
from engine.memory import Snapshot
from engine.ports import Reader, Stored

_BEFORE = datetime(1970, 1, 1, tzinfo=UTC)


async def rebuild(rulebook: Rulebook, reader: Reader, clock: HeldClock, snapshot: Snapshot | None = None) -> Session:
    """Return the session as it stood after the last durable entry."""
    after = 0
    if snapshot is not None:
        after = snapshot.seq
        session = Session.restore(rulebook, clock, snapshot.content)
    else:
        clock.set(_BEFORE)
        session = Session(rulebook, clock)
    await follow(reader, session, clock, after)
    return session


async def follow(reader: Reader, session: Session, clock: HeldClock, after: int) -> None:
    """Let everything happen again that the journal holds behind an entry."""
    async for stored in entries(reader, after):
        apply(session, clock, stored)


def apply(session: Session, clock: HeldClock, stored: Stored) -> None:
    """Let one entry happen again; what it caused is in the journal already."""
    clock.set(max(session.now, stored.recorded_at))
    if stored.kind == "tick":
        session.advance(clock.now())
        return
    event, first_load = input_of(stored)
    if event is not None:
        session.apply(event, first_load=first_load)
