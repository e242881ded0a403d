"""How fast the whole is, end to end: `python bench/flow/run.py [--events N] [--late N] [--json]`.

Real processes on loopback, SQLite and PostgreSQL, one and two of them: events a second that are acknowledged, and so
durable with all they cause; then the time from sending an event that makes an account late until another request sees
its action wait for a person.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from random import Random

import httpx

from bench.flow.processes import Process, Sender, batches, customer, invoice, starter
from bench.table import shown

CUSTOMERS = 500
IDLE_SECONDS = 5


async def measure(database, count, events, late):
    """Measure so many processes on one database."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        home, environment, headers = await stack.enter_async_context(starter(folder, database))
        processes = [await stack.enter_async_context(Process(home, environment)) for _ in range(count)]
        client = await stack.enter_async_context(httpx.AsyncClient(headers=headers, timeout=120))
        sender = Sender(client, [each.url for each in processes])
        await sender.all(batches(map(customer, range(CUSTOMERS)), 100), 4)
        random = Random(0)
        changes = [invoice(f"e{n}", n % (CUSTOMERS * 4), CUSTOMERS, random) for n in range(events * 2)]
        found = {}
        for name, some, size in (("one by one", changes[: events // 4], 1), ("batches of 100", changes[events:], 100)):
            before, began = sum(each.cpu() for each in processes), time.perf_counter()
            await sender.all(batches(some, size), 32)
            took, spent = time.perf_counter() - began, sum(each.cpu() for each in processes) - before
            found[f"events/s, {name}"] = round(len(some) / took)
            found[f"CPU us an event, {name}"] = round(spent / len(some) * 1e6)
        seconds = [await until_pending(client, processes, n, random) for n in range(late)]
        hundredths = statistics.quantiles(seconds, n=100)
        found["to pending p50 ms"] = round(hundredths[49] * 1000, 1)
        found["to pending p99 ms"] = round(hundredths[98] * 1000, 1)
        await asyncio.sleep(1)
        before = sum(each.cpu() for each in processes)
        await asyncio.sleep(IDLE_SECONDS)
        idle = sum(each.cpu() for each in processes) - before
        found["CPU % a process when nothing happens"] = round(idle / count / IDLE_SECONDS * 100, 1)
        found["MB a process"] = round(statistics.mean(each.rss()[0] for each in processes))
        assert (sender.rejected, sender.broken) == (0, 0)
        return found


async def until_pending(client, processes, number, random):
    """Seconds from sending until the last process shows the action."""
    began = time.perf_counter()
    sender = Sender(client, [processes[0].url])
    await sender.send([invoice(f"late{number}", 10_000_000 + number, CUSTOMERS, random, due="2026-01-01")])
    subject = f"customer:C{(10_000_000 + number) % CUSTOMERS}"
    asked = f"{processes[-1].url}/api/v1/actions"
    while not (await client.get(asked, params={"state": "pending", "subject": subject})).json()["items"]:  # noqa: ASYNC110
        await asyncio.sleep(0.002)
    return time.perf_counter() - began


async def run(events, late):
    found = {"load average": round(os.getloadavg()[0], 1)}
    for database in ("sqlite", "postgresql"):
        for count in (1, 2):
            found[f"{database}, {count}"] = await measure(database, count, events, late)
    return found


def main():
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=4000)
    parser.add_argument("--late", type=int, default=150, help=f"at most {CUSTOMERS}")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = asyncio.run(run(given.events, given.late))
    print(json.dumps(found, indent=2) if given.json else shown(found, "flow"))


if __name__ == "__main__":
    main()
