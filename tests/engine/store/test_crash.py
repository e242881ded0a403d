"""A process killed while it writes: what was acknowledged is there, and the chain verifies.

A kill says nothing about a power cut; that rests on the settings which `test_faults` reads from the connection.
"""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from engine.store import upgrade

WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from engine.ports import Entry
from engine.store import open_store

class Clock:
    def now(self):
        return datetime.now(UTC)

async def produce(store, name):
    number = 0
    while True:
        number += 1
        async with store.transaction() as tx:
            entry = Entry(kind="note", recorded_at=datetime.now(UTC), body={"n": number}, person=f"customer:{name}")
            seq = await tx.append(entry)
            await tx.set_cursor("erp", name, str(number))
        sys.stdout.write(f"{seq} {name} {number}\\n")
        sys.stdout.flush()

async def main():
    store = await open_store(sys.argv[1], clock=Clock(), secret=sys.argv[2].encode())
    await asyncio.gather(*(produce(store, f"p{each}") for each in range(8)))

asyncio.run(main())
"""


def acknowledged(url, secret, lines):
    """Run the writer, kill it after so many lines, and return what it said was stored."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, url, secret.decode()], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    assert process.stdout is not None
    with process, process.stdout as said:
        told = [said.readline() for _ in range(lines)]
        process.kill()
        told += said.read().splitlines(keepends=True)
    whole = [line.split() for line in told if line.endswith(b"\n")]
    return [(int(seq), name.decode(), int(number)) for seq, name, number in whole]


@pytest.mark.slow
async def test_everything_acknowledged_survives_a_kill(url, opener, make):
    await upgrade(url)
    chance = random.Random(5)
    told = []
    for _ in range(8):
        told += acknowledged(url, make.SECRET, chance.randint(1, 200))
    store = await opener(url)
    report = await store.verify()
    assert report.problems == ()
    stored = {each.seq: (each.person, each.body) for each in await store.entries(limit=100_000)}
    assert len(told) > 500
    for seq, name, number in told:
        assert stored[seq] == (f"customer:{name}", {"n": number})
    async with store.transaction() as tx:
        for name in {name for _, name, _ in told}:
            last = [body["n"] for person, body in stored.values() if person == f"customer:{name}"][-1]
            assert await tx.cursor("erp", name) == str(last)
