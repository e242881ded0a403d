"""The disk is full while a database is copied, put back or migrated: nothing is lost, and with room it goes on."""

import os
import re

import pytest

from engine.store import StoreUnavailable, connect, open_store, upgrade
from engine.store.anchor import Anchor, read
from engine.store.backup import backup
from engine.store.migrate import upgrade_by
from engine.store.restore import restore
from tests.disks import fill
from tests.engine.store.conftest import SECRET, START

NO_ROOM = re.compile("[Tt]he disk is full; make room")


async def filled(url, clock, make, count=200):
    """A database with entries of about a kilobyte."""
    store = await open_store(url, clock=clock, secret=SECRET)
    await make.fill(store, count, body={"text": "x" * 1000})
    await store.aclose()


async def entries(url, clock):
    store = await open_store(url, clock=clock, secret=SECRET)
    try:
        assert not (await store.verify()).problems
        return len(await store.entries(limit=10_000))
    finally:
        await store.aclose()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


async def test_a_backup_that_finds_no_room_is_none_and_the_next_one_is_whole(url, clock, make, small_disk):
    await filled(url, clock, make)
    filler = fill(small_disk)
    with pytest.raises(StoreUnavailable, match=NO_ROOM):
        await backup(url, small_disk / "b.opslayer", clock)
    assert names(small_disk) == ["filler"]
    filler.unlink()
    assert (await backup(url, small_disk / "b.opslayer", clock)).head == 200
    assert names(small_disk) == ["b.opslayer"]


async def test_a_backup_with_room_for_the_copy_alone_is_none_either(sqlite_url, clock, make, small_disk, tmp_path):
    await filled(sqlite_url, clock, make, 3000)
    filler, needed = fill(small_disk), (tmp_path / "store.db").stat().st_size
    os.truncate(filler, filler.stat().st_size - needed - 8192)
    with pytest.raises(StoreUnavailable, match=NO_ROOM):
        await backup(sqlite_url, small_disk / "b.opslayer", clock)
    assert names(small_disk) == ["filler"]


async def test_a_restore_that_finds_no_room_leaves_what_was_there(clock, make, small_disk, tmp_path):
    url = f"sqlite:///{small_disk}/store.db"
    await filled(url, clock, make)
    await backup(url, tmp_path / "b.opslayer", clock)
    store = await open_store(url, clock=clock, secret=SECRET)
    await make.fill(store, 5)
    await store.aclose()
    filler = fill(small_disk)
    with pytest.raises(StoreUnavailable, match=NO_ROOM):
        await restore(url, tmp_path / "b.opslayer", clock=clock, secret=SECRET)
    assert names(small_disk) == ["filler", "store.db", "store.db-turn"]
    filler.unlink()
    assert await entries(url, clock) == 205
    await restore(url, tmp_path / "b.opslayer", clock=clock, secret=SECRET)
    assert await entries(url, clock) == 200


async def test_a_migration_that_finds_no_room_changes_nothing_and_is_done_with_room(clock, small_disk):
    url = f"sqlite:///{small_disk}/store.db"
    wire = connect.wire(connect.parse_url(url))
    await upgrade_by(wire, "0001")
    await wire.close()
    before = (small_disk / "store.db").read_bytes()
    filler = fill(small_disk)
    with pytest.raises(StoreUnavailable, match=NO_ROOM):
        await upgrade(url)
    assert (small_disk / "store.db").read_bytes() == before
    filler.unlink()
    await upgrade(url)
    assert await entries(url, clock) == 0


async def test_a_store_does_not_open_half_and_says_why(clock, make, small_disk):
    url = f"sqlite:///{small_disk}/store.db"
    filler = fill(small_disk)
    with pytest.raises(StoreUnavailable, match=NO_ROOM):
        await open_store(url, clock=clock, secret=SECRET)
    filler.unlink()
    await filled(url, clock, make, 3)
    assert await entries(url, clock) == 3


async def test_an_anchor_that_did_not_fit_leaves_no_broken_line_behind(small_disk):
    path = small_disk / "anchor.log"
    anchor = Anchor(path, 1)
    seq = 0
    while seq == 0 or 4096 - path.stat().st_size > path.stat().st_size / seq:  # a part of a line fits the page
        seq += 1
        anchor.write(seq, bytes(32), START)
    filler = fill(small_disk)
    for _ in range(3):
        anchor.write(seq + 1, bytes(32), START)
    assert "space" in str(anchor.problems()[0])
    filler.unlink()
    anchor.write(seq + 2, bytes(32), START)
    assert anchor.problems() == ()
    lines, problems = read(path)
    assert ([line.seq for line in lines], problems) == ([*range(1, seq + 1), seq + 2], [])
