"""A database whose persons' keys a former secret wraps, handed over to the present one."""

from collections.abc import Sequence

from engine.ports import Clock
from engine.store.errors import WrongSecret
from engine.store.store import open_store


async def hand_over(url: str, *, clock: Clock, secret: bytes, former: Sequence[bytes]) -> int | None:
    """Wrap what one of the former secrets opens under `secret`; returns how many keys, None when it was so already.

    It is one transaction, so whatever interrupts it, one secret opens everything. Whoever calls sees to it that nobody
    else has the database open. Raises WrongSecret when none of the secrets is the right one.
    """
    for each in former:
        try:
            store = await open_store(url, clock=clock, secret=each)
        except WrongSecret:
            continue
        try:
            return await store.rewrap(secret)
        finally:
            await store.disconnect()
    await (await open_store(url, clock=clock, secret=secret)).disconnect()
    return None
