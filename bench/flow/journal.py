"""What a large journal costs: `python -m bench journal [--gigabytes 10] [--json]`, on SQLite.

Grows a journal through the pipeline, as a source would, then measures restart, memory, the pages that people ask for,
and `verify`. Takes some ten minutes of processor time for a gigabyte.
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
from bench.flow.processes import starter
from bench.table import shown
from engine.events import Record

CUSTOMERS, INVOICES = 2000, 20_000
NAME = "A company with a name as long as all that a real record of a customer would tell. " * 8


def changes(random):
    """Customers and invoices for ever; one record in four is a customer's."""
    for number in range(CUSTOMERS):
        yield _record("customers", f"C{number}", {"id": f"C{number}", "name": NAME, "email": f"c{number}@x.example"})
    while True:
        for number in range(INVOICES):
            key = f"R{number}"
            data = {"number": key, "customer": f"C{number % CUSTOMERS}", "amount": f"{random.randint(1, 99999)}.00"}
            yield _record("invoices", key, data | {"due_date": "2099-01-01", "paid_on": None})
            if number % 3 == 0:
                key = f"C{random.randrange(CUSTOMERS)}"
                name = f"{random.random()} {NAME}"
                yield _record("customers", key, {"id": key, "name": name, "email": f"{key}@x.example"})


def _record(stream, key, data):
    return Record(source="ledger", stream=stream, key=key, data=data)


async def grow(home, size):
    """Fill until the database file has that many bytes."""
    told, file, entries = changes(Random(9)), Path(home) / ".opslayer" / "opslayer.db", 0
    async with open_layer(home, SystemClock()) as layer:
        while file.stat().st_size < size:
            for _ in range(20):
                taken = await layer.parts.pipeline.take_in([next(told) for _ in range(1000)])
                assert all(each.status == "accepted" for each in taken)
            entries += 20_000
            print(f"{file.stat().st_size / 1e9:.2f} GB, {entries} records", file=sys.stderr, flush=True)
    return file


async def ask(home):
    """Open the home and ask what people ask, in a process that has done nothing else."""
    found = {}
    spent = time.process_time()

    def note(name):
        nonlocal spent
        found[f"{name}, CPU ms"], spent = round((time.process_time() - spent) * 1000), time.process_time()

    async with open_layer(home, SystemClock()) as layer:
        note("restart")
        found["MB after restart"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        spent = time.process_time()
        assert await layer.timeline("customer:C7", limit=200)
        note("a timeline")
        assert await layer.customer("C7") is not None
        note("a customer")
        await layer.decisions(limit=50)
        note("decisions")
        await layer.measures()
        note("metrics")
        verified = await layer.verify()
        assert not verified.problems
        note("verify")
        found["entries"] = verified.entries
        found["MB at most"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return found


async def run(gigabytes):
    with tempfile.TemporaryDirectory() as folder:
        async with starter(folder) as (home, _, _):
            began = time.process_time()
            file = await grow(home, gigabytes * 1e9)
            grown = time.process_time() - began
            command = [sys.executable, __file__, "--ask", str(home)]
            process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
            told, _ = await process.communicate()
            assert process.returncode == 0
            size = file.stat().st_size / 1e9
    return {"GB": round(size, 2), "load average": round(os.getloadavg()[0], 1), "grown in CPU s": round(grown)} | (
        json.loads(told)
    )


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
