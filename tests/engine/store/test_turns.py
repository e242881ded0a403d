"""Several programs write to one SQLite file: each comes to its turn, and one that starts or is killed stops nobody."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest

from engine.store import upgrade
from tests.engine.store.test_crash import WRITER

PASSED_BY = 10.0
"""Seconds that a turn may take while others write without a pause; who is never the next waits until it gives up."""


@pytest.fixture
def greedy(sqlite_url, make):
    """Three processes that write as fast as they can; `signal` goes to each."""
    asyncio.run(upgrade(sqlite_url))
    command = [sys.executable, "-c", WRITER, sqlite_url, make.SECRET.decode()]
    folder = Path(__file__).parents[3]
    processes = [subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE) for _ in range(3)]
    readers = [threading.Thread(target=each.stdout.read) for each in processes]
    for each, reader in zip(processes, readers, strict=True):
        assert each.stdout.readline()
        reader.start()
    yield processes
    for each, reader in zip(processes, readers, strict=True):
        with each:
            each.kill()
            reader.join()


@pytest.mark.slow
async def test_who_waits_is_the_next_however_fast_others_write(greedy, sqlite_url, opener, make):
    began = monotonic()
    store = await opener(sqlite_url)
    took = [monotonic() - began]
    for _ in range(100):
        began = monotonic()
        await make.fill(store, 1)
        took.append(monotonic() - began)
    assert max(took) < PASSED_BY, sorted(took)[-5:]
    assert [each.poll() for each in greedy] == [None] * 3
    for each in greedy:
        each.send_signal(signal.SIGKILL)
        await make.fill(store, 1)
    assert (await store.verify()).problems == ()


async def test_a_store_that_starts_waits_for_who_writes_in_a_file_without_a_log(tmp_path, sqlite_url, opener, make):
    file = tmp_path / "store.db"
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("CREATE TABLE theirs (x)")
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO theirs VALUES (1)")
        threading.Timer(0.5, other.execute, ["COMMIT"]).start()
        store = await opener(sqlite_url)
        await make.fill(store, 1)
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_a_file_beside_that_cannot_be_made_stops_nothing(tmp_path, sqlite_url, opener, make):
    (tmp_path / "store.db-turn").mkdir()
    store = await opener(sqlite_url)
    await make.fill(store, 1)
    assert len(await store.entries()) == 1
