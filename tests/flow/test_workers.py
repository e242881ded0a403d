"""Several real processes on one database, killed at random: what they decide is what one process would, once and in order."""

import asyncio
import json
import signal
import sys
from collections import defaultdict
from contextlib import AsyncExitStack
from random import Random

import httpx
import pytest

from api.bootstrap import open_layer
from api.clock import SystemClock
from api.starter import write_home
from api.views import Actor
from tests.engine.store.conftest import postgres_template, postgres_url  # noqa: F401  (fixtures)

OPSLAYER = [sys.executable, "-c", "from api.cli import main; main()"]
ADA = Actor(id="local", roles=frozenset({"admin"}), channel="cli")
CUSTOMERS, CHANGES, KILLS = 12, 12, 6


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request, tmp_path, monkeypatch):
    write_home(tmp_path / "home")
    if request.param == "postgresql":
        monkeypatch.setenv("OPSLAYER_DATABASE", request.getfixturevalue("postgres_url"))
    return tmp_path / "home"


class Process:
    """One `serve` on the home, which may be killed and started again."""

    def __init__(self, home) -> None:
        self.home = home
        self.url = ""

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            *OPSLAYER, "--home", str(self.home), "--json", "serve", "--port", "0",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        self.url = json.loads(await asyncio.wait_for(self.process.stdout.readuntil(b"}"), 120))["url"]

    async def end(self, number=signal.SIGKILL) -> None:
        if self.process.returncode is None:
            self.process.send_signal(number)
        await self.process.wait()


def events(customer):
    """The story of one account: invoices become overdue, are paid, and come back."""
    yield f"customers/{customer}", {"id": customer, "name": f"{customer} Ltd", "email": f"{customer}@x.example"}
    for step in range(CHANGES):
        number = f"{customer}-{step % 3}"
        paid = None if step % 2 == 0 else "2026-01-20"
        data = {"number": number, "customer": customer, "amount": f"{100 + step}.00", "due_date": "2026-01-01"}
        yield f"invoices/{number}", data | {"paid_on": paid}


async def tell(customer, processes, headers, random):
    """Send an account's events in order, each to any process, again and again until it is acknowledged."""
    async with httpx.AsyncClient(headers=headers, timeout=30) as client:
        for number, (subject, data) in enumerate(events(customer)):
            event = {"specversion": "1.0", "id": f"{customer}-{number}", "source": "ledger", "type": "record.changed"}
            body = json.dumps(event | {"subject": subject, "data": data})
            while True:
                try:
                    answer = await client.post(
                        f"{random.choice(processes).url}/api/v1/events", content=body,
                        headers={"Content-Type": "application/cloudevents+json"},
                    )  # fmt: skip
                except httpx.HTTPError:
                    await asyncio.sleep(0.1)
                    continue
                if answer.status_code == 202:
                    break
                assert answer.status_code == 503, answer.text
                await asyncio.sleep(0.1)


async def decided(home):
    """Return what was decided of each account, in order, and how many inputs the journal holds of each."""
    async with open_layer(home, SystemClock()) as layer:
        found, after = defaultdict(list), ""
        while page := await layer.decisions(after=after, limit=500):
            for decision in page:
                found[decision.key.subject].insert(0, (decision.kind, decision.key.rule))
            after = page[-1].id
        records = await layer.parts.store.entries(kinds=("record",), limit=100_000)
        assert not (await layer.verify()).problems
        states = defaultdict(list)
        after = ""
        while page := await layer.actions(after=after, limit=500):
            for action in page:
                states[action.key.subject].append(action.state)
            after = page[-1].id
        return found, len(records), states


async def key(home):
    async with open_layer(home, SystemClock()) as layer:
        return {"Authorization": f"Bearer {(await layer.create_key('feed', 'operator', ADA)).secret}"}


async def keep_killing(processes, random, kills):
    for _ in range(kills):
        await asyncio.sleep(random.uniform(1.0, 3.0))
        victim = random.choice(processes)
        await victim.end()
        await victim.start()


@pytest.mark.slow
async def test_three_processes_under_fire_decide_what_one_would_in_order_none_lost_none_twice(
    home, tmp_path, monkeypatch
):
    random, names = Random(7), [f"C{number}" for number in range(CUSTOMERS)]
    headers = await key(home)
    processes = [Process(home) for _ in range(3)]
    async with AsyncExitStack() as stack:
        for process in processes:
            await process.start()
            stack.push_async_callback(process.end, signal.SIGTERM)
        killing = asyncio.create_task(keep_killing(processes, random, KILLS))
        await asyncio.gather(*(tell(name, processes, headers, Random(name)) for name in names))
        await killing
    together = await decided(home)

    monkeypatch.delenv("OPSLAYER_DATABASE", raising=False)
    alone = tmp_path / "alone"
    write_home(alone)
    headers, one = await key(alone), Process(alone)
    await one.start()
    await asyncio.gather(*(tell(name, [one], headers, Random(name)) for name in names))
    await one.end(signal.SIGTERM)
    assert together == await decided(alone)
    assert together[1] >= CUSTOMERS * (CHANGES + 1)
    assert all(together[0][f"customer:{name}"] for name in names)
