"""The store: one writer with group commit, readers beside it, the head of the chain anchored outside."""

import asyncio
import shutil
import tempfile
import weakref
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, select

from engine.memory import Erasure, VerifyReport
from engine.ports import Clock
from engine.source.problem import Problem
from engine.store import connect, migrate
from engine.store.anchor import Anchor
from engine.store.erase import Eraser
from engine.store.keys import KeyRing
from engine.store.reader import SqlReader
from engine.store.rewrap import Rewrapper
from engine.store.schema import person_keys
from engine.store.transaction import SqlTransaction
from engine.store.unit import Unit, Writer
from engine.store.verify import verify
from engine.store.wire import Wire
from engine.store.work import Context


async def open_store(
    url: str,
    *,
    clock: Clock,
    secret: bytes,
    anchor: Path | None = None,
    anchor_every: int = 1000,
    migrate_first: bool = True,
) -> "SqlStore":
    """Open the database at `sqlite:///FILE` or `postgresql://...`; `sqlite://` is one that ends with the store.

    `secret` (32 random bytes or more) wraps the persons' keys; without it no encrypted body can be read again.
    Raises StoreUnavailable.
    """
    ring = KeyRing(secret)
    parsed = connect.parse_url(url)
    fleeting = connect.in_memory(parsed)
    folder = tempfile.mkdtemp(prefix="opslayer-") if fleeting else ""
    if fleeting:
        parsed = parsed.set(database=str(Path(folder) / "store.db"))
    wire = connect.wire(parsed, durable=not fleeting)
    try:
        await (migrate.upgrade_by(wire) if migrate_first else migrate.require_current(wire))
    except BaseException:
        await wire.close()
        raise
    store = SqlStore(parsed, wire, Context(clock, ring, parsed.get_backend_name()), Anchor(anchor, anchor_every))
    if folder:
        weakref.finalize(store, shutil.rmtree, folder, ignore_errors=True)
    try:
        await store.prepare()
    except BaseException:
        await store.disconnect()
        raise
    return store


class SqlStore(SqlReader):
    """ports.Store and ports.Reader over one database; open it with `open_store`, close it with `aclose`."""

    def __init__(self, url: URL, wire: Wire, context: Context, anchor: Anchor) -> None:
        super().__init__(connect.reader(url), connect.looking(url), context.ring)
        self._stirring = connect.stirring(url, self._looking)
        self._wire = wire
        self._context = context
        self._anchor = anchor
        self._writer = Writer(wire, opened=self._heed, committed=self._committed, undone=context.ring.forget)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlTransaction]:
        """See ports.Store. Concurrent blocks run one after the other and share a commit."""
        async with self._writer.unit() as unit:
            yield SqlTransaction(unit, self._context)

    async def erase(
        self, person: str, at: datetime, actor: str, *, also: Sequence[str] = (), because: str = ""
    ) -> Erasure:
        """Destroy a person's keys and bodies, and the copies in other tables; the chain still verifies."""
        async with self._writer.unit(flushed=True) as unit:
            erasure = await Eraser(unit, self._context).erase(person, at, actor, also=also, because=because)
        if self._context.dialect == "sqlite":
            await self._writer.checkpoint()
        return erasure

    async def rewrap(self, secret: bytes) -> int:
        """Wrap the persons' keys under another secret, with which this store is opened from then on."""
        async with self._writer.unit(flushed=True) as unit:
            count = await Rewrapper(unit, self._context).rewrap(KeyRing(secret))
        if self._context.dialect == "sqlite":
            await self._writer.checkpoint()
        return count

    async def persons(self) -> Sequence[str]:
        """Return whoever something is kept about under a key of their own."""
        rows = await self._rows(select(person_keys.c.person).order_by(person_keys.c.person))
        return [row.person for row in rows]

    async def verify(self, anchor: Path | None = None) -> VerifyReport:
        """Recompute the whole journal against the anchor file, the store's own by default."""
        async with self._snapshot() as connection:
            return await verify(connection, self._ring, anchor or self._anchor.path)

    async def prepare(self) -> None:
        """Test the secret against the persons' keys, and begin the anchor file; raises StoreUnavailable."""
        await self.require_secret()
        async with self._writer.unit() as unit:
            last = (unit.tail.seq, unit.tail.hash)
        await asyncio.to_thread(self._anchor.begin, *last, self._context.clock.now())

    async def anchor_now(self) -> None:
        """Write the head of the chain outside the database, unless it stands there."""
        async with self._writer.unit() as unit:
            last = (unit.tail.seq, unit.tail.hash)
        await asyncio.to_thread(self._anchor.close, *last, self._context.clock.now())  # what is committed, no more

    async def stirred(self, seconds: float) -> bool:
        """See ports.Database."""
        return await self._stirring.wait(seconds)

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the store while it runs: an anchor that cannot be written."""
        return self._anchor.problems()

    async def aclose(self) -> None:
        """Anchor the head, close all connections."""
        async with self._writer.unit() as unit:
            last = (unit.tail.seq, unit.tail.hash)
        await asyncio.to_thread(self._anchor.close, *last, self._context.clock.now())
        await self.disconnect()

    async def disconnect(self) -> None:
        """Close all connections and leave everything as it is."""
        await self._stirring.close()
        await self._wire.close()
        await self._looking.close()
        await self._reading.dispose()

    def _heed(self, unit: Unit) -> None:
        self._context.ring.heed(unit.tail.erasures)

    async def _committed(self, unit: Unit) -> None:
        if unit.tail.grown:
            self._stirring.committed()
        if self._anchor.due(unit.tail.seq):
            now = self._context.clock.now()
            await asyncio.to_thread(self._anchor.write, unit.tail.seq, unit.tail.hash, now)
