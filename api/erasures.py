"""Who was erased, told in a file outside the database, so that a backup from before brings nobody back.

The file lies beside the anchor. It names nobody: each line is a keyed digest of a name, and when. It is written before
anything is destroyed, so a crash in between is made good by the next restore or by erasing again.
"""

import hashlib
import hmac
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from engine.store.errors import StoreUnavailable


class Line(msgspec.Struct, frozen=True):
    """One name that was erased."""

    at: datetime
    digest: str


def file_of(anchor: Path) -> Path:
    """Return the file that belongs to an anchor."""
    return anchor.with_name("erasures.jsonl")


def note(file: Path, secret: bytes, names: Iterable[str], at: datetime) -> None:
    """Write down that these names are being erased; durable when it returns."""
    lines = b"".join(msgspec.json.encode(Line(at, digest_of(secret, name))) + b"\n" for name in names)
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as handle:
        handle.write(lines)
        handle.flush()
        os.fsync(handle.fileno())


def erased_since(file: Path, secrets: Sequence[bytes], persons: Sequence[str], since: datetime) -> tuple[str, ...]:
    """Return those of the persons who were erased at or after a moment, under whichever of the secrets it was noted.

    Raises StoreUnavailable for a damaged file.
    """
    try:
        text = file.read_bytes() if file.exists() else b""
        lines = [msgspec.json.decode(line, type=Line) for line in text.splitlines() if line.strip()]
    except (OSError, msgspec.MsgspecError) as fault:
        raise StoreUnavailable(f"{file} cannot be read, and it says who was erased: {fault}") from fault
    wanted = {line.digest for line in lines if line.at >= since}
    return tuple(person for person in persons if any(digest_of(each, person) in wanted for each in secrets))


def digest_of(secret: bytes, name: str) -> str:
    """Return what stands for a name; HMAC-SHA-256, so that names cannot be guessed without the secret key."""
    return hmac.new(secret, f"opslayer erasure 1/{name}".encode(), hashlib.sha256).hexdigest()
