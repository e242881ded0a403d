"""A small company's home on disk, its mail server, and the real layer over both."""

import asyncio
import json
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from datetime import datetime, timedelta
from io import StringIO
from types import SimpleNamespace

import pytest

from api.bootstrap import open_layer
from api.cli.root import opslayer
from api.cli.shell import run
from api.clock import SimulatedClock
from api.demo.mailbox import Maildir
from api.demo.smtp import Delivery, listen
from api.starter import write_home
from api.views import Actor
from engine.events import Record, Verdict

START = datetime.fromisoformat("2026-03-02T09:00:00+03:00")
ADA = Actor(id="ada", roles=frozenset({"admin", "operator"}), channel="api", name="Ada")


class Company:
    """Speaks to the layer as sources, people and time do."""

    def __init__(self, layer, clock):
        self.layer, self.clock = layer, clock

    @property
    def session(self):
        return self.layer.parts.pipeline.session

    async def tell(self, stream, key, *, deleted=False, valid_at=None, **data):
        record = Record(source="ledger", stream=stream, key=key, data=data, deleted=deleted, valid_at=valid_at)
        (taken,) = await self.layer.ingest([record])
        return taken

    async def customer(self, id, **data):
        return await self.tell("customers", id, **({"id": id, "name": f"{id} Ltd", "email": f"{id}@x.example"} | data))

    async def invoice(self, number, customer, due="2026-02-20", paid=None, amount="100.00", valid_at=None):
        data = {"number": number, "customer": customer, "amount": amount, "due_date": due, "paid_on": paid}
        return await self.tell("invoices", number, valid_at=valid_at, **data)

    async def say(self, verdict, action, **more):
        word = Verdict(
            action=action.id,
            verdict=verdict,
            digest=action.digest,
            by="ada",
            channel="api",
            at=self.clock.now(),
            **more,
        )
        return await self.layer.decide(word, ADA)

    async def action(self, state=""):
        await self.layer.prepare()
        return (await self.layer.actions(state=state))[0]

    async def wait(self, **by):
        await self.layer.run_to(self.clock, self.clock.now() + timedelta(**by))

    async def entries(self, *kinds):
        return await self.layer.parts.store.entries(kinds=kinds, limit=100_000)


@pytest.fixture
def home(tmp_path):
    write_home(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def opened(home):
    """Open the layer on the home, from `at` or where the last one stood."""
    last = [START]

    @asynccontextmanager
    async def open_(at=None):
        clock = SimulatedClock(at or last[0])
        async with open_layer(home, clock) as layer:
            try:
                yield Company(layer, clock)
            finally:
                last[0] = clock.now()

    return open_


@pytest.fixture
async def company(opened):
    async with opened() as company:
        yield company


@pytest.fixture
async def postoffice(tmp_path, monkeypatch):
    """The mail server of the sample company; `gone@x.example` is refused."""
    now = START.isoformat
    server, port = await listen(Delivery(tmp_path, now, frozenset({"gone@x.example"})), "127.0.0.1")
    monkeypatch.setenv("OPSLAYER_SMTP_PORT", str(port))
    yield SimpleNamespace(
        customers=Maildir(tmp_path / "mail" / "customers"), inbox=Maildir(tmp_path / "mail" / "inbox"), port=port
    )
    server.close()
    await server.wait_closed()


@pytest.fixture
def cli(home):
    """Run a command in a thread; returns exit code, JSON answer and what was said."""

    async def call(*arguments, code=None):
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            found = await asyncio.to_thread(run, opslayer, ["--home", str(home), "--json", *arguments])
        assert code is None or found == code, err.getvalue()
        answer = json.loads(out.getvalue()) if out.getvalue() else None
        return SimpleNamespace(code=found, said=err.getvalue(), answer=answer)

    return call
