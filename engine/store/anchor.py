"""The head of the chain, told to a file outside the database, so that a rewritten journal is found out."""

import errno
import fcntl
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from engine.source.problem import Place, Problem
from engine.store.journal import PARTITION


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the anchor file: at `time` the entry `seq` of `partition` had this hash."""

    time: datetime
    partition: int
    seq: int
    hash: str


class Anchor:
    """Appends lines to the anchor file, at most `every` entries apart; without a path it does nothing."""

    def __init__(self, path: Path | None, every: int) -> None:
        if every < 1:
            raise ValueError("anchor_every must be at least 1")
        self.path = path
        self._every = every
        self._last = max((line.seq for line in read(path)[0]), default=0) if path else 0
        self._fault: Problem | None = None

    def begin(self, seq: int, hash: bytes, now: datetime) -> None:
        """Write the first line where there is no file, so that a missing file always means something."""
        if self.path is not None and not self.path.exists():
            self.write(seq, hash, now)

    def due(self, seq: int) -> bool:
        """Whether the journal has grown enough since the last line."""
        return self.path is not None and seq - self._last >= self._every

    def write(self, seq: int, hash: bytes, now: datetime) -> None:
        """Append a line and sync it; a fault is kept for `problems` and mended by the next line."""
        if self.path is None:
            return
        line = Line(time=now, partition=PARTITION, seq=seq, hash=hash.hex())
        try:
            _append(self.path, msgspec.json.encode(line))
        except OSError as fault:
            hint = "the journal goes on; make the file writable, on another disk than the database if possible"
            self._fault = Problem("anchor-unwritable", f"{fault}", Place(str(self.path)), hint=hint)
            return
        self._fault = None
        self._last = seq

    def close(self, seq: int, hash: bytes, now: datetime) -> None:
        """Anchor the last entry unless it is anchored."""
        if seq > self._last:
            self.write(seq, hash, now)

    def problems(self) -> tuple[Problem, ...]:
        """The fault of the last try, if any."""
        return (self._fault,) if self._fault else ()


def read(path: Path) -> tuple[Sequence[Line], Sequence[Problem]]:
    """The lines of an anchor file, and those that are none; a last line cut off by a crash is left out silently."""
    lines: list[Line] = []
    problems: list[Problem] = []
    try:
        text = path.read_bytes()
    except OSError as fault:
        return (), (Problem("anchor-unreadable", f"the anchor file cannot be read: {fault}", Place(str(path))),)
    for number, raw in enumerate(text.splitlines(), start=1):
        try:
            lines.append(msgspec.json.decode(raw, type=Line))
        except (msgspec.DecodeError, UnicodeDecodeError) as fault:
            whole = number < len(text.splitlines()) or text.endswith(b"\n")
            if whole and raw.strip():
                problems.append(Problem("anchor-line", f"no anchor: {fault}", Place(str(path), number)))
    return lines, problems


def _whole(descriptor: int) -> int:
    """Cut off a last line that a crash has torn; returns the size of what is left."""
    size = end = os.fstat(descriptor).st_size
    while end and os.pread(descriptor, 1, end - 1) != b"\n":
        end -= 1
    if end < size:
        os.ftruncate(descriptor, end)
    return end


def _append(path: Path, line: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # until it is closed: what another process writes is no torn line
        whole = _whole(descriptor)
        if os.write(descriptor, line + b"\n") <= len(line):
            os.ftruncate(descriptor, whole)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
