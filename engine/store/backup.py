"""A backup while everything runs: one state of the database, in one file that says what it holds.

SQLite's `VACUUM INTO` and PostgreSQL's `pg_dump` both read from one snapshot and let writers go on.
https://sqlite.org/lang_vacuum.html#vacuuminto, https://www.postgresql.org/docs/current/app-pgdump.html
"""

import asyncio
import hashlib
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

import msgspec
from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.ports import Clock, StoreUnavailable
from engine.store import connect
from engine.store.errors import advised, translated
from engine.store.tools import dump

MANIFEST: Final = "manifest.json"
DATABASE: Final = "database"
_HEAD: Final = 'SELECT seq, hash FROM journal WHERE "partition" = 0 ORDER BY seq DESC LIMIT 1'
_SCHEMA: Final = "SELECT version_num FROM alembic_version"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds: the database up to journal entry `head`, whose hash in the chain is `hash`.

    `schema`: the revision of the tables. `sha256`, `size` (bytes): of the copy inside the file.
    """

    format: Literal[1] = 1
    made_at: datetime
    database: Literal["sqlite", "postgresql"]
    schema: str
    head: int
    hash: str
    sha256: str
    size: int


class _Head(msgspec.Struct, frozen=True):
    seq: int
    hash: str
    schema: str


async def backup(url: str, file: Path, clock: Clock) -> Manifest:
    """Write a backup of the database at `url` to `file`, whole or not at all; raises StoreUnavailable."""
    parsed = connect.parse_url(url)
    at = clock.now()
    with _told(file), tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
        copy = Path(folder) / DATABASE
        if connect.is_sqlite(parsed):
            head = await asyncio.to_thread(_copy_sqlite, Path(parsed.database or ""), copy)
        else:
            head = await _copy_postgres(parsed, copy)
        return await asyncio.to_thread(_pack, copy, file, _manifest(parsed, head, at))


def _manifest(url: URL, head: _Head, at: datetime) -> Manifest:
    database: Literal["sqlite", "postgresql"] = "sqlite" if connect.is_sqlite(url) else "postgresql"
    return Manifest(made_at=at, database=database, schema=head.schema, head=head.seq, hash=head.hash, sha256="", size=0)


def _copy_sqlite(source: Path, copy: Path) -> _Head:
    if not source.is_file():
        raise StoreUnavailable(f"There is no database at {source} to back up.")
    try:
        with closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True, timeout=10)) as database:
            database.execute("VACUUM INTO ?", (str(copy),))
        with closing(sqlite3.connect(copy)) as copied:
            seq, hash = copied.execute(_HEAD).fetchone() or (0, b"")
            return _Head(seq, hash.hex(), copied.execute(_SCHEMA).fetchone()[0])
    except sqlite3.Error as fault:
        raise StoreUnavailable(
            f"The database could not be copied: {advised(fault)}. The one in use is as it was."
        ) from fault


async def _copy_postgres(url: URL, copy: Path) -> _Head:
    engine = connect.reader(url)
    try:
        with translated():
            async with engine.connect() as connection:
                head = await _head(connection)
                snapshot = (await connection.execute(text("SELECT pg_export_snapshot()"))).scalar_one()
                await dump(url, copy, str(snapshot))
                return head
    finally:
        await engine.dispose()


async def _head(connection: AsyncConnection) -> _Head:
    row = (await connection.execute(text(_HEAD))).one_or_none()
    schema = (await connection.execute(text(_SCHEMA))).scalar_one()
    return _Head(0, "", schema) if row is None else _Head(row.seq, bytes(row.hash).hex(), schema)


def _pack(copy: Path, file: Path, manifest: Manifest) -> Manifest:
    """Put the copy and what it holds into one file, readable by its owner alone, durable before it has its name."""
    with copy.open("rb") as handle:
        manifest = msgspec.structs.replace(
            manifest, sha256=hashlib.file_digest(handle, "sha256").hexdigest(), size=copy.stat().st_size
        )
    part = copy.with_name("part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
        with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as archive:
            told = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
            about = tarfile.TarInfo(MANIFEST)
            about.size = len(told)
            archive.addfile(about, BytesIO(told))
            archive.add(copy, DATABASE)
        raw.flush()
        os.fsync(raw.fileno())
    part.replace(file)
    return manifest


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Make the folder; turn what the disk refuses into words."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as fault:
        raise StoreUnavailable(f"The backup could not be written: {advised(fault)}") from fault
