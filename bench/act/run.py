"""How fast a person's word and the outbox are: `python bench/act/run.py [--actions N] [--postgres URL] [--json]`.

The whole layer over one home, on SQLite and on PostgreSQL: events one after the other until each is durable and stands
in the inbox, then verdicts from several people at once, then dispatch to a server on loopback that answers at once.
"""

import argparse
import asyncio
import json
import logging
import os
import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from api.bootstrap import open_layer
from api.clock import SystemClock
from api.views import Actor
from approvals.results import Decided
from bench.table import shown
from engine.events import Record, Verdict
from tests.approvals.layer.company import POLICIES, write_company
from tests.approvals.peer import serving

POSTGRES = "postgresql://postgres@127.0.0.1:5432/test"
WHO = Actor(id="ayse", roles=frozenset({"operator"}), channel="api")
PEOPLE = 16
ASKED = POLICIES.replace("tasks: {approval: never", "tasks: {approval: always")


def record(number):
    data = {
        "id": f"C{number}", "name": f"Customer {number}", "email": f"c{number}@example.org", "city": "Izmir",
        "owner": "ayse", "owed": 100, "status": "late",
    }  # fmt: skip
    return Record(source="erp", stream="customers", key=f"C{number}", data=data)


async def arrived(layer, actions):
    """Seconds from each event to its action in the inbox."""
    took = []
    for number in range(actions):
        began = time.perf_counter()
        [taken] = await layer.ingest([record(number)])
        took.append(time.perf_counter() - began)
        assert taken.status == "accepted"
    waiting = [action async for action in everything(layer, "pending")]
    assert len(waiting) == actions
    return took, waiting


async def everything(layer, state):
    after = ""
    while page := await layer.actions(state=state, after=after, limit=500):
        for action in page:
            yield action
        after = page[-1].id


async def decided(layer, waiting):
    """Seconds that all verdicts took together, from several people at once."""
    free = asyncio.Semaphore(PEOPLE)

    async def one(action):
        async with free:
            word = Verdict(
                action=action.id, verdict="approve", digest=action.digest, by="ayse", channel="api",
                at=layer.clock.now(),
            )  # fmt: skip
            assert isinstance(await layer.decide(word, WHO), Decided)

    began = time.perf_counter()
    await asyncio.gather(*(one(action) for action in waiting))
    return time.perf_counter() - began


async def dispatched(layer, peer, actions):
    """Seconds until the server has everything and each receipt is durable."""
    began = time.perf_counter()
    while await layer.dispatch():
        pass
    took = time.perf_counter() - began
    assert len(peer.records) == actions
    return took


async def measure(url, actions):
    """Measure one database."""
    with tempfile.TemporaryDirectory() as folder, serving() as peer:
        home = write_company(Path(folder) / "home", peer.url, 9, policies=ASKED)
        app = home / "config/app.yaml"
        app.write_text(app.read_text() + (f'database: "{url}"\n' if url else ""))
        async with open_layer(home, SystemClock()) as layer:
            took, waiting = await arrived(layer, actions)
            verdicts = await decided(layer, waiting)
            sending = await dispatched(layer, peer, actions)
    hundredths = statistics.quantiles(took, n=100)
    return {
        "actions": actions,
        "event to inbox p50 ms": round(hundredths[49] * 1000, 2),
        "event to inbox p99 ms": round(hundredths[98] * 1000, 2),
        "decisions/s": round(actions / verdicts),
        "dispatches/s": round(actions / sending),
    }


async def on_postgres(address, actions):
    """Measure on a database of its own, which is dropped at the end; None when no server answers."""
    name = f"opslayer_bench_{secrets.token_hex(6)}"
    driver = make_url(address).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(driver, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {name}"))
    except OSError:
        return None
    try:
        own = make_url(address).set(database=name)
        return await measure(own.render_as_string(hide_password=False), actions)
    finally:
        async with engine.connect() as connection:
            await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        await engine.dispose()


async def run(actions, postgres):
    """Measure both."""
    found = {"sqlite": await measure("", actions)}
    other = await on_postgres(postgres, actions)
    return found | ({"postgresql": other} if other else {})


def main():
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--actions", type=int, default=400)
    parser.add_argument("--postgres", default=os.environ.get("OPSLAYER_TEST_POSTGRES", POSTGRES), metavar="URL")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    logging.disable(logging.INFO)
    found = asyncio.run(run(given.actions, given.postgres))
    print(json.dumps(found, indent=2) if given.json else shown(found, "act"))


if __name__ == "__main__":
    sys.exit(main())
