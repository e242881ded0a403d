"""All actions as lines, read once and then kept up to date from the journal."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Protocol

import msgspec

from api.insight.chronicle import Chronicle
from api.insight.line import Line, Result, line_of
from engine.events import Action
from engine.ports import Stored

_PAGE, _ENTRIES = 500, 1000
_OUTCOME = "outcome"
_WAITS = "pending"
_MOVES = ("action", "verdict", "note", "receipt", _OUTCOME)


class Memory(Protocol):
    """What the ledger reads."""

    async def head(self) -> int:
        """Return the number of the last journal entry."""
        ...

    async def outlines(self, *, ids: Sequence[str] = (), after: str = "", limit: int = 500) -> Sequence[Action]:
        """Return actions without their proofs, newest first."""
        ...

    async def entries(self, after: int = 0, *, kinds: Sequence[str] = (), limit: int = 1000) -> Sequence[Stored]:
        """Return journal entries in order."""
        ...


class Ledger:
    """Answers from memory; what the journal tells since the last question is read first."""

    def __init__(self, memory: Callable[[], Memory]) -> None:
        self._memory = memory
        self._lines: dict[str, Line] = {}
        self._outcomes: dict[str, tuple[Result, datetime]] = {}
        self._ordered: list[Line] = []
        self._places: dict[str, int] = {}
        self._unsorted = False
        self._told: dict[frozenset[str] | None, tuple[Line, ...]] = {}
        self._waiting: dict[str, Action] | None = None
        self._chronicle: Chronicle | None = None
        self._seq = -1
        self._reading = asyncio.Lock()

    async def lines(self, rulesets: frozenset[str] | None = None) -> tuple[Line, ...]:
        """Return all lines, or those of some rulesets, newest first."""
        async with self._reading:
            await self._catch_up()
            if rulesets not in self._told:
                self._sort()
                found = reversed(self._ordered)
                self._told[rulesets] = tuple(
                    found if rulesets is None else (each for each in found if each.ruleset in rulesets)
                )
            return self._told[rulesets]

    async def waiting(self) -> tuple[Action, ...]:
        """Return the actions that wait for a word, without their proofs; kept from the first question on."""
        async with self._reading:
            await self._catch_up()
            if self._waiting is None:
                self._waiting = {}
                ids = [each.id for each in self._lines.values() if each.state == _WAITS]
                for start in range(0, len(ids), _PAGE):
                    for each in await self._memory().outlines(ids=ids[start : start + _PAGE], limit=_PAGE):
                        self._waiting[each.id] = each
                    await asyncio.sleep(0)  # others are served meanwhile
            return tuple(each for each in self._waiting.values() if each.state == _WAITS)

    async def chronicle(self, rulesets: frozenset[str] | None = None) -> Chronicle:
        """Return when what happened to all actions, or to those of some rulesets; kept from the first question on."""
        async with self._reading:
            await self._catch_up()
            if self._chronicle is None:
                self._chronicle = Chronicle.of(self._lines.values())
            return self._chronicle if rulesets is None else self._chronicle.only(rulesets)

    def _sort(self) -> None:
        """Put all lines in order, where what was added is not in it by itself."""
        if self._unsorted:
            self._ordered = sorted(self._lines.values(), key=_age)
            self._places = {each.id: place for place, each in enumerate(self._ordered)}
            self._unsorted = False

    async def head(self) -> int:
        """Return how far the journal has come."""
        return await self._memory().head()

    async def _catch_up(self) -> None:
        memory = self._memory()
        head = await memory.head()
        if self._seq < 0:
            await self._read_all(memory)
        elif head > self._seq:
            await self._follow(memory)
        self._seq = max(head, self._seq)

    async def _read_all(self, memory: Memory) -> None:
        seq = 0
        while entries := await memory.entries(seq, kinds=(_OUTCOME,), limit=_ENTRIES):
            self._learn(entries)
            seq = entries[-1].seq
        after = ""
        while page := await memory.outlines(after=after, limit=_PAGE):
            self._keep(page)
            after = page[-1].id
            await asyncio.sleep(0)  # others are served meanwhile

    async def _follow(self, memory: Memory) -> None:
        moved: dict[str, None] = {}
        after, more = self._seq, True
        while more:
            page = await memory.entries(after, kinds=_MOVES, limit=_ENTRIES)
            self._learn(page)
            for entry in page:
                moved |= {each[7:]: None for each in entry.subjects if each.startswith("action:")}
            after, more = page[-1].seq if page else after, len(page) == _ENTRIES
        ids = list(moved)
        for start in range(0, len(ids), _PAGE):
            self._keep(await memory.outlines(ids=ids[start : start + _PAGE], limit=_PAGE))
        self._seq = max(after, self._seq)

    def _learn(self, entries: Iterable[Stored]) -> None:
        """Note what became of actions."""
        for each in entries:
            body = each.body or {}
            if each.kind == _OUTCOME and body.get("result") in ("good", "bad", "open"):
                self._outcomes[str(body.get("action"))] = (body["result"], each.recorded_at.astimezone(UTC))

    def _keep(self, actions: Iterable[Action]) -> None:
        for each in actions:
            line, came = line_of(each), self._outcomes.get(each.id)
            self._put(msgspec.structs.replace(line, outcome=came[0], outcome_at=came[1]) if came else line)
            if self._waiting is not None:
                if each.state == _WAITS:
                    self._waiting[each.id] = each
                else:
                    self._waiting.pop(each.id, None)

    def _put(self, line: Line) -> None:
        """Keep a line at its place; what is the newest comes to the end."""
        place = self._places.get(line.id)
        if place is None:
            self._unsorted = self._unsorted or bool(self._ordered and _age(line) < _age(self._ordered[-1]))
            self._places[line.id] = len(self._ordered)
            self._ordered.append(line)
        else:
            self._ordered[place] = line
        if self._chronicle is not None:
            self._chronicle.put(line, self._lines.get(line.id))
        self._lines[line.id] = line
        self._told.clear()


def _age(line: Line) -> tuple[datetime, str]:
    return line.created_at, line.id
