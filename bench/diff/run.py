"""How long `opslayer diff` takes: `python bench/diff/run.py [--inputs N] [--json]`; wall time, and of both processors.

A starter's home with so many inputs in an encrypted SQLite journal, ten invoices to a customer, most of them paid; then
the same inputs under one changed threshold.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from api.clock import SystemClock
from api.starter import write_home
from bench.table import shown
from engine.events import ChangeEvent
from engine.feel import Money
from engine.inference.clock import HeldClock
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session
from engine.journal import entry_of, person_of
from engine.rules import load_home
from engine.store import open_store
from evals.diff.behaviour import compare
from evals.diff.runs import history

START = datetime(2025, 1, 1, 6, tzinfo=UTC)
EACH = 10
RULES = Path("rules/reminders/ruleset.yaml")


def told(inputs):
    """Customers, then invoices as they are issued and paid, at their moments."""
    customers = inputs // (2 * EACH)
    for number in range(customers):
        fields = {"name": f"Customer {number}", "email": f"c{number}@example.org"}
        yield START, ChangeEvent(entity="customer", id=f"C{number}", record=f"ledger/c/C{number}", fields=fields)
    pending = []
    for number in range((inputs - customers) // 2):
        day = number * 365 // max(1, inputs // 2)
        due = date(2025, 1, 1) + timedelta(days=day + 14)
        fields = {
            "number": f"I{number}", "customer": f"C{number * 7 % customers}", "due_date": due,
            "amount": Money(Decimal(number % 900), "EUR"),
        }  # fmt: skip
        pending.append((day, number, fields, None))
        pending.append((day + 10 + number % 20, number, fields, due + timedelta(days=number % 20 - 4)))
    for day, number, fields, paid in sorted(pending, key=lambda each: (each[0], each[1], each[3] is not None)):
        more = fields if paid is None else fields | {"paid_on": paid}
        event = ChangeEvent(entity="invoice", id=f"I{number}", record=f"ledger/i/I{number}", fields=more)
        yield START + timedelta(days=day, minutes=number % 600), event


async def fill(home, folder, inputs):
    """Write the journal as the running layer does, many entries a commit."""
    store = await open_store(
        f"sqlite:///{folder / 'var' / 'opslayer.db'}", clock=SystemClock(), secret=b"a bench, no secret " * 4,
        anchor=folder / "anchor",
    )  # fmt: skip
    session = Session(Rulebook.of(home), HeldClock(START))
    events = list(told(inputs))
    for start in range(0, len(events), 5000):
        async with store.transaction() as tx:
            for at, event in events[start : start + 5000]:
                await tx.append(entry_of(event, at, person=person_of(session, event)))
    return store


async def measure(inputs):
    """Fill a journal, read it, compare."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_home(folder)
        (folder / "var").mkdir(exist_ok=True)
        home = load_home(folder).sound()
        store = await fill(home, folder, inputs)
        began = time.perf_counter()
        read, coverage = await history(store)
        reading = time.perf_counter() - began
        text = (folder / RULES).read_text(encoding="utf-8")
        (folder / RULES).write_text(text.replace("P7D", "P9D"), encoding="utf-8")
        head = load_home(folder).sound()
        began, used = time.perf_counter(), sum(os.times()[:4])
        found = compare(home, head, read, coverage)
        comparing, used = time.perf_counter() - began, sum(os.times()[:4]) - used
        await store.aclose()
    return {
        f"{len(read):,} inputs": {
            "reading, s": round(reading, 1), "comparing, s": round(comparing, 1),
            "in all, s": round(reading + comparing, 1),
            "comparing, s of processor time": round(used, 1),
            "differences": sum(each.count for each in found.tallies), "alike": found.unchanged,
        }
    }  # fmt: skip


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = asyncio.run(measure(given.inputs))
    sys.stdout.write((json.dumps(found, indent=2) if given.json else shown(found)) + "\n")


if __name__ == "__main__":
    main()
