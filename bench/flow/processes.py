"""Real `opslayer serve` processes on a starter home, and a sender that comes again when it is asked to."""

import asyncio
import json
import os
import secrets
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import httpx
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from api.bootstrap import open_layer
from api.clock import SystemClock
from api.starter import write_home
from api.views import Actor

POSTGRES = os.environ.get("OPSLAYER_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
OPSLAYER = [sys.executable, "-c", "from api.cli import main; main()"]
BATCH = {"Content-Type": "application/cloudevents-batch+json"}


class Process:
    """One `serve`."""

    def __init__(self, home, environment, *options):
        self.command = [*OPSLAYER, "--home", str(home), "--json", "serve", "--port", "0", *options]
        self.environment = {**os.environ, **environment}

    async def __aenter__(self):
        self.process = await asyncio.create_subprocess_exec(
            *self.command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env=self.environment
        )
        told = await asyncio.wait_for(self.process.stdout.readuntil(b"}"), 600)
        self.url = json.loads(told)["url"]
        return self

    async def __aexit__(self, *_):
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.wait()

    def rss(self):
        """Resident memory in MB, now and at its highest."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        found = dict(line.split(":", 1) for line in lines)
        return tuple(int(found[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))

    def cpu(self):
        """Seconds of processor time so far."""
        parts = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def starter(folder, database="sqlite"):
    """A home with a database of its own: its folder, the environment of its processes, the headers of an operator."""
    home = Path(folder) / "home"
    write_home(home)
    for name in ("customers", "invoices"):  # what is measured is what is sent
        path = home / "data" / f"{name}.csv"
        path.write_text(path.read_text().splitlines()[0] + "\n")
    async with _address(database) as environment:
        os.environ.update(environment)
        try:
            async with open_layer(home, SystemClock()) as layer:
                admin = Actor(id="local", roles=frozenset({"admin"}), channel="cli")
                key = (await layer.create_key("bench", "admin", admin)).secret
            yield home, environment, {"Authorization": f"Bearer {key}"}
        finally:
            for name in environment:
                del os.environ[name]


@asynccontextmanager
async def _address(database):
    if database == "sqlite":
        yield {}
        return
    name = f"opslayer_bench_{secrets.token_hex(6)}"
    engine = create_async_engine(
        make_url(POSTGRES).set(drivername="postgresql+asyncpg"), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield {"OPSLAYER_DATABASE": make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)}
    finally:
        async with engine.connect() as connection:
            await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        await engine.dispose()


def event(id, stream, key, data):
    head = {"specversion": "1.0", "id": id, "source": "ledger", "type": "record.changed"}
    return head | {"subject": f"{stream}/{key}", "data": data}


def customer(number):
    data = {"id": f"C{number}", "name": f"Customer {number}", "email": f"c{number}@x.example"}
    return event(f"c{number}", "customers", f"C{number}", data)


def invoice(id, number, customers, random, *, due="2099-01-01"):
    """A change of an invoice that is not late."""
    data = {"number": f"R{number}", "customer": f"C{number % customers}", "amount": f"{random.randint(1, 99999)}.00"}
    return event(id, "invoices", f"R{number}", data | {"due_date": due, "paid_on": None})


class Sender:
    """Sends batches and comes again when it is asked to; counts what was answered."""

    def __init__(self, client, urls):
        self.client, self.urls = client, urls
        self.accepted = self.duplicates = self.rejected = self.refused = self.broken = 0
        self._random = Random(1)

    async def send(self, batch):
        body = json.dumps(batch)
        while True:
            try:
                answer = await self.client.post(
                    f"{self._random.choice(self.urls)}/api/v1/events", content=body, headers=BATCH
                )
            except httpx.HTTPError:
                self.broken += 1
                await asyncio.sleep(0.5)
                continue
            if answer.status_code == 202:
                told = answer.json()
                self.accepted += told["accepted"]
                self.duplicates += told["duplicates"]
                self.rejected += len(told["rejected"])
                return
            assert answer.status_code in (429, 503), answer.text
            self.refused += 1
            await asyncio.sleep(float(answer.headers["retry-after"]))

    async def all(self, batches, at_once):
        """Send them all, so many at once."""
        waiting = iter(batches)

        async def one():
            for batch in waiting:
                await self.send(batch)

        await asyncio.gather(*(one() for _ in range(at_once)))


def batches(events, size):
    batch = []
    for each in events:
        batch.append(each)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
