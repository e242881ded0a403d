"""Putting a backup in the place of a database: tried beside it first, and what was there is kept.

SQLite: the copy is unpacked beside the file, brought to this version, tried, and moved into its place. PostgreSQL:
one transaction replaces the tables by what `pg_restore` says, then they are brought to this version.
"""

import asyncio
import hashlib
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec
from sqlalchemy import URL

from engine.ports import Clock, StoreUnavailable
from engine.store import connect
from engine.store.alone import alone_in_file, alone_on_server
from engine.store.backup import DATABASE, MANIFEST, Manifest
from engine.store.errors import WrongSecret, advised
from engine.store.former import hand_over
from engine.store.keys import KeyRing, Sealed
from engine.store.migrate import upgrade_by
from engine.store.schema import metadata, person_keys
from engine.store.tools import load, rows_of, script_of

_STAMP = "%Y%m%dT%H%M%S"


def manifest_of(file: Path) -> Manifest:
    """Return what a backup holds by its own word; raises StoreUnavailable when it is none."""
    try:
        with tarfile.open(file, "r:gz") as archive:
            member = archive.extractfile(MANIFEST)
            assert member is not None
            return msgspec.json.decode(member.read(1_000_000), type=Manifest)
    except (OSError, tarfile.TarError, KeyError, EOFError, AssertionError, msgspec.MsgspecError) as fault:
        raise StoreUnavailable(f"{file} is no backup of this program: {fault}") from fault


async def restore(
    url: str, file: Path, *, clock: Clock, secret: bytes, former: Sequence[bytes] = ()
) -> tuple[Manifest, Path | None]:
    """Put a backup in the database's place; returns what it holds, and where the SQLite file before it is kept.

    Raises StoreUnavailable when the backup is damaged or of another kind of database, when its persons' keys open with
    neither `secret` nor a former one, or when a program still uses the database; what was there is then as it was.
    """
    parsed, manifest = connect.parse_url(url), manifest_of(file)
    kind = "sqlite" if connect.is_sqlite(parsed) else "postgresql"
    if manifest.database != kind:
        raise StoreUnavailable(f"{file} holds a {manifest.database} database, and the settings name a {kind} one.")
    place = Path(parsed.database or "") if kind == "sqlite" else None
    with tempfile.TemporaryDirectory(dir=place.parent if place else None, prefix=".restore-") as folder:
        copy = Path(folder) / "copy.db"
        await asyncio.to_thread(_unpack, file, copy, manifest)
        if place is None:
            await _into_postgres(parsed, copy, [secret, *former])
            await hand_over(url, clock=clock, secret=secret, former=former)
            return manifest, None
        await hand_over(f"sqlite:///{copy}", clock=clock, secret=secret, former=former)
        return manifest, await asyncio.to_thread(_into_place, copy, place, clock.now())


def _unpack(file: Path, copy: Path, manifest: Manifest) -> None:
    try:
        with tarfile.open(file, "r:gz") as archive, copy.open("xb") as target:
            member = archive.extractfile(DATABASE)
            assert member is not None
            _copy(member, target)
    except (OSError, tarfile.TarError, KeyError, EOFError, AssertionError) as fault:
        raise StoreUnavailable(f"{file} is damaged: {fault}") from fault
    with copy.open("rb") as handle:
        if hashlib.file_digest(handle, "sha256").hexdigest() != manifest.sha256:
            raise StoreUnavailable(f"{file} is damaged: its content is not what its manifest says.")


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    """Copy to the end; raises StoreUnavailable when the target, not the source, is at fault."""
    while block := source.read(1 << 20):
        try:
            target.write(block)
            target.flush()
        except OSError as fault:
            raise StoreUnavailable(
                f"The backup could not be unpacked: {advised(fault)}. Nothing was changed."
            ) from fault


def _into_place(copy: Path, place: Path, at: datetime) -> Path | None:
    """Move the copy to the database's name; the one before it goes aside under its name and the moment."""
    with closing(sqlite3.connect(copy)) as database:
        database.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
    aside = None
    if place.exists():
        alone_in_file(place)
        aside = place.with_name(f"{place.name}.replaced-{at.strftime(_STAMP)}")
        place.rename(aside)
    copy.chmod(0o600)
    copy.rename(place)
    descriptor = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return aside


async def _into_postgres(url: URL, copy: Path, secrets: Sequence[bytes]) -> None:
    await alone_on_server(url)
    script = await script_of(copy)
    await asyncio.to_thread(_try, script, secrets)
    await load(url, script, metadata.tables)
    wire = connect.wire(url)
    try:
        await upgrade_by(wire)
    finally:
        await wire.close()


def _try(script: Path, secrets: Sequence[bytes]) -> None:
    """Unwrap a person's key of the dump; raises WrongSecret when none of the secrets does it."""
    for row in rows_of(script, person_keys.name):
        if "\\" not in row["person"]:  # COPY escapes what stands so rarely in an id that the next one will do
            key = Sealed(int(row["id"]), row["person"], bytes.fromhex(row["wrapped"].removeprefix("\\\\x")))
            if not any(KeyRing(secret).opens(key) for secret in secrets):
                raise WrongSecret
            return
