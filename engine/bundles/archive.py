"""The archive of a bundle: a plain tar whose bytes follow from its content alone.

Entries stand in the order of their names, without times, owners or compression, so the same revision gives the same
bytes everywhere (POSIX.1-2001 pax format). The SHA-256 of the bytes is the bundle's id.
"""

import io
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import msgspec

from engine.source.folder import MAX_BYTES
from engine.source.problem import Place, Problem

MANIFEST: Final = "bundle.json"
LARGEST: Final = 50_000_000
"""Bytes of an archive that are looked at."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is in a bundle and which review let it in.

    `revision` is the digest that decisions carry, `files` their SHA-256 by path. `author` and `approvers` are of the
    `commit`, `authors` of each rule: `ruleset/rule` -> who wrote its lines. People are `Name <address>`.
    """

    format: int = 1
    revision: str
    files: Mapping[str, str]
    commit: str = ""
    author: str = ""
    at: str = ""
    subject: str = ""
    approvers: tuple[str, ...] = ()
    authors: Mapping[str, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was read and is whole."""

    id: str
    manifest: Manifest
    files: Mapping[str, bytes]


def pack(manifest: Manifest, files: Mapping[str, bytes]) -> bytes:
    """Return the archive's bytes."""
    stream = io.BytesIO()
    content = {MANIFEST: msgspec.json.encode(manifest, order="deterministic"), **files}
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(content):
            entry = tarfile.TarInfo(name)
            entry.size = len(content[name])
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(content[name]))
    return stream.getvalue()


def unpack(content: bytes, name: str = "bundle") -> Bundle | tuple[Problem, ...]:
    """Return the bundle, or everything that is wrong with it; nothing is ever written to disk."""
    if len(content) > LARGEST:
        return (_broken(name, f"it has {len(content):,} bytes; at most {LARGEST:,} are read"),)
    files: dict[str, bytes] = {}
    try:
        problems = list(_read(content, files, name))
    except (tarfile.TarError, EOFError, ValueError) as error:
        return (_broken(name, f"it is no archive: {error}"),)
    if problems:
        return tuple(problems)
    try:
        manifest = msgspec.json.decode(files.pop(MANIFEST, b""), type=Manifest)
    except msgspec.DecodeError as error:
        return (_broken(name, f"its {MANIFEST} cannot be read: {error}"),)
    problems = list(_differences(manifest, files, name))
    if not problems and pack(manifest, files) != content:
        problems = [_broken(name, "its bytes are not those that its content gives")]
    return tuple(problems) or Bundle(sha256(content).hexdigest(), manifest, files)


def _read(content: bytes, files: dict[str, bytes], name: str) -> Iterator[Problem]:
    """Take the files in, and yield what is wrong; a sparse one would be larger than the archive that it came in."""
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for entry in archive:
            parts = entry.name.split("/")
            if (
                not entry.isreg()
                or entry.issparse()
                or entry.name in files
                or "" in parts
                or ".." in parts
                or "\\" in entry.name
            ):
                yield _broken(name, f"the entry {entry.name!r} is no ordinary file of a home folder")
            elif entry.size > MAX_BYTES * (10 if entry.name == MANIFEST else 1):
                yield _broken(name, f"{entry.name} has {entry.size:,} bytes; at most {MAX_BYTES:,} are read")
            else:
                stream = archive.extractfile(entry)
                files[entry.name] = stream.read() if stream else b""


def _differences(manifest: Manifest, files: Mapping[str, bytes], name: str) -> Iterator[Problem]:
    if manifest.format != 1:
        yield _broken(name, f"its format {manifest.format} is not known to this version")
    for file in sorted(manifest.files.keys() | files.keys()):
        if file not in files:
            yield _broken(name, f"{file} is listed and not there")
        elif file not in manifest.files:
            yield _broken(name, f"{file} is there and not listed")
        elif sha256(files[file]).hexdigest() != manifest.files[file]:
            yield _broken(name, f"{file} is not what was listed")


def _broken(name: str, message: str) -> Problem:
    return Problem("broken-bundle", message, Place(name), "build it again with `opslayer bundle build`")
