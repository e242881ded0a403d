"""Another secret key: each person's key is wrapped anew, and what it encrypts stays as it is."""

from typing import Final

from sqlalchemy import bindparam, select, update

from engine.store.keys import KeyRing, Sealed
from engine.store.schema import person_keys
from engine.store.transaction import SqlTransaction

_AT_ONCE: Final = 1000
_PAGE: Final = (
    select(person_keys.c.id, person_keys.c.person, person_keys.c.wrapped)
    .where(person_keys.c.id > bindparam("after"))
    .order_by(person_keys.c.id)
    .limit(_AT_ONCE)
)
_CHANGE: Final = update(person_keys).where(person_keys.c.id == bindparam("key")).values(wrapped=bindparam("anew"))


class Rewrapper(SqlTransaction):
    """A transaction that wraps all keys under another secret; nobody else may have the database open."""

    async def rewrap(self, to: KeyRing) -> int:
        """Wrap the keys; returns how many there are."""
        ring, count, after = self._context.ring, 0, 0
        while rows := (await self._run(_PAGE, {"after": after})).rows:
            await self._run(_CHANGE, [{"key": row.id, "anew": ring.handed(Sealed(*row), to)} for row in rows])
            count, after = count + len(rows), rows[-1].id
        return count
