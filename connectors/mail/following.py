"""What becomes of messages after they came: their flags, and that they left the folder.

A server with QRESYNC (RFC 7162) tells both since a point of its own; of any other the folder is listed, and what was
listed last time is kept as sets of numbers.
"""

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from imaplib import IMAP4
from typing import Any

import msgspec

from connectors.mail.numbers import numbers, ranges

UID = re.compile(rb"\bUID (\d+)")
FLAGS = re.compile(rb"\bFLAGS \(([^)]*)\)")
EARLIER = b"(EARLIER) "


class Known(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the folder stood: as the server's own `point`, or as the numbers that are there and those with each flag."""

    point: int = 0
    there: str = ""
    flags: Mapping[str, str] = {}


class Changed(msgspec.Struct, frozen=True):
    """What changed since: flags by UID, the UIDs that left, and how the folder stands now."""

    flags: Mapping[int, frozenset[str]]
    gone: frozenset[int]
    known: Known


def resyncs(session: IMAP4) -> bool:
    """Whether the server tells changes by itself; asked for before a folder is opened."""
    with suppress(IMAP4.error):
        (able,) = checked(session.capability())[:1]  # not what it said before the log-in, which is less
        return b"QRESYNC" in able.upper().split() and session.xatom("ENABLE", "QRESYNC")[0] == "OK"
    return False


def point(session: IMAP4) -> int:
    """Return where the opened folder stands in the server's own count of changes, 0 where it has none."""
    (value,) = session.response("HIGHESTMODSEQ")[1][:1] or [None]
    found = re.search(rb"\d+", value or b"")
    return int(found[0]) if found else 0


def changes(session: IMAP4, before: Known, last: int, now: int) -> Changed:
    """Return what became of the messages that were told, up to the UID `last`; `now`: the server's point, 0 for none.

    Listed before new messages are read: what changes meanwhile is told next time, and nothing is lost.
    """
    if now and (before.point or not before.there):
        return _told(session, before.point, last, now)
    listed = flags_of(checked(session.uid("FETCH", "1:*", "(FLAGS)")))
    there = frozenset(numbers(before.there))
    flags = {name: frozenset(numbers(text)) for name, text in before.flags.items()}
    changed = {
        uid: each
        for uid, each in listed.items()
        if uid in there and each != {name for name, those in flags.items() if uid in those}
    }
    return Changed(changed, there - listed.keys(), Known(point=now) if now else _known(listed))


def also(before: Known, told: Mapping[int, frozenset[str]], now: int) -> Known:
    """Return what is known once these messages are told too, should reading break off here."""
    if now:
        return Known(point=before.point or now)
    there = {*numbers(before.there), *told}
    flags = {
        name: ranges({*numbers(before.flags.get(name, "")), *(uid for uid, each in told.items() if name in each)})
        for name in {*before.flags, *(name for each in told.values() for name in each)}
    }
    return Known(there=ranges(there), flags=flags)


def _told(session: IMAP4, since: int, last: int, now: int) -> Changed:
    if not since or now == since or not last:
        return Changed({}, frozenset(), Known(point=now))
    answer = checked(session.uid("FETCH", f"1:{last}", "(FLAGS)", f"(CHANGEDSINCE {since} VANISHED)"))
    left = b",".join(each.removeprefix(EARLIER) for each in session.response("VANISHED")[1] if isinstance(each, bytes))
    return Changed(flags_of(answer), frozenset(uid for uid in numbers(left.decode()) if uid <= last), Known(point=now))


def flags_of(answer: Collection[Any]) -> dict[int, frozenset[str]]:
    """Return the flags that a FETCH tells, by UID."""
    found: dict[int, frozenset[str]] = {}
    for part in answer:
        line = part[0] if isinstance(part, tuple) else part
        if isinstance(line, bytes) and (uid := UID.search(line)) and (flags := FLAGS.search(line)):
            found[int(uid[1])] = named(flags[1])
    return found


def named(flags: bytes) -> frozenset[str]:
    """Return flags in small letters without their mark; what only concerns this session is left out."""
    names = (each.decode("ascii", "replace").lstrip("\\").lower() for each in flags.split())
    return frozenset(names) - {"recent"}


def _known(listed: Mapping[int, frozenset[str]]) -> Known:
    names = sorted({name for each in listed.values() for name in each})
    flags = {name: ranges([uid for uid, each in listed.items() if name in each]) for name in names}
    return Known(there=ranges(listed.keys()), flags=flags)


def checked(answer: tuple[str, list[Any]]) -> list[Any]:
    """Return what a server answers; raises IMAP4.error where it refuses."""
    state, data = answer
    if state != "OK":
        raise IMAP4.error(b" ".join(each for each in data if isinstance(each, bytes)).decode("utf-8", "replace"))
    return data
