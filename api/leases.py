"""Which of several processes on one database does what only one may do: the database decides, no clock is compared.

A lease is a value that its holder changes at each beat. Whoever sees the same value for `LAPSE` seconds of its own
monotonic clock takes it over, in a transaction; so clocks that differ between machines do no harm.
"""

import secrets
from collections.abc import Callable, Collection
from time import monotonic
from typing import Final, Protocol

from api.partitions import LAPSE, PARTITIONS, Partitions
from engine.ports import Store, Transaction

BEAT_SECONDS: Final = 2


class Leases(Protocol):
    """What this process may do alone; `held` is as of the last beat."""

    held: frozenset[str]

    @property
    def partitions(self) -> int:
        """How many partitions of accounts are ours."""
        ...

    async def beat(self, jobs: Collection[str]) -> None:
        """Take what is free and keep what is ours of these jobs."""
        ...

    async def let_go(self) -> None:
        """Give up all that is held, so that others need not wait for it to lapse."""
        ...


class Alone:
    """For a process that shares with nobody."""

    def __init__(self) -> None:
        self.held: frozenset[str] = frozenset()
        self.partitions = PARTITIONS

    async def beat(self, jobs: Collection[str]) -> None:
        """Hold everything."""
        self.held = frozenset(jobs)

    async def let_go(self) -> None:
        """Hold nothing."""
        self.held = frozenset()


class SharedLeases:
    """Leases kept as settings of the running layer."""

    def __init__(self, store: Store, now: Callable[[], float] = monotonic, shared: Partitions | None = None) -> None:
        self.held: frozenset[str] = frozenset()
        self._holder = secrets.token_hex(6)
        self._shared = shared or Partitions(self._holder, now)
        self._beats = 0
        self._store = store
        self._now = now
        self._seen: dict[str, tuple[str, float]] = {}

    @property
    def partitions(self) -> int:
        """See Leases."""
        return len(self._shared.held)

    async def beat(self, jobs: Collection[str]) -> None:
        """See Leases. Nothing is held when the database does not answer."""
        before, self.held = self.held, frozenset()
        self._beats += 1
        held = set()
        async with self._store.transaction() as tx:
            await self._shared.beat(tx)
            for job in jobs:
                if self._free(job, await tx.setting(_name(job)) or ""):
                    await tx.set_setting(_name(job), f"{self._holder} {self._beats}")
                    held.add(job)
        self.held = frozenset(held) | (before - frozenset(jobs))

    async def let_go(self) -> None:
        """See Leases."""
        held, self.held = self.held, frozenset()
        if not held and not self._shared.shares:
            return
        async with self._store.transaction() as tx:
            await self._shared.let_go(tx)
            for job in held:
                await self._drop(tx, job)

    async def _drop(self, tx: Transaction, job: str) -> None:
        if self._ours(await tx.setting(_name(job)) or ""):
            await tx.set_setting(_name(job), "")

    def _ours(self, told: str) -> bool:
        return told.startswith(f"{self._holder} ")

    def _free(self, job: str, told: str) -> bool:
        """Whether the lease is nobody's, ours, or has shown no beat for as long as it takes to lapse."""
        if not told or self._ours(told):
            return True
        value, since = self._seen.get(job, ("", 0.0))
        if value != told:
            self._seen[job] = (told, self._now())
            return False
        return self._now() - since >= LAPSE


def _name(job: str) -> str:
    return f"lease:{job}"
