"""Decides again all that a journal holds, in a process of its own, and compares it with what was decided then."""

import asyncio
import hashlib
import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from api.bootstrap import open_journal
from api.bundles.ruling import activations, journaled
from api.clock import SystemClock
from engine.canonical import to_plain
from engine.events import Decision
from engine.inference.clock import HeldClock
from engine.inference.rulebook import Rulebook
from engine.journal import INPUTS
from engine.ports import Database, EntryKind, Stored
from engine.replay import History
from engine.versions import versions

_PAGE, _TOLD, _PARTS = 1000, 20, 5


class Differs(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that did not come out as it was recorded: missing now, new now, or with other content.

    `parts`: what is otherwise, as path, then and now; some, where there are many.
    """

    id: str
    what: str
    subject: str = ""
    parts: tuple[tuple[str, str, str], ...] = ()


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """What came of deciding again. `made_with`: the versions that decided then, each once; `now`: those of today.

    `erased`: decisions about people who were erased meanwhile, which are not compared.
    """

    same: bool
    inputs: int
    decisions: int
    erased: int
    differences: tuple[Differs, ...]
    made_with: tuple[Mapping[str, str], ...]
    now: Mapping[str, str]


async def decide_again(folder: Path) -> Again | None:
    """Play the journal in another process with another hash seed and zone; None when there is no journal."""
    async with open_journal(folder, SystemClock()) as store:
        if store is None:
            return None
        gone = {name async for each in _entries(store, "erasure") for name in each.subjects}
        recorded = [each async for each in _recorded(store) if each[1] not in gone]
        made = [each async for each in _made(folder)]
        kept = [each for each in made if each[1] not in gone]
        differences = [each async for each in _differences(store, recorded, kept)]
        with_ = [(each.body or {}).get("versions") async for each in _entries(store, "bundle", "note")]
        return Again(
            same=[each[:3] for each in recorded] == [each[:3] for each in kept],
            inputs=await _count(store),
            decisions=len(recorded),
            erased=len(made) - len(kept),
            differences=tuple(differences),
            made_with=tuple(dict(each) for each in dict.fromkeys(tuple(each.items()) for each in with_ if each)),
            now=versions(),
        )


Made = tuple[str, str, bytes, str]
"""A decision's id, its subject, the digest of its content, and, of what was made again, the content."""


async def _recorded(store: Database) -> AsyncIterator[Made]:
    """Yield what the journal says was decided, oldest first."""
    pages: list[list[Made]] = []
    after = ""
    while page := await store.decisions(after=after, limit=_PAGE):
        pages.append([_digested(each.id, each.key.subject, encoded(each), "") for each in page])
        after = page[-1].id
    for each in reversed(pages):
        for made in reversed(each):
            yield made


async def _made(folder: Path) -> AsyncIterator[Made]:
    """Yield what another process decides, whose dictionaries and sets are in another order."""
    seed = str(int.from_bytes(os.urandom(3), "big") + 1)
    script = "from api.again import main; main()"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(folder), stdout=asyncio.subprocess.PIPE, limit=2**26,
        env=os.environ | {"PYTHONHASHSEED": seed},
    )  # fmt: skip
    assert process.stdout is not None
    async for line in process.stdout:
        text = line.decode().rstrip("\n")
        plain = msgspec.json.decode(text, type=_Named)
        yield _digested(plain.id, plain.key.subject, text, text)
    if await process.wait():
        raise ChildProcessError("the process that decides again ended before the journal did")


class _Key(msgspec.Struct):
    subject: str


class _Named(msgspec.Struct):
    id: str
    key: _Key


async def _differences(store: Database, recorded: list[Made], made: list[Made]) -> AsyncIterator[Differs]:
    then, now = {each[0]: each for each in recorded}, {each[0]: each for each in made}
    odd = [id for id in {**then, **now} if id not in then or id not in now or then[id][2] != now[id][2]]
    for id in odd[:_TOLD]:
        stored = await store.decision(id) if id in then else None
        what = "not decided again" if id not in now else "not decided then" if stored is None else "decided otherwise"
        both = (encoded(stored), now[id][3]) if stored is not None and id in now else ("{}", "{}")
        parts = islice(_parts(msgspec.json.decode(both[0]), msgspec.json.decode(both[1]), ""), _PARTS)
        yield Differs(id=id, what=what, subject=(then.get(id) or now[id])[1], parts=tuple(parts))
    if not odd and [each[0] for each in recorded] != [each[0] for each in made]:
        yield Differs(id="", what="decided in another order")


def _parts(then: Any, now: Any, path: str) -> Iterator[tuple[str, str, str]]:  # noqa: ANN401
    """Yield the leaves in which two documents differ."""
    if isinstance(then, dict) and isinstance(now, dict):
        for name in {**then, **now}:
            yield from _parts(then.get(name), now.get(name), f"{path}.{name}" if path else name)
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for place, pair in enumerate(zip(then, now, strict=True)):
            yield from _parts(pair[0], pair[1], f"{path}[{place}]")
    elif then != now:
        yield path, msgspec.json.encode(then).decode()[:200], msgspec.json.encode(now).decode()[:200]


def encoded(decision: Decision) -> str:
    """Return a decision as the bytes that are compared."""
    return msgspec.json.encode(to_plain(decision)).decode()


def _digested(id: str, subject: str, text: str, kept: str) -> Made:
    return id, subject, hashlib.sha256(text.encode()).digest(), kept


async def _entries(store: Database, *kinds: EntryKind) -> AsyncIterator[Stored]:
    after = 0
    while page := await store.entries(after, kinds=kinds, limit=_PAGE):
        for each in page:
            yield each
        after = page[-1].seq


async def _count(store: Database) -> int:
    return sum([1 async for _ in _entries(store, *INPUTS)])


def main() -> None:
    """Print each decision that the journal of a home leads to, one JSON document a line."""
    asyncio.run(_print(Path(sys.argv[1])))


async def _print(folder: Path) -> None:
    async with open_journal(folder, SystemClock()) as store:
        ruled = await activations(store) if store is not None else []
        if store is None or not ruled:
            return
        history = History(store, Rulebook.of(journaled(ruled[-1]).sound()))
        async for each in history.decided(HeldClock(SystemClock().now())):
            sys.stdout.write(encoded(each) + "\n")
