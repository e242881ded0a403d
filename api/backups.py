"""Backup and restore of a home's database, with its anchors and the care a restored one needs; another secret key."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from api import erasures
from api.layer.upkeep import CLOCK
from api.places import anchor_of, database_url, secret_of
from approvals.dispatch.restored import mark
from engine.memory import VerifyReport
from engine.ports import Clock, Database, Entry
from engine.rules import load_home
from engine.store import anchor, open_store
from engine.store.alone import alone
from engine.store.backup import Manifest, backup
from engine.store.former import hand_over
from engine.store.restore import manifest_of, restore

__all__ = ["Restored", "back_up", "manifest_of", "put_back", "rewrap"]


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What was restored, and what is said of it: `aside` are the files that it replaced."""

    manifest: Manifest
    verified: VerifyReport
    aside: tuple[str, ...]
    erased: int = 0
    """How many names that were erased since the backup are erased again."""


async def back_up(home: Path, file: Path, clock: Clock) -> Manifest:
    """Write a backup of a home's database, also while it is served; raises StoreUnavailable."""
    return await backup(database_url(home, load_home(home)), file, clock)


async def put_back(folder: Path, file: Path, clock: Clock, former: Sequence[bytes] = ()) -> Restored:
    """Put a backup in the place of a home's database; nothing is sent from it before it was looked up.

    The anchor file goes aside too, and a new one begins with the lines that the backup can answer for: what was
    anchored behind it is in the journal's first entry after the restore. `former`: secret keys that were in use since
    the backup was made; it is handed over to the present one. Raises StoreUnavailable.
    """
    home = load_home(folder)
    url, secret, anchors = database_url(folder, home), secret_of(folder, home), anchor_of(folder, home)
    manifest, aside = await restore(url, file, clock=clock, secret=secret, former=former)
    anchored, replaced = _shorten(anchors, manifest.head, clock)
    store = await open_store(
        url, clock=clock, secret=secret, anchor=anchors, anchor_every=home.app.journal.anchor_every
    )
    try:
        now = await _time_of(store, clock)
        async with store.transaction() as tx:
            why = f"a backup of {manifest.made_at:%Y-%m-%d %H:%M %Z} was put back, up to entry {manifest.head}"
            await mark(tx, why, manifest.head, anchored, now)
        again = erasures.erased_since(
            erasures.file_of(anchors), (secret, *former), await store.persons(), manifest.made_at
        )
        if again:
            because = "erased before; the backup is from before that"
            await store.erase(again[0], now, "restore", also=again, because=because)
        verified = await store.verify()
    finally:
        await store.aclose()
    kept = tuple(str(path) for path in (aside, replaced) if path is not None)
    return Restored(manifest=manifest, verified=verified, aside=kept, erased=len(again))


async def rewrap(folder: Path, clock: Clock, former: Sequence[bytes]) -> int | None:
    """Wrap the persons' keys under the secret key that the settings hold; returns how many, None when they are so.

    Raises StoreUnavailable when another program uses the database, or no secret is the right one.
    """
    home = load_home(folder)
    url, secret, anchors = database_url(folder, home), secret_of(folder, home), anchor_of(folder, home)
    await alone(url)
    count = await hand_over(url, clock=clock, secret=secret, former=former)
    if count is not None:
        store = await open_store(
            url, clock=clock, secret=secret, anchor=anchors, anchor_every=home.app.journal.anchor_every
        )
        try:
            body, now = {"does": "change the secret key", "keys": count}, await _time_of(store, clock)
            async with store.transaction() as tx:
                await tx.append(Entry(kind="key", recorded_at=now, actor="local", body=body))
        finally:
            await store.aclose()
    return count


async def _time_of(store: Database, clock: Clock) -> datetime:
    """Return when it is for the layer, whose clock may be a simulated one that stands elsewhere."""
    stood = await store.setting(CLOCK)
    return datetime.fromisoformat(stood) if stood else clock.now()


def _shorten(path: Path, head: int, clock: Clock) -> tuple[int, Path | None]:
    """Keep the anchors up to an entry and put the whole file aside; returns the last entry it told of."""
    if not path.exists():
        return head, None
    lines, _ = anchor.read(path)
    last = max((line.seq for line in lines), default=0)
    former = path.with_name(f"{path.name}.replaced-{clock.now():%Y%m%dT%H%M%S}")
    path.rename(former)
    kept = [msgspec.json.encode(line) + b"\n" for line in lines if line.seq <= head]
    if kept:
        path.write_bytes(b"".join(kept))
        path.chmod(0o600)
    return last, former
