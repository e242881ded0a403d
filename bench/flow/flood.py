"""A flood neither loses an event nor kills memory: `python -m bench flood [--events 1000000] [--database sqlite]`.

Many senders at once, more than one process takes on, each coming again when it is asked to. At the end the journal
must hold each event once, the last change of each invoice must be what is known, and memory must have stayed bounded.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from random import Random

import httpx

from api.bootstrap import open_layer
from api.clock import SystemClock
from bench.flow.processes import Process, Sender, batches, customer, invoice, starter
from bench.table import shown

CUSTOMERS, INVOICES, SENDERS = 1000, 4000, 300
MOST_GROWTH = 1.15


async def flood(events, database, size=200, requests=200):
    random = Random(5)
    with tempfile.TemporaryDirectory() as folder:
        async with starter(folder, database) as (home, environment, headers):
            with (home / "config/app.yaml").open("a", encoding="utf-8") as settings:
                settings.write(f"limits: {{requests: {requests}}}\n")
            async with (
                Process(home, environment) as process,
                httpx.AsyncClient(headers=headers, timeout=600, limits=httpx.Limits(max_connections=None)) as client,
            ):
                sender = Sender(client, [process.url])
                await sender.all(batches(map(customer, range(CUSTOMERS)), 100), 2)
                before, began = process.rss()[0], time.perf_counter()
                changes = (invoice(f"f{n}", n % INVOICES, CUSTOMERS, random) for n in range(events))
                tenths = []
                watching = asyncio.create_task(watch(process, sender, events, tenths))
                await sender.all(batches(changes, size), SENDERS)
                took, (after, most) = time.perf_counter() - began, process.rss()
                watching.cancel()
            held = await count(home)
    return {
        "events": events, "seconds": round(took), "events/s": round(events / took), "senders at once": SENDERS,
        "load average": round(os.getloadavg()[0], 1), "asked to come again": sender.refused,
        "connections broken": sender.broken, "counted twice by senders": sender.duplicates,
        "MB before": round(before), "MB after": round(after), "MB at most": round(most),
        "MB at each tenth": ", ".join(map(str, tenths)), "memory stays flat": flat(tenths),
        "in the journal": held, "none lost, none twice": held == events + CUSTOMERS,
    }  # fmt: skip


async def watch(process, sender, events, tenths):
    """Note the memory whenever another tenth has been taken in."""
    while True:
        if sender.accepted >= events / 10 * (len(tenths) + 1):
            tenths.append(round(process.rss()[0]))
        await asyncio.sleep(0.2)


def flat(tenths):
    """Whether the second half took no more than a little above the first."""
    half = len(tenths) // 2
    return not half or max(tenths[half:]) <= max(tenths[:half]) * MOST_GROWTH


async def count(home):
    """How many records the journal holds; it must verify."""
    async with open_layer(home, SystemClock()) as layer:
        verified = await layer.verify()
        assert not verified.problems, verified.problems
        found = after = 0
        while page := await layer.parts.store.entries(after, kinds=("record",), limit=5000):
            found += sum(each.body["entity"] != "action" for each in page)
            after = page[-1].seq
        return found


def main():
    """Print a table, or JSON; fails when an event is missing or counted twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = asyncio.run(flood(given.events, given.database))
    print(json.dumps(found, indent=2) if given.json else shown(found, "flood"))
    return 0 if found["none lost, none twice"] and found["memory stays flat"] else 1


if __name__ == "__main__":
    sys.exit(main())
