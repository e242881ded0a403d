"""Comparing the journal with the heads that were told outside, which finds a rewriting that is consistent in itself."""

from collections.abc import Sequence

from engine.source.problem import Place, Problem
from engine.store.anchor import Line
from engine.store.journal import PARTITION


class AnchorCheck:
    """Goes along the chain beside the verifier."""

    def __init__(self, lines: Sequence[Line], path: str) -> None:
        self._path = path
        told = (line for line in lines if line.partition == PARTITION and line.seq)
        self._lines = sorted(told, key=lambda line: line.seq)
        self._next = 0
        self._last = 0
        self._good = 0
        self._first_bad: Line | None = None

    def entry(self, seq: int, hash: str) -> None:
        """Take the next entry."""
        self._last = seq
        while self._next < len(self._lines) and self._lines[self._next].seq <= seq:
            line = self._lines[self._next]
            self._next += 1
            if line.seq == seq and line.hash == hash:
                self._good = seq
            elif self._first_bad is None:
                self._first_bad = line

    def finish(self) -> Sequence[Problem]:
        """Return from where the journal is not the one that was anchored."""
        problems = []
        if self._first_bad is not None:
            problems.append(self._rewritten(self._first_bad))
        if self._next < len(self._lines):
            problems.append(self._cut(self._lines[-1]))
        return problems

    def _rewritten(self, line: Line) -> Problem:
        first, last = self._good + 1, line.seq
        span = f"entry {first}" if first == last else f"an entry between {first} and {last}"
        message = f"the journal was rewritten from {span}: at {line.time.isoformat()} entry {last} had another hash"
        return Problem("journal-rewritten", message, Place("journal", first), hint=f"see {self._path}")

    def _cut(self, line: Line) -> Problem:
        message = f"the journal ends with entry {self._last}, but at {line.time.isoformat()} it had {line.seq}"
        hint = "entries were cut off, or an older backup was restored"
        return Problem("journal-truncated", message, Place("journal", self._last), hint=hint)
