"""Recomputing the journal: every hash, every body that is left, the anchors outside, and the actions' digests."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.memory import VerifyReport
from engine.source.problem import Place, Problem
from engine.store import anchor, chain, entries, schema
from engine.store.codec import decode_body
from engine.store.errors import StoreUnavailable
from engine.store.journal import PARTITION
from engine.store.keys import KeyRing
from engine.store.verify_actions import check_actions
from engine.store.verify_anchors import AnchorCheck

_PAGE: Final = 1000
_TOLD: Final = 100
"""Problems that are listed; one altered table would otherwise fill the screen."""


async def verify(connection: AsyncConnection, ring: KeyRing, path: Path | None) -> VerifyReport:
    """Check everything in one state of the database; `path` is the anchor file."""
    lines, problems = await asyncio.to_thread(anchor.read, path) if path is not None else ((), ())
    anchors = AnchorCheck(lines, str(path))
    check = _Check(ring, anchors)
    async for row in _pages(connection):
        check.entry(row)
    found = [*check.finish(), *await _heads(connection, check), *await _index(connection, check), *anchors.finish()]
    found += await check_actions(connection, check.digests, check.erasures)
    return VerifyReport(
        entries=check.count,
        erased=check.erased,
        anchors=len(lines),
        anchored_from=min((line.seq for line in lines), default=0),
        head=check.hash.hex(),
        problems=(*problems, *found)[:_TOLD],
    )


class _Check:
    """Goes along the chain, entry by entry."""

    def __init__(self, ring: KeyRing, anchors: AnchorCheck) -> None:
        self._ring = ring
        self._anchors = anchors
        self._problems: list[Problem] = []
        self._missing: dict[str, tuple[int, int]] = {}
        self.erasures: dict[str, int] = {}
        self.digests: dict[str, str] = {}
        self.seq = 0
        self.hash = chain.GENESIS
        self.count = 0
        self.erased = 0
        self.subjects = 0

    def entry(self, row: Row[Any]) -> None:
        """Take the next entry."""
        if row.seq != self.seq + 1:
            self._tell("journal-gap", self.seq + 1, f"entries {self.seq + 1} to {row.seq - 1} are gone")
        subjects = entries.to_subjects(row)
        if chain.link(self.hash, _header(row, subjects), row.commitment) != row.hash:
            self._tell("journal-hash", row.seq, "the entry was altered, or one before it was")
        self._body(row)
        if row.kind == "erasure":
            self.erasures |= dict.fromkeys(subjects, row.seq)
        self._anchors.entry(row.seq, row.hash.hex())
        self.seq, self.hash = row.seq, row.hash
        self.count += 1
        self.subjects += len(set(subjects))

    def finish(self) -> Sequence[Problem]:
        """Return what was found, with bodies that are gone though nobody erased them."""
        for person, (first, last) in self._missing.items():
            if self.erasures.get(person, 0) < last:
                self._tell("journal-body-missing", first, "the body is gone, and no erasure says so")
        return self._problems

    def _body(self, row: Row[Any]) -> None:
        try:
            opened = entries.open_body(row, self._ring)
        except StoreUnavailable as fault:
            self._tell("journal-body", row.seq, str(fault))
            return
        if opened is None:
            self.erased += 1
            first, _ = self._missing.get(row.person, (row.seq, 0))
            self._missing[row.person] = (first, row.seq)
        elif chain.commitment(*opened) != row.commitment:
            self._tell("journal-body", row.seq, "the body is not the one that was entered")
        elif row.kind == "action":
            self._digest(decode_body(opened[1]))

    def _digest(self, body: Any) -> None:  # noqa: ANN401  (a body)
        """Remember which digest the journal says an action has."""
        if isinstance(body.get("digest"), str) and isinstance(body.get("action"), str):
            self.digests[body["action"]] = body["digest"]

    def _tell(self, code: str, seq: int, message: str) -> None:
        if len(self._problems) < _TOLD:
            self._problems.append(Problem(code, f"entry {seq}: {message}", Place("journal", seq)))


async def _pages(connection: AsyncConnection) -> AsyncIterator[Row[Any]]:
    after = 0
    while True:
        rows = (await connection.execute(_page(after))).all()
        for row in rows:
            yield row
        if len(rows) < _PAGE:
            return
        after = rows[-1].seq


def _page(after: int) -> Select[Any]:
    journal = schema.journal
    here = (journal.c.partition == PARTITION, journal.c.seq > after)
    return entries.ENTRIES.where(*here).order_by(journal.c.seq).limit(_PAGE)


def _header(row: Row[Any], subjects: tuple[str, ...]) -> bytes:
    return chain.header(
        partition=row.partition,
        seq=row.seq,
        kind=row.kind,
        recorded_at=row.recorded_at,
        valid_at=row.valid_at,
        actor=row.actor,
        subjects=subjects,
        revision=row.revision,
        person=row.person,
    )


async def _heads(connection: AsyncConnection, check: _Check) -> Sequence[Problem]:
    head = (await connection.execute(select(schema.heads).where(schema.heads.c.partition == PARTITION))).one_or_none()
    if head is not None and (head.seq, head.hash) == (check.seq, check.hash):
        return ()
    said = "nothing" if head is None else f"entry {head.seq}"
    message = f"the journal ends with entry {check.seq}, but its head says {said}"
    return (Problem("journal-head", message, Place("journal", check.seq)),)


async def _index(connection: AsyncConnection, check: _Check) -> Sequence[Problem]:
    found = (await connection.execute(select(func.count()).select_from(schema.journal_subjects))).scalar_one()
    if found == check.subjects:
        return ()
    message = f"the index of subjects has {found} rows, the entries name {check.subjects}"
    return (Problem("journal-index", message),)
