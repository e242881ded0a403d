"""How fast the store is: `python bench/store/run.py [--url URL] [--entries N] [--fill N]`, JSON on stdout.

Events a second, durable when acknowledged: one after the other (a commit each) and from 128 producers (group commit),
once as bare journal entries and once with all that an event brings (dedupe, encrypted body, cursor, action).
With --fill, the journal and the actions grow to N rows first, and the pages that readers ask for are timed.
"""

import argparse
import asyncio
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from engine.canonical import action_digest
from engine.events import Action, ActionKey, Proof
from engine.ports import Entry
from engine.store import open_store

PRODUCERS = 128
BODY = {"source": "erp", "stream": "invoices", "key": "17", "data": {"number": "A-17", "customer": "C1", "open": True}}
LEAF = Proof(kind="field", path="invoice:1.due", value="x")


class Clock:
    def now(self):
        return datetime.now(UTC)


def entry(number):
    return Entry(kind="record", recorded_at=datetime.now(UTC), body=BODY, subjects=(f"customer:{number % 1000}",))


def action(number):
    payload = {"customer": f"C{number % 1000}", "title": "Call", "text": "Please call about invoice A-17."}
    return Action(
        id=f"a{number}", key=ActionKey("collections", "overdue", "follow_up", f"customer:{number % 1000}"),
        state="pending" if number % 100 else "sent", version=1, digest=action_digest(f"a{number}", "crm.task", payload),
        operation="crm.task", consequence="low", payload=payload, created_at=datetime.now(UTC),
        proof=Proof(kind="rule", path="customer:C1", reasons=(LEAF,) * 5),
    )  # fmt: skip


async def bare(store, number):
    async with store.transaction() as tx:
        await tx.append(entry(number))


async def whole(store, number):
    async with store.transaction() as tx:
        await tx.seen("erp", str(number))
        person = f"customer:{number % 1000}"
        given = entry(number)
        await tx.append(
            Entry(kind="record", recorded_at=given.recorded_at, body=BODY, subjects=given.subjects, person=person)
        )
        await tx.set_cursor("erp", "invoices", str(number))
        await tx.put_action(action(number), None, None)


async def rate(work, store, numbers, producers):
    waiting = iter(numbers)
    took = []

    async def produce():
        for number in waiting:
            began = time.perf_counter()
            await work(store, number)
            took.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(produce() for _ in range(producers)))
    seconds = time.perf_counter() - began
    cuts = statistics.quantiles(took, n=100)
    p50, p99 = (round(cuts[at] * 1e3, 2) for at in (49, 98))
    return {"events_per_s": round(len(took) / seconds), "p50_ms": p50, "p99_ms": p99}


async def fill(store, count):
    for start in range(0, count, 5000):
        async with store.transaction() as tx:
            for number in range(start, min(start + 5000, count)):
                await tx.append(entry(number))
                await tx.put_action(action(10**9 + number), None, None)


async def pages(store):
    middle = await store.head() // 2
    newest = await store.actions(limit=50)
    asked = {
        "entries after the middle": lambda: store.entries(middle, limit=100),
        "entries of a subject": lambda: store.entries(middle, subject="customer:7", limit=100),
        "entries of a subject and a rare kind": lambda: store.entries(subject="customer:7", kinds=("verdict",)),
        "entries of two kinds": lambda: store.entries(middle, kinds=("record", "verdict"), limit=100),
        "actions pending": lambda: store.actions(state="pending"),
        "actions rare state": lambda: store.actions(state="sent", after=newest[-1].id),
        "actions of a subject": lambda: store.actions(subject="customer:7"),
        "actions of a subject in a rare state": lambda: store.actions(subject="customer:7", state="failed"),
    }
    told = {}
    for name, ask in asked.items():
        times = []
        for _ in range(20):
            began = time.perf_counter()
            await ask()
            times.append(time.perf_counter() - began)
        told[name] = round(statistics.median(times) * 1e3, 2)
    return told


async def measure(url, entries, filled):
    store = await open_store(url, clock=Clock(), secret=b"a secret of the bench, 32 bytes!")
    few = max(100, entries // 20)
    numbers = iter(range(10**8))
    result = {"python": sys.version.split()[0], "database": url.split(":")[0], "sqlite": sqlite3.sqlite_version}
    for name, work in (("journal entry", bare), ("whole event", whole)):
        result[f"{name}, a commit each"] = await rate(work, store, [next(numbers) for _ in range(few)], 1)
        result[f"{name}, {PRODUCERS} producers"] = await rate(
            work, store, [next(numbers) for _ in range(entries)], PRODUCERS
        )
    if filled:
        await fill(store, filled)
        result["rows"] = await store.head()
        result["page_ms"] = await pages(store)
    began = time.perf_counter()
    report = await store.verify()
    result["verify_entries_per_s"] = round(report.entries / (time.perf_counter() - began))
    result["problems"] = len(report.problems)
    await store.aclose()
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="default: a new SQLite file in a temporary folder")
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--fill", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{Path(folder)}/bench.db"
        print(json.dumps(asyncio.run(measure(url, given.entries, given.fill)), indent=2))


if __name__ == "__main__":
    main()
