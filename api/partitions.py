"""Which accounts this process works for: partitions by the hash of an account's key, shared out in the database.

Each process beats in one row; who shows no beat for `LAPSE` seconds of the reader's own clock is gone, and its
partitions are free. A process takes no more than its share and gives up what is more, so that a new one finds work
within a beat.
"""

from collections.abc import Callable
from hashlib import sha256
from math import ceil
from time import monotonic
from typing import Final

import msgspec

from engine.ports import Transaction

PARTITIONS: Final = 32
"""How finely work is divided; more processes than this have nothing to do but to stand by."""
LAPSE: Final = 8.0
"""Seconds without a beat after which a process counts as gone."""
_ROW: Final = "lease:partitions"


class _Table(msgspec.Struct):
    """What the row holds: the beats of each process, and whose each partition is."""

    beats: dict[str, int] = {}
    of: dict[int, str] = {}


class Partitions:
    """The partitions of one process; before its first beat it shares with nobody and all are its own."""

    def __init__(self, holder: str, now: Callable[[], float] = monotonic) -> None:
        self._holder = holder
        self._now = now
        self._held: frozenset[int] | None = None
        self._until = 0.0
        self._beats = 0
        self._seen: dict[str, tuple[int, float]] = {}

    @property
    def held(self) -> frozenset[int]:
        """What is ours at this moment; nothing when the last beat is too long ago to be sure."""
        if self._held is None:
            return frozenset(range(PARTITIONS))
        return self._held if self._now() < self._until else frozenset()

    @property
    def shares(self) -> bool:
        """Whether this process has shown others that it is there."""
        return self._held is not None

    def mine(self, root: str) -> bool:
        """Whether this process works for an account (`type:id`)."""
        return partition_of(root) in self.held

    async def beat(self, tx: Transaction) -> None:
        """Show that we live, and take or give up partitions until we hold our share; called inside a transaction."""
        began = self._now()
        table = _read(await tx.setting(_ROW))
        self._beats += 1  # our own count: one that began anew after we were given up would be taken for an old beat
        table.beats[self._holder] = self._beats
        alive = {holder for holder, beats in table.beats.items() if self._alive(holder, beats)}
        table.beats = {holder: beats for holder, beats in table.beats.items() if holder in alive}
        table.of = {number: holder for number, holder in table.of.items() if holder in alive}
        mine = [number for number, holder in sorted(table.of.items()) if holder == self._holder]
        share = ceil(PARTITIONS / len(alive))
        for number in mine[share:]:
            del table.of[number]
        free = [number for number in range(PARTITIONS) if number not in table.of and number not in mine]
        for number in free[: max(0, share - len(mine))]:
            table.of[number] = self._holder
        await tx.set_setting(_ROW, msgspec.json.encode(table).decode())
        self._held = frozenset(number for number, holder in table.of.items() if holder == self._holder)
        self._until = began + LAPSE

    async def let_go(self, tx: Transaction) -> None:
        """Leave, so that others need not wait."""
        table = _read(await tx.setting(_ROW))
        table.beats.pop(self._holder, None)
        table.of = {number: holder for number, holder in table.of.items() if holder != self._holder}
        await tx.set_setting(_ROW, msgspec.json.encode(table).decode())
        self._held = frozenset()

    def _alive(self, holder: str, beats: int) -> bool:
        known, since = self._seen.get(holder, (-1, 0.0))
        if known != beats:
            self._seen[holder] = (beats, self._now())
            return True
        return self._now() - since < LAPSE


def partition_of(root: str) -> int:
    """Return the partition of an account; the same in every process and version."""
    return int.from_bytes(sha256(root.encode()).digest()[:4]) % PARTITIONS


def _read(row: str | None) -> _Table:
    return msgspec.json.decode(row, type=_Table) if row else _Table()
