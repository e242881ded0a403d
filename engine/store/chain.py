"""The hash chain of the journal, as pure functions. Its format is final.

    commitment = SHA-256(salt || body)                     salt: 32 random bytes, kept and destroyed with the body
    hash(n)    = SHA-256(hash(n-1) || header(n) || commitment(n))          hash(0): 32 zero bytes

The body is its canonical JSON (`engine.canonical`), the header the canonical JSON of `Header`.
"""

import hashlib
import secrets
from datetime import datetime
from typing import Final

import msgspec

from engine.store.columns import micros

GENESIS: Final = bytes(32)


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What the chain says of an entry besides its body; fields in the order of their names, times in microseconds."""

    actor: str
    format: int = 1
    kind: str
    partition: int
    person: str
    recorded_at: int
    revision: str
    seq: int
    subjects: tuple[str, ...]
    valid_at: int | None


def header(
    *,
    partition: int,
    seq: int,
    kind: str,
    recorded_at: datetime,
    valid_at: datetime | None,
    actor: str,
    subjects: tuple[str, ...],
    revision: str,
    person: str,
) -> bytes:
    """The canonical header of an entry."""
    return msgspec.json.encode(
        Header(
            actor=actor,
            kind=kind,
            partition=partition,
            person=person,
            recorded_at=micros(recorded_at),
            revision=revision,
            seq=seq,
            subjects=subjects,
            valid_at=None if valid_at is None else micros(valid_at),
        )
    )


def new_salt() -> bytes:
    """Enough to keep a short body from being guessed by its commitment."""
    return secrets.token_bytes(32)


def commitment(salt: bytes, body: bytes) -> bytes:
    """What the chain holds in place of the body."""
    return hashlib.sha256(salt + body).digest()


def link(before: bytes, head: bytes, committed: bytes) -> bytes:
    """The hash of an entry, given that of the entry before."""
    return hashlib.sha256(before + head + committed).digest()
