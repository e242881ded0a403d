"""Reading the journal: which entries a page holds, and their bodies opened."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidTag
from sqlalchemy import ColumnElement, Integer, Row, Select, and_, bindparam, select, union_all

from engine.ports import Stored
from engine.store.codec import decode_body
from engine.store.errors import StoreUnavailable
from engine.store.journal import PARTITION, body_context
from engine.store.keys import KeyRing, Sealed
from engine.store.schema import bodies, journal, journal_subjects, person_keys

SALT: Final = 32

_WITH_BODY: Final = journal.outerjoin(
    bodies, and_(bodies.c.partition == journal.c.partition, bodies.c.seq == journal.c.seq)
).outerjoin(person_keys, person_keys.c.id == bodies.c.key_id)
ENTRIES: Final = select(journal, bodies.c.salt, bodies.c.content, bodies.c.key_id, person_keys.c.wrapped).select_from(
    _WITH_BODY
)
"""Entries with what is left of their bodies."""
_LIMIT: Final = bindparam("limit", type_=Integer)


def page(after: int, subject: str, kinds: Sequence[str], limit: int) -> tuple[Select[Any], Mapping[str, Any]]:
    """The entries behind `after`: a statement and its values. Statements are kept: building one costs as much as it."""
    named = {f"kind{place}": kind for place, kind in enumerate(dict.fromkeys(kinds))}
    values = {"after": after, "limit": limit} | ({"subject": subject} if subject else {}) | named
    return _page(tuple(named), by_subject=bool(subject)), values


@lru_cache(maxsize=64)
def _page(kinds: Sequence[str], *, by_subject: bool) -> Select[Any]:
    """A page; each kind is asked for by itself, so that no index is read past the page."""
    wanted = [_numbers(each, by_subject=by_subject) for each in kinds or ("",)]
    if len(wanted) > 1:
        merged = union_all(*(select(each.subquery().c.seq) for each in wanted)).subquery()
        numbers = select(merged.c.seq).order_by(merged.c.seq).limit(_LIMIT).subquery()
    else:
        numbers = wanted[0].subquery()
    here = and_(journal.c.partition == PARTITION, journal.c.seq.in_(select(numbers.c.seq)))
    return ENTRIES.where(here).order_by(journal.c.seq)


def numbered(numbers: Sequence[int]) -> Select[Any]:
    """The entries with these numbers."""
    return ENTRIES.where(and_(journal.c.partition == PARTITION, journal.c.seq.in_(numbers)))


def _numbers(kind: str, *, by_subject: bool) -> Select[Any]:
    table = journal_subjects if by_subject else journal
    wanted: list[ColumnElement[bool]] = [table.c.partition == PARTITION, table.c.seq > bindparam("after")]
    if by_subject:
        wanted.append(table.c.subject == bindparam("subject"))
    if kind:
        wanted.append(table.c.kind == bindparam(kind))
    return select(table.c.seq).where(*wanted).order_by(table.c.seq).limit(_LIMIT)


def to_stored(row: Row[Any], ring: KeyRing) -> Stored:
    """An entry with its body opened; raises StoreUnavailable when an encrypted body was tampered with."""
    opened = open_body(row, ring)
    return Stored(
        seq=row.seq,
        kind=row.kind,
        recorded_at=row.recorded_at,
        valid_at=row.valid_at,
        actor=row.actor,
        subjects=to_subjects(row),
        revision=row.revision,
        body=None if opened is None else decode_body(opened[1]),
        person=row.person,
        erased=opened is None,
    )


def to_subjects(row: Row[Any]) -> tuple[str, ...]:
    """What the entry is filed under."""
    return msgspec.json.decode(row.subjects, type=tuple[str, ...])


def open_body(row: Row[Any], ring: KeyRing) -> tuple[bytes, bytes] | None:
    """Salt and canonical body, None once erased."""
    if row.content is None:
        return None
    if row.key_id is None:
        return row.salt, row.content
    if row.wrapped is None:
        raise StoreUnavailable(f"The key of journal entry {row.seq} is gone; run `opslayer verify`.")
    key = ring.unwrap(Sealed(row.key_id, row.person, row.wrapped))
    try:
        opened = key.open(row.content, body_context(row.partition, row.seq, row.kind))
    except InvalidTag as fault:
        raise StoreUnavailable(f"Journal entry {row.seq} was tampered with; run `opslayer verify`.") from fault
    return opened[:SALT], opened[SALT:]
