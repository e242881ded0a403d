"""Another secret key: what was encrypted is read as before, and the former secret opens nothing any more."""

from pathlib import Path

import pytest
from sqlalchemy import make_url, select

import engine.store.rewrap
from engine.ports import StoreUnavailable
from engine.store import open_store
from engine.store.alone import alone
from engine.store.backup import backup
from engine.store.errors import WrongSecret
from engine.store.former import hand_over
from engine.store.restore import restore
from engine.store.schema import person_keys
from tests.engine.store.conftest import SECRET, entry

OTHER, THIRD = b"another secret, of 32 bytes too!", b"and a third one, as long as both"


async def written(url, clock, numbers, secret=SECRET):
    store = await open_store(url, clock=clock, secret=secret)
    for number in numbers:
        async with store.transaction() as tx:
            await tx.append(entry(number, person=f"customer:C{number}"))
    await store.aclose()


async def read(url, clock, secret):
    store = await open_store(url, clock=clock, secret=secret)
    try:
        assert not (await store.verify()).problems
        return [each.body["number"] for each in await store.entries()]
    finally:
        await store.aclose()


async def test_all_is_read_and_written_under_the_new_secret_and_nothing_under_the_former(url, clock):
    await written(url, clock, range(5))
    assert await hand_over(url, clock=clock, secret=OTHER, former=[SECRET]) == 5
    await written(url, clock, range(5), OTHER)
    assert await read(url, clock, OTHER) == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]
    with pytest.raises(WrongSecret):
        await open_store(url, clock=clock, secret=SECRET)


async def test_more_keys_than_go_at_once(url, clock, monkeypatch):
    monkeypatch.setattr(engine.store.rewrap, "_PAGE", engine.store.rewrap._PAGE.limit(2))
    await written(url, clock, range(5))
    assert await hand_over(url, clock=clock, secret=OTHER, former=[SECRET]) == 5
    assert await read(url, clock, OTHER) == [0, 1, 2, 3, 4]


async def test_done_twice_it_changes_nothing(url, clock):
    await written(url, clock, range(2))
    await hand_over(url, clock=clock, secret=OTHER, former=[SECRET])
    assert await hand_over(url, clock=clock, secret=OTHER, former=[SECRET]) is None
    assert await read(url, clock, OTHER) == [0, 1]


async def test_a_wrong_former_secret_changes_nothing(url, clock):
    await written(url, clock, range(2))
    with pytest.raises(WrongSecret):
        await hand_over(url, clock=clock, secret=OTHER, former=[THIRD])
    assert await read(url, clock, SECRET) == [0, 1]


async def test_a_key_that_does_not_open_leaves_all_under_the_former_secret(url, clock, raw):
    await written(url, clock, range(3))
    await raw("UPDATE person_keys SET wrapped = (SELECT wrapped FROM person_keys WHERE id = 1) WHERE id = 3")
    with pytest.raises(WrongSecret):
        await hand_over(url, clock=clock, secret=OTHER, former=[SECRET])
    store = await open_store(url, clock=clock, secret=SECRET)
    assert [each.body["number"] for each in await store.entries(limit=2)] == [0, 1]
    await store.aclose()


async def test_the_former_wrappings_are_in_no_file_of_the_database(sqlite_url, clock):
    await written(sqlite_url, clock, range(3))
    store = await open_store(sqlite_url, clock=clock, secret=SECRET)
    wrapped = [row.wrapped for row in await store._rows(select(person_keys.c.wrapped))]
    await store.disconnect()
    await hand_over(sqlite_url, clock=clock, secret=OTHER, former=[SECRET])
    folder = Path(make_url(sqlite_url).database).parent
    left = b"".join(path.read_bytes() for path in folder.glob("store.db*"))
    assert len(wrapped) == 3
    assert not [each for each in wrapped if each in left]


async def test_a_database_in_use_is_found_out(url, clock):
    store = await open_store(url, clock=clock, secret=SECRET)
    await store.entries()
    with pytest.raises(StoreUnavailable, match="stop every `serve` and `worker`"):
        await alone(url)
    await store.aclose()
    await alone(url)


async def test_a_backup_from_before_is_restored_under_the_present_secret(url, clock, tmp_path):
    await written(url, clock, range(3))
    await backup(url, tmp_path / "b.opslayer", clock)
    await hand_over(url, clock=clock, secret=OTHER, former=[SECRET])
    await written(url, clock, [3], OTHER)
    with pytest.raises(WrongSecret):
        await restore(url, tmp_path / "b.opslayer", clock=clock, secret=OTHER)
    assert await read(url, clock, OTHER) == [0, 1, 2, 3]
    await restore(url, tmp_path / "b.opslayer", clock=clock, secret=OTHER, former=[THIRD, SECRET])
    assert await read(url, clock, OTHER) == [0, 1, 2]
