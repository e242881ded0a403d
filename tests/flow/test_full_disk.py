"""The disk is full under a layer at work: all is refused clearly, nothing acknowledged is lost, and with room it goes on."""

import asyncio
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from api.bootstrap import open_layer
from api.clock import SystemClock
from bench.flow.processes import Sender, batches
from engine.ports import Entry, StoreUnavailable
from tests.disks import fill, mounted
from tests.flow.test_faults import TOLD, held, refused, serving, story, until, write_empty
from tests.flow.test_workers import ADA, key
from tests.servers import server


async def sent(client, events):
    sender = Sender(client, [str(client.base_url).rstrip("/")])
    await sender.all(batches(events, 3), 2)
    return sender


async def taken(home):
    """What is held but for what was refused."""
    return [each for each in await held(home) if not each.startswith("never")]


async def test_a_layer_opens_on_a_full_disk_when_there_is_room_again_and_not_before(small_disk):
    home = small_disk / "home"
    write_empty(home)
    headers = await key(home)
    async with serving(home, headers) as client:
        await sent(client, story())
    filler = fill(small_disk)
    with pytest.raises((StoreUnavailable, OSError), match=r"disk is full|No space left"):
        async with open_layer(home, SystemClock()) as layer:
            await layer.create_key("feed too", "operator", ADA)
    filler.unlink()
    assert await taken(home) == TOLD


async def test_rules_put_in_force_on_a_full_disk_are_not_and_the_former_go_on(small_disk):
    home = small_disk / "home"
    write_empty(home)
    async with open_layer(home, SystemClock()) as layer:
        admin = {"Authorization": f"Bearer {(await layer.create_key('ops', 'admin', ADA)).secret}"}
    async with serving(home, admin) as client:
        before = (await client.get("/api/v1/config")).json()["revision"]
        file = home / "config/app.yaml"
        file.write_text(file.read_text() + "# another revision\n")
        filler = fill(small_disk)
        answer = await client.post("/api/v1/bundles", json={"note": "no room"})
        assert (answer.status_code, "disk is full; make room" in answer.json()["detail"].lower()) == (503, True)
        assert (await client.get("/api/v1/config")).json()["revision"] == before
        assert not list((home / ".opslayer").glob("bundles/*.tmp"))
        filler.unlink()
        made = await client.post("/api/v1/bundles", json={"note": "room"})
        assert made.status_code == 201, made.text
        filler = fill(small_disk)
        answer = await client.post(f"/api/v1/bundles/{made.json()['id']}/activate")
        assert (answer.status_code, "disk is full; make room" in answer.json()["detail"].lower()) == (503, True)
        assert (await client.get("/api/v1/config")).json()["revision"] == before
        filler.unlink()
        answer = await client.post(f"/api/v1/bundles/{made.json()['id']}/activate")
        assert (answer.status_code, answer.json()["active"]) == (200, True)
        await sent(client, story())
    assert await taken(home) == TOLD


async def test_what_is_found_by_its_words_is_found_once_there_is_room(small_disk):
    home = small_disk / "home"
    write_empty(home)
    async with open_layer(home, SystemClock()) as layer:
        await layer.index()
        store, words = layer.parts.store, " ".join(f"word{n}" for n in range(2000))
        async with store.transaction() as tx:
            for number in range(100, 140):
                body = {"text": f"zebra{number} {words}"}
                await tx.append(Entry(kind="note", recorded_at=layer.clock.now(), subjects=("customer:C1",), body=body))
        filler = fill(small_disk)
        with pytest.raises(StoreUnavailable, match="The disk is full; make room"):
            await layer.index()
        filler.unlink()
        while await layer.index():
            pass
        told = [await store.recall(f"zebra{number}") for number in range(100, 140)]
        assert [len(each) for each in told] == [1] * 40


# --- PostgreSQL's own disk ------------------------------------------------------------------------------------------


@pytest.fixture(params=["its tables", "all of it"])
def narrow(request, tmp_path):
    """A server whose disk is small: the one of a table space, or the one of everything, its log too."""
    folder = Path("/tmp") / f"opslayer-narrow-{tmp_path.name[-12:]}"
    whole = request.param == "all of it"
    with mounted(folder, 110 if whole else 16, "postgres"):
        if whole:
            with server(folder, "--wal-segsize=1") as (url, start, _):
                yield url, folder, start
        else:
            home = folder.with_name(f"{folder.name}-log")
            home.mkdir(mode=0o777)
            home.chmod(0o777)
            with server(home) as (url, start, _):
                for statement in (
                    f"CREATE TABLESPACE small LOCATION '{folder}'",
                    "CREATE DATABASE ops TABLESPACE small",
                ):
                    subprocess.run(["psql", "--quiet", url, "-c", statement], check=True)
                yield url.replace("/postgres", "/ops").replace("//ops@", "//postgres@"), folder, start
            subprocess.run(["rm", "-r", home], check=True)
    folder.rmdir()


async def test_a_database_server_without_room_refuses_clearly_and_goes_on_when_there_is_some(
    narrow, tmp_path, monkeypatch
):
    url, disk, start = narrow
    monkeypatch.setenv("OPSLAYER_DATABASE", url)
    home = tmp_path / "home"
    write_empty(home)
    headers = await key(home)
    async with serving(home, headers) as client:
        told = story()
        await sent(client, told[:30])
        filler = fill(disk)
        answer = await refused(client)
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        rest = asyncio.create_task(sent(client, told[30:]))
        await asyncio.sleep(1)
        filler.unlink()
        with suppress(subprocess.CalledProcessError):  # one whose log found no room has ended
            await asyncio.to_thread(start)
        sender = await asyncio.wait_for(rest, 120)
        assert sender.broken == 0
        await until(lambda: client.get("/health/ready"), lambda ready: ready.status_code == 200)
    assert await taken(home) == TOLD
