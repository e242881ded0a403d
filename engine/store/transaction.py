"""One transaction, as ports.Transaction describes it."""

from typing import Final

from sqlalchemy import insert, select

from engine.ports import Entry
from engine.store.actions import Actions
from engine.store.columns import clean
from engine.store.inputs import Inputs
from engine.store.keys import DataKey, Sealed
from engine.store.schema import person_keys
from engine.store.settled import Settled

_KEY: Final = select(person_keys.c.id, person_keys.c.person, person_keys.c.wrapped)


class SqlTransaction(Inputs, Actions, Settled):
    """Everything one input changes, made durable together or not at all."""

    async def append(self, entry: Entry) -> int:
        """See ports.Transaction. The body is encrypted when the entry names a person."""
        key = await self._key(clean(entry.person)) if entry.person else None
        return self._unit.tail.append(entry, key)

    async def head(self) -> int:
        """See ports.Transaction."""
        return self._unit.tail.seq

    async def _key(self, person: str) -> DataKey:
        ring = self._context.ring
        known = ring.known(person)
        if known is not None:
            return known
        wanted = _KEY.where(person_keys.c.person == person)
        row = (await self._run(wanted)).one_or_none()
        if row is None:
            values = {"person": person, "wrapped": ring.new(person), "created_at": self._context.clock.now()}
            await self._run(insert(person_keys), values)
            row = (await self._run(wanted)).one()
        return ring.unwrap(Sealed(*row))
