"""One state of the database in one file, and back again; what was there is kept, and a wrong file changes nothing."""

import asyncio
import tarfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import make_url

from engine.ports import Entry, StoreUnavailable
from engine.store import open_store
from engine.store.backup import backup
from engine.store.restore import manifest_of, restore
from tests.engine.store.conftest import SECRET, START


def entry(number: int, person: str = "") -> Entry:
    at = START + timedelta(seconds=number)
    return Entry(kind="note", recorded_at=at, subjects=("customer:C1",), person=person, body={"number": number})


async def write(store, numbers, person=""):
    for number in numbers:
        async with store.transaction() as tx:
            await tx.append(entry(number, person))


async def numbers(url, clock):
    store = await open_store(url, clock=clock, secret=SECRET)
    try:
        assert not (await store.verify()).problems
        return [each.body["number"] for each in await store.entries()]
    finally:
        await store.aclose()


def gone(url):
    Path(make_url(url).database).unlink()


async def test_a_backup_taken_while_others_write_holds_one_whole_state(url, clock, tmp_path):
    store = await open_store(url, clock=clock, secret=SECRET)
    await write(store, range(20), "customer:C1")
    going_on = asyncio.create_task(write(store, range(20, 120), "customer:C1"))
    made = await backup(url, tmp_path / "b" / "one.opslayer", clock)
    await going_on
    await store.aclose()
    assert 20 <= made.head <= 120
    assert manifest_of(tmp_path / "b" / "one.opslayer") == made
    held, aside = await restore(url, tmp_path / "b" / "one.opslayer", clock=clock, secret=SECRET)
    assert held == made
    assert (aside is None) is (make_url(url).get_backend_name() != "sqlite")
    assert await numbers(url, clock) == list(range(made.head))
    assert sorted(path.name for path in (tmp_path / "b").iterdir()) == ["one.opslayer"]
    assert (tmp_path / "b" / "one.opslayer").stat().st_mode & 0o777 == 0o600


async def test_what_was_there_before_is_kept(sqlite_url, clock, tmp_path):
    store = await open_store(sqlite_url, clock=clock, secret=SECRET)
    await write(store, range(3))
    await backup(sqlite_url, tmp_path / "b.opslayer", clock)
    await write(store, range(3, 5))
    await store.aclose()
    _, aside = await restore(sqlite_url, tmp_path / "b.opslayer", clock=clock, secret=SECRET)
    assert await numbers(sqlite_url, clock) == [0, 1, 2]
    assert await numbers(f"sqlite:///{aside}", clock) == [0, 1, 2, 3, 4]


async def test_into_a_place_where_nothing_is(url, clock, tmp_path, request):
    store = await open_store(url, clock=clock, secret=SECRET)
    await write(store, range(3))
    await store.aclose()
    await backup(url, tmp_path / "b.opslayer", clock)
    if url.startswith("sqlite"):
        gone(url)
    await restore(url, tmp_path / "b.opslayer", clock=clock, secret=SECRET)
    assert await numbers(url, clock) == [0, 1, 2]


async def test_a_database_in_use_is_left_alone(url, clock, tmp_path):
    store = await open_store(url, clock=clock, secret=SECRET)
    await write(store, range(3))
    await backup(url, tmp_path / "b.opslayer", clock)
    await write(store, [3])
    with pytest.raises(StoreUnavailable, match="stop every `serve` and `worker`"):
        await restore(url, tmp_path / "b.opslayer", clock=clock, secret=SECRET)
    await write(store, [4])
    await store.aclose()
    assert await numbers(url, clock) == [0, 1, 2, 3, 4]


async def test_another_secret_is_found_before_anything_is_replaced(url, clock, tmp_path):
    store = await open_store(url, clock=clock, secret=SECRET)
    await write(store, range(3), "customer:C1")
    await backup(url, tmp_path / "b.opslayer", clock)
    await write(store, [3])
    await store.aclose()
    with pytest.raises(StoreUnavailable, match="secret"):
        await restore(url, tmp_path / "b.opslayer", clock=clock, secret=b"another secret, of 32 bytes too!")
    assert await numbers(url, clock) == [0, 1, 2, 3]


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def changed(file: Path) -> None:
    with tarfile.open(file, "r:gz") as archive:
        members = {each.name: archive.extractfile(each).read() for each in archive}
    members["database"] = members["database"][:-1] + bytes([members["database"][-1] ^ 1])
    with tarfile.open(file, "w:gz") as archive:
        for name, content in members.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            archive.addfile(about, BytesIO(content))


def no_backup(file: Path) -> None:
    file.write_text("something else")


@pytest.mark.parametrize("harm", [cut, changed, no_backup])
async def test_a_damaged_file_changes_nothing(sqlite_url, clock, tmp_path, harm):
    store = await open_store(sqlite_url, clock=clock, secret=SECRET)
    await write(store, range(3))
    await backup(sqlite_url, tmp_path / "b.opslayer", clock)
    await store.aclose()
    harm(tmp_path / "b.opslayer")
    with pytest.raises(StoreUnavailable, match=r"damaged|no backup"):
        await restore(sqlite_url, tmp_path / "b.opslayer", clock=clock, secret=SECRET)
    assert await numbers(sqlite_url, clock) == [0, 1, 2]


async def test_a_backup_of_the_other_kind_of_database_is_refused(sqlite_url, postgres_url, clock, tmp_path):
    await (await open_store(sqlite_url, clock=clock, secret=SECRET)).aclose()
    await backup(sqlite_url, tmp_path / "b.opslayer", clock)
    with pytest.raises(StoreUnavailable, match="sqlite database, and the settings name a postgresql one"):
        await restore(postgres_url, tmp_path / "b.opslayer", clock=clock, secret=SECRET)


async def test_a_folder_that_cannot_be_written_is_told(sqlite_url, clock, tmp_path):
    await (await open_store(sqlite_url, clock=clock, secret=SECRET)).aclose()
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="could not be written"):
        await backup(sqlite_url, tmp_path / "file" / "b.opslayer", clock)
