"""What breaks under a running process: its disk, its database, its clock; nothing acknowledged is lost or done twice."""

import asyncio
import json
import os
import shutil
import signal
import struct
import subprocess
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import httpx
import pytest

from api.bootstrap import open_layer
from api.clock import SystemClock
from api.starter import write_home
from bench.flow.processes import Sender, batches, customer, invoice
from tests.connectors.peers import absent
from tests.disks import fill
from tests.flow.test_workers import OPSLAYER, key
from tests.servers import server

EVENTS = 60


def write_empty(home):
    """A starter home that is told events alone."""
    write_home(home)
    for file in (home / "data").glob("*.csv"):
        file.write_text(file.read_text().splitlines()[0] + "\n")


@asynccontextmanager
async def serving(home, headers, **environment):
    """Run `serve` on the home; yields a client of it."""
    process = await asyncio.create_subprocess_exec(
        *OPSLAYER, "--home", str(home), "--json", "serve", "--port", "0",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env={**os.environ, **environment},
    )  # fmt: skip
    try:
        url = json.loads(await asyncio.wait_for(process.stdout.readuntil(b"}"), 120))["url"]
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 60)


async def held(home):
    """The ids of invoices and customers that the journal tells of, one for each record; the journal verifies."""
    async with open_layer(home, SystemClock()) as layer:
        assert not (await layer.verify()).problems
        entries = await layer.parts.store.entries(kinds=("record",), limit=100_000)
        times = [each.recorded_at for each in entries]
        assert times == sorted(times)
        return sorted(each.body["id"] for each in entries if each.body["entity"] in ("customer", "invoice"))


async def until(ask, holds):
    async with asyncio.timeout(120):
        while not holds(found := await ask()):  # noqa: ASYNC110  (what is waited for has no event)
            await asyncio.sleep(0.2)
        return found


def story():
    """Events, each of another record, one by one."""
    return [customer(n) for n in range(10)] + [invoice(f"e{n}", n, 10, Random(n)) for n in range(EVENTS)]


TOLD = sorted([f"C{n}" for n in range(10)] + [f"R{n}" for n in range(EVENTS)])


async def refused(client):
    """Send something that is refused, and return what is said; it never counts."""

    async def ask():
        event = invoice("never", 0, 10, Random(0)) | {"data": {"number": "never" * 40_000}}
        return await client.post("/api/v1/events", json=event, headers={"content-type": "application/cloudevents+json"})

    return await until(ask, lambda answer: answer.status_code != 202)


# --- the disk is full -----------------------------------------------------------------------------------------------


async def test_a_full_disk_refuses_clearly_loses_nothing_and_goes_on_when_there_is_room(small_disk):
    home = small_disk / "home"
    write_empty(home)
    headers = await key(home)
    async with serving(home, headers) as client:
        sender = Sender(client, [str(client.base_url).rstrip("/")])
        told = story()
        await sender.all(batches(told[:30], 3), 2)
        filler = fill(small_disk)
        answer = await refused(client)
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        assert "disk is full; make room" in answer.json()["detail"].lower()
        rest = asyncio.create_task(sender.all(batches(told[30:], 3), 2))
        await until(lambda: asyncio.sleep(0, sender.refused), bool)
        filler.unlink()
        await asyncio.wait_for(rest, 120)
        assert (await client.get("/health/ready")).status_code == 200
    assert [each for each in await held(home) if not each.startswith("never")] == TOLD


# --- the database is gone -------------------------------------------------------------------------------------------


@pytest.fixture
def cluster():
    """A PostgreSQL server of the test's own, with what starts and kills it."""
    folder = Path("/tmp") / f"opslayer-pg-{os.getpid()}"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    try:
        with server(folder) as made:
            yield made
    finally:
        shutil.rmtree(folder)


async def test_a_database_that_dies_and_comes_back_has_all_that_was_acknowledged_once(cluster, tmp_path, monkeypatch):
    url, start, kill = cluster
    monkeypatch.setenv("OPSLAYER_DATABASE", url)
    home = tmp_path / "home"
    write_empty(home)
    headers = await key(home)
    async with serving(home, headers) as client:
        sender = Sender(client, [str(client.base_url).rstrip("/")])
        told = story()
        await sender.all(batches(told[:30], 3), 2)
        going = asyncio.create_task(sender.all(batches(told[30:], 1), 4))
        await until(lambda: asyncio.sleep(0, sender.accepted), lambda count: count > 35)
        await asyncio.to_thread(kill)
        await until(lambda: asyncio.sleep(0, sender.refused), bool)
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()["ready"]) == (503, False)
        await asyncio.to_thread(start)
        await asyncio.wait_for(going, 180)
        await until(lambda: client.get("/health/ready"), lambda answer: answer.status_code == 200)
        assert sender.broken == 0
    assert await held(home) == TOLD


# --- the clock jumps ------------------------------------------------------------------------------------------------


@pytest.fixture
def jumping(tmp_path):
    """The environment of a process whose wall clock jumps by so many days, and what makes it."""
    if shutil.which("gcc") is None:
        absent("gcc", "there is no C compiler")
    library, shift = tmp_path / "shifted.so", tmp_path / "shift"
    source = Path(__file__).with_name("shifted.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    shift.write_bytes(struct.pack("=q", 0))

    def jump(days):
        with shift.open("r+b") as file:  # in place: the process looks at these very bytes
            file.write(struct.pack("=q", days * 86_400))

    return {"LD_PRELOAD": str(library), "SHIFT": str(shift)}, jump


async def test_a_clock_that_jumps_forth_and_back_decides_once_and_in_order(tmp_path, jumping):
    home, (environment, jump) = tmp_path / "home", jumping
    write_empty(home)
    headers = await key(home)
    async with serving(home, headers, **environment) as client:
        sender = Sender(client, [str(client.base_url).rstrip("/")])
        today = datetime.now(UTC).date().isoformat()
        await sender.send([customer(1), customer(2), invoice("a", 1, 10, Random(1), due=today)])

        async def actions():
            return (await client.get("/api/v1/actions")).json()["items"]

        assert await actions() == []
        jump(30)
        [late] = await until(actions, lambda found: found and found[0]["state"] == "pending")
        assert late["key"]["subject"] == "customer:C1"
        for days in (-60, 25, -1):
            jump(days)
            await sender.send([invoice(str(days), 2, 10, Random(2))])
            assert [(each["id"], each["state"]) for each in await actions()] == [(late["id"], "pending")]
        body = {"verdict": "reject", "digest": late["digest"], "reason": "paid"}
        assert (await client.post(f"/api/v1/actions/{late['id']}/verdict", json=body)).status_code == 200
        assert (await client.get("/health/ready")).status_code == 200
        assert sender.refused + sender.broken == 0
    assert await held(home) == ["C1", "C2", "R1", "R2", "R2", "R2"]
