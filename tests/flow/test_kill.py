"""The demo, killed from outside at any moment and started again, ends as if nothing had happened; nothing goes out twice.

OPSLAYER_DEMO_KILLS (8) and OPSLAYER_DEMO_DAYS (7, and twice that) size it; a long run is 50 kills over 30 and 60 days.
"""

import asyncio
import json
import os
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from email import message_from_bytes, policy
from random import Random

import pytest

from api.bootstrap import open_layer
from api.clock import SimulatedClock
from api.demo.changes import steps
from api.demo.mailbox import Maildir
from api.demo.payers import START

OPSLAYER = [sys.executable, "-c", "from api.cli import main; main()"]
KILLS = int(os.environ.get("OPSLAYER_DEMO_KILLS", "8"))
DAYS = int(os.environ.get("OPSLAYER_DEMO_DAYS", "7"))


async def demo(folder, seed, days, kill_after=None):
    """Run the demo; returns its answer, or None when it was killed before its end."""
    process = await asyncio.create_subprocess_exec(
        *OPSLAYER, "--json", "demo", "--no-serve", "--folder", str(folder), "--seed", str(seed), "--days", str(days),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    ending = asyncio.create_task(process.communicate())
    done, _ = await asyncio.wait({ending}, timeout=kill_after)
    if not done:
        process.kill()
    out, err = await ending
    if process.returncode == -9:
        return None
    assert process.returncode == 0, err.decode()[-2000:]
    return json.loads(out)


async def killed(folder, seed, days, kills, moments):
    """Run the demo through so many deaths and to its end; returns its answer and how often it was killed."""
    died = 0
    while True:
        answer = await demo(folder, seed, days, moments.uniform(0.3, 4.5) if died < kills else None)
        if answer is not None:
            return answer, died
        died += 1


async def actions(folder, days):
    """Return the state of every action by its key and time of proposal, read from the database as it was left."""
    async with open_layer(folder / "home", SimulatedClock(steps(START, days)[-1])) as layer:
        found, after = [], ""
        while page := await layer.actions(after=after, limit=500):
            found += page
            after = page[-1].id
        assert not (await layer.verify()).problems
        return sorted((str(action.key), action.id, action.state) for action in found)


def mails(folder):
    """Count the mails that reached customers, by their identifier."""
    boxes = Maildir(folder / "systems" / "mail" / "customers").files()
    read = (message_from_bytes(path.read_bytes(), policy=policy.default) for path in boxes)
    return Counter((str(mail["Delivered-To"]), str(mail["Message-ID"])) for mail in read)


def tasks(folder):
    """Count the tasks in the CRM's own database, by our key."""
    with closing(sqlite3.connect(folder / "systems" / "crm.db")) as crm:
        return Counter(key for (key,) in crm.execute("SELECT external_id FROM document WHERE kind = 'tasks'"))


async def compare(tmp_path, monkeypatch, seed, days, kills):
    monkeypatch.delenv("OPSLAYER_SECRET_KEY", raising=False)
    moments = Random(seed)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    expected, (answer, died) = await asyncio.gather(demo(whole, seed, days), killed(cut, seed, days, kills, moments))
    print(f"seed {seed}, {days} days, killed {died} times")  # noqa: T201  (for whoever reads a failure)
    assert died >= kills * 0.8
    assert set(mails(cut).values()) == set(tasks(cut).values()) == {1}
    assert mails(cut) == mails(whole)
    assert tasks(cut) == tasks(whole)
    for told in (expected, answer):
        del told["entries"]
    assert answer == expected
    assert await actions(cut, days) == await actions(whole, days)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "days"), [(5, DAYS), (7, DAYS * 2)])
async def test_weeks_with_many_deaths_end_like_weeks_without(tmp_path, monkeypatch, seed, days):
    await compare(tmp_path, monkeypatch, seed=seed, days=days, kills=KILLS)
