"""How fast the whole is, end to end: `python bench/flow/run.py [--events N] [--late N] [--json]`.

Real processes on loopback, SQLite and PostgreSQL, one and two of them: events a second that are acknowledged, and so
durable with all they cause; then the time from sending an event that makes an account late until another request sees
its action wait for a person. Each part ends after so many events or after its seconds, whichever comes first; how many
there were stands beside its figures, and the load before each row, so a busy machine tells less and not something else.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from functools import partial
from itertools import takewhile
from random import Random

import httpx

from bench.flow.processes import Process, Sender, batches, customer, invoice, starter
from bench.table import shown

CUSTOMERS = 500
SENDING_SECONDS, LATE_SECONDS, IDLE_SECONDS = 7, 15, 5
LEAST_LATE = 20


async def measure(database, count, events, late):
    """Measure so many processes on one database."""
    async with AsyncExitStack() as stack:
        tell = partial(_tell, f"{database}, {count}")
        tell("opens")
        load = os.getloadavg()[0]
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        home, environment, headers = await stack.enter_async_context(starter(folder, database))
        processes = [await stack.enter_async_context(Process(home, environment)) for _ in range(count)]
        client = await stack.enter_async_context(httpx.AsyncClient(headers=headers, timeout=120))
        sender = Sender(client, [each.url for each in processes])
        await sender.all(batches(map(customer, range(CUSTOMERS)), 100), 4)
        random = Random(0)
        changes = [invoice(f"e{n}", n % (CUSTOMERS * 4), CUSTOMERS, random) for n in range(events * 2)]
        found = {"load": round(load, 1)}
        for name, some, size in (("one by one", changes[: events // 4], 1), ("batches of 100", changes[events:], 100)):
            tell(name)
            found |= await sending(name, sender, processes, batches(some, size))
        tell("late ones")
        found |= await pending(client, processes, late, random)
        tell("nothing happens")
        await asyncio.sleep(1)
        before = sum(each.cpu() for each in processes)
        await asyncio.sleep(IDLE_SECONDS)
        idle = sum(each.cpu() for each in processes) - before
        found["CPU % a process when nothing happens"] = round(idle / count / IDLE_SECONDS * 100, 1)
        found["MB a process"] = round(statistics.mean(each.rss()[0] for each in processes))
        assert (sender.rejected, sender.broken) == (0, 0)
        return found


async def sending(name, sender, processes, batches):
    """Events a second that are acknowledged, and the processor time of each."""
    accepted, before, began = sender.accepted, sum(each.cpu() for each in processes), time.perf_counter()
    await sender.all(takewhile(lambda _: time.perf_counter() - began < SENDING_SECONDS, batches), 32)
    took, spent = time.perf_counter() - began, sum(each.cpu() for each in processes) - before
    sent = sender.accepted - accepted
    return {
        f"events, {name}": sent,
        f"events/s, {name}": round(sent / took),
        f"CPU us an event, {name}": round(spent / sent * 1e6),
    }


async def pending(client, processes, late, random):
    """How long an action takes to wait for a person; of less than a hundred the 99th is nearly the longest."""
    seconds, began = [], time.perf_counter()
    while len(seconds) < late and (len(seconds) < LEAST_LATE or time.perf_counter() - began < LATE_SECONDS):
        seconds.append(await until_pending(client, processes, len(seconds), random))
    hundredths = statistics.quantiles(seconds, n=100, method="inclusive")
    return {
        "to pending": len(seconds),
        "to pending p50 ms": round(hundredths[49] * 1000, 1),
        "to pending p99 ms": round(hundredths[98] * 1000, 1),
    }


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
    return {
        f"{database}, {count}": await measure(database, count, events, late)
        for database in ("sqlite", "postgresql")
        for count in (1, 2)
    }


def _tell(row, part):
    print(f"{time.strftime('%H:%M:%S')} {row}: {part}", file=sys.stderr, flush=True)


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
