"""Where files come from: a folder on disk, or texts in memory."""

import os
import stat
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Protocol

from engine.source.problem import Place, Problem

MAX_BYTES = 1_000_000


class Tree(Protocol):
    """A set of files by their path relative to a home folder, with forward slashes."""

    def read(self, file: str) -> bytes | Problem:
        """Return the content of a file, or why it cannot be had."""
        ...

    def glob(self, pattern: str) -> list[str]:
        """Return the files whose path fits, sorted; `*` stays within one folder."""
        ...


class Memory:
    """Files held in memory: a bundle, a git revision, a test."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self._files = {name: text.encode() if isinstance(text, str) else text for name, text in files.items()}

    def read(self, file: str) -> bytes | Problem:
        """Return the content of a file, or why it cannot be had."""
        content = self._files.get(file)
        if content is None:
            return Problem("missing-file", "there is no such file", Place(file))
        return _too_large(file, len(content)) or content

    def glob(self, pattern: str) -> list[str]:
        """Return the files whose path fits, sorted; `*` stays within one folder."""
        parts = pattern.split("/")
        return sorted(name for name in self._files if _fits(name.split("/"), parts))


class Folder:
    """Files below a folder on disk; nothing outside it is ever read, not even through symbolic links."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, file: str) -> bytes | Problem:
        """Return the content of a file, or why it cannot be had."""
        place = Place(file)
        try:
            if not (self.root / file).resolve().is_relative_to(self.root.resolve()):
                return Problem(
                    "outside-home",
                    "this file is outside the home folder",
                    place,
                    "put the file itself into the home folder instead of a link or a path with `..`",
                )
            with open(self.root / file, "rb", opener=_open_at_once) as stream:
                status = os.fstat(stream.fileno())
                if not stat.S_ISREG(status.st_mode):
                    return Problem("not-a-file", "this is no ordinary file", place)
                content = stream.read(MAX_BYTES + 1)
                return _too_large(file, max(status.st_size, len(content))) or content
        except FileNotFoundError:
            return Problem("missing-file", "there is no such file", place)
        except IsADirectoryError:
            return Problem("not-a-file", "this is a folder, a file was expected", place)
        except (OSError, RuntimeError) as error:
            reason = getattr(error, "strerror", "") or "its symbolic links lead in a circle"
            return Problem("unreadable-file", f"this file cannot be read: {reason}", place)

    def glob(self, pattern: str) -> list[str]:
        """Return the files whose path fits, sorted; `*` stays within one folder."""
        return sorted(path.relative_to(self.root).as_posix() for path in _found(self.root, pattern.split("/")))


def _found(folder: Path, pattern: list[str]) -> Iterator[Path]:
    """Yield files and links that fit; a link that leads nowhere, too, so that reading it says why."""
    name, *rest = pattern
    try:
        entries = [entry for entry in os.scandir(folder) if fnmatch(entry.name, name)]
    except OSError:
        return
    for entry in entries:
        if rest:
            yield from _found(Path(entry.path), rest)
        elif entry.is_symlink() or not entry.is_dir():
            yield Path(entry.path)


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _fits(parts: list[str], pattern: list[str]) -> bool:
    return len(parts) == len(pattern) and all(map(fnmatch, parts, pattern))


def _too_large(file: str, size: int) -> Problem | None:
    if size <= MAX_BYTES:
        return None
    return Problem(
        "file-too-large",
        f"this file has {size:,} bytes; at most {MAX_BYTES:,} are read",
        Place(file),
        "split it into several files; data belongs into a source system, not into the configuration",
    )
