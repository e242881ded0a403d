"""What a large journal costs: `python -m bench journal [--gigabytes 10] [--json]`, on SQLite.

The first entries are remarks of people of about a kilobyte, one in three under the key of a person, chained and
committed by the store as ever; the last ones are changes that a source tells, through the pipeline, so that there is a
state, a snapshot and an inbox. Then in processes of their own: restart, memory, the pages that people ask for,
`verify`, the search's index and a backup.
"""

import argparse
import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from api.bootstrap import open_layer
from api.clock import SystemClock
from api.views import Actor
from bench.flow.processes import starter
from bench.table import shown
from engine.events import Record
from engine.ports import Entry
from engine.store.backup import backup

CUSTOMERS, INVOICES, CHANGES, LATE = 2000, 20_000, 40_000, 500
BLOCK = 5000
WHO = Actor(id="ada", roles=frozenset({"operator"}), channel="cli")
WORDS = "We spoke about the open invoice, the delivery of last week and what the next order should bring. "


def changes(random):
    """Customers, then their invoices, some of them late, then one change after the other."""
    for number in range(CUSTOMERS):
        yield _record(
            "customers", f"C{number}", {"id": f"C{number}", "name": f"Name {number}", "email": f"c{number}@x.example"}
        )
    while True:
        for number in range(INVOICES):
            key, due = f"R{number}", "2026-01-01" if number < LATE else "2099-01-01"
            data = {"number": key, "customer": f"C{number % CUSTOMERS}", "amount": f"{random.randint(1, 99999)}.00"}
            yield _record("invoices", key, data | {"due_date": due, "paid_on": None})


def _record(stream, key, data):
    return Record(source="ledger", stream=stream, key=key, data=data)


async def remark(layer, random, file, size):
    """Let people remark until the database file has that many bytes; returns how many remarks there are."""
    count, clock = 0, layer.clock
    while file.stat().st_size < size:
        async with layer.parts.store.transaction() as tx:
            for number in range(count, count + BLOCK):
                about = f"customer:C{random.randrange(CUSTOMERS)}"
                text = f"{random.random()} {WORDS * random.randint(4, 12)}"
                entry = Entry(
                    kind="note", recorded_at=clock.now(), subjects=(about,), actor="ayse", body={"text": text},
                    person=about if number % 3 == 0 else "",
                )  # fmt: skip
                await tx.append(entry)
        count += BLOCK
        if count % (10 * BLOCK) == 0:
            print(f"{file.stat().st_size / 1e9:.2f} GB, {count} remarks", file=sys.stderr, flush=True)
    return count


async def grow(home, size):
    """Fill until the database file has that many bytes; returns the file and what it took."""
    file, found = Path(home) / ".opslayer" / "opslayer.db", {}
    async with open_layer(home, SystemClock()) as layer:
        began = time.perf_counter()
        found["remarks"] = await remark(layer, Random(3), file, size)
        found["remarks/s"] = round(found["remarks"] / (time.perf_counter() - began))
        told, began = changes(Random(9)), time.perf_counter()
        for _ in range(CHANGES // 1000):
            taken = await layer.parts.pipeline.take_in([next(told) for _ in range(1000)])
            assert all(each.status == "accepted" for each in taken)
        await layer.prepare()
        found["changes/s"] = round(CHANGES / (time.perf_counter() - began))
    return file, found


async def ask(home):
    """Open the home and ask what people ask, in a process that has done nothing else."""
    found, last = {}, [time.perf_counter(), time.process_time()]

    def note(name):
        now = [time.perf_counter(), time.process_time()]
        found[f"{name}, ms"], found[f"{name}, CPU ms"] = (round((b - a) * 1000) for a, b in zip(last, now, strict=True))
        last[:] = now

    async with open_layer(home, SystemClock()) as layer:
        note("restart")
        found["MB after restart"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        last[:] = [time.perf_counter(), time.process_time()]
        assert len(await layer.actions(state="pending", limit=50)) == 50
        note("50 pending actions")
        assert await layer.queue(WHO)
        note("the inbox")
        assert await layer.timeline("customer:C7", limit=200)
        note("a timeline")
        assert await layer.customer("C7") is not None
        note("a customer")
        await layer.decisions(limit=50)
        note("decisions")
        await layer.measures()
        note("metrics")
        await layer.index()
        note("2,000 entries into the search's index")
        verified = await layer.verify()
        assert not verified.problems
        note("verify")
        found["entries"] = verified.entries
        found["MB at most"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return found


async def run(gigabytes):
    with tempfile.TemporaryDirectory() as folder:
        async with starter(folder) as (home, _, _):
            file, found = await grow(home, gigabytes * 1e9)
            command = [sys.executable, "-m", "bench.flow.journal", "--ask", str(home)]
            process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
            told, _ = await process.communicate()
            assert process.returncode == 0
            began, copy = time.perf_counter(), Path(folder) / "backup.opslayer"
            made = await backup(f"sqlite:///{file}", copy, SystemClock())
            found["backup, s"], found["backup, GB"] = round(time.perf_counter() - began, 1), round(_size(copy), 2)
            assert made.head >= found["remarks"]
            return (
                {"GB": round(_size(file), 2), "load average": round(os.getloadavg()[0], 1)} | found | json.loads(told)
            )


def _size(file):
    return file.stat().st_size / 1e9


def main():
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=10)
    parser.add_argument("--ask", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.ask:
        print(json.dumps(asyncio.run(ask(Path(given.ask)))))
        return 0
    found = asyncio.run(run(given.gigabytes))
    print(json.dumps(found, indent=2) if given.json else shown(found, "journal"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
