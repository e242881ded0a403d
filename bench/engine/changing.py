"""Changing one rule of many: compiling a rulebook from nothing and from the one before it, and a session going on."""

from bench.engine import ours
from bench.engine.measuring import timed
from bench.engine.workload import bands, events
from engine.inference.clock import HeldClock
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session
from engine.rules.structs import Ruleset

SUBJECTS = 10_000


def changing(sizes):
    """Seconds to compile so many rules, to take one away again or put it back, and for a session to go on so."""
    found = {}
    for size in sizes:
        compiling, book = timed(lambda size=size: ours.rulebook(bands(size), propose=True))
        rules = book.rulesets[0].rules
        fewer = (Ruleset(id="bench", rules=rules[:-1]),)
        removing, less = timed(lambda book=book, fewer=fewer: Rulebook(ours.MODEL, fewer, ours.SETTINGS, book))
        adding, more = timed(lambda book=book, less=less: Rulebook(ours.MODEL, book.rulesets, ours.SETTINGS, less))
        session = _told(book, size)
        without, _ = timed(lambda session=session, less=less: session.turn(less))
        again, _ = timed(lambda session=session, more=more: session.turn(more))
        assert session.rulebook is more, "one rule that stands by itself is changed in place"
        found[f"{size:,} rules"] = {
            "compile, s": round(compiling, 2), "remove one, s": round(removing, 3), "add one, s": round(adding, 3),
            f"a session of {SUBJECTS:,} goes on without it, s": round(without, 3), "and with it, s": round(again, 3),
        }  # fmt: skip
    return found


def _told(book, size):
    session = Session(book, HeldClock(ours.START))
    for event in events(SUBJECTS, bands(size)):
        session.apply(ours.change(event))
    return session
