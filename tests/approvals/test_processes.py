"""Scenarios with real processes: racing approvers, and SIGKILL between the target's answer and our commit."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from engine.feel import Money
from engine.store import open_store
from tests.approvals.peer import Peer, serving
from tests.approvals.world import SECRET, ManualClock, World, task

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serving() as opened:
        yield opened


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.approvals.worker", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def released(racers: Sequence[subprocess.Popen[str]]) -> None:
    """Let processes that are ready go on together."""
    assert {said(racer) for racer in racers} == {"ready"}
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()


def ended(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=60)


def run_to_end(*arguments: str) -> None:
    process = start(*arguments)
    ended(process)
    assert process.returncode == 0


def killed_after_the_answer(url: str, peer: Peer) -> None:
    process = start("dispatch", url, peer.url, "die-after-answer")
    assert said(process) == "answered"
    process.kill()
    ended(process)


async def prepared(url: str, **proposal: object) -> World:
    """Propose and approve one action, and leave the database to the processes."""
    clock = ManualClock()
    store = await open_store(url, clock=clock, secret=SECRET)
    world = World(store, clock)
    await world.propose(**proposal)
    return world


async def test_02_two_approvers_race_on_two_processes(url: str):
    world = await prepared(url)
    digest = (await world.action()).digest
    await world.store.aclose()
    racers = [start("decide", url, "ayse", "approve", digest), start("decide", url, "mehmet", "reject", digest)]
    released(racers)
    results = {name: said(racer).split() for name, racer in zip(("ayse", "mehmet"), racers, strict=True)}
    for racer in racers:
        ended(racer)
    [winner] = [name for name, result in results.items() if result[0] == "Decided"]
    [loser] = [result for name, result in results.items() if name != winner]
    assert loser == ["AlreadyDecided", winner]

    store = await open_store(url, clock=ManualClock(), secret=SECRET)
    after = World(store, ManualClock())
    assert await after.state() == ("approved" if winner == "ayse" else "rejected")
    assert len(await after.journal("verdict")) == 1
    assert len(await after.journal("denied")) == 1
    await store.aclose()


async def test_06_killed_between_the_answer_and_our_commit_leaves_one_record(url: str, peer: Peer):
    world = await prepared(url, policy="tasks", **task())
    await world.store.aclose()
    killed_after_the_answer(url, peer)
    assert peer.count("p1") == 1
    run_to_end("dispatch", url, peer.url)
    assert peer.count("p1") == 1

    store = await open_store(url, clock=ManualClock(), secret=SECRET)
    after = World(store, ManualClock())
    assert await after.state() == "sent"
    assert [change["state"] for change in await after.journal("action")] == ["approved", "sending", "unknown", "sent"]
    await store.aclose()


async def test_06_a_mail_without_marker_is_unknown_and_not_sent_again(url: str, peer: Peer):
    world = await prepared(url)
    await world.decide("approve")
    await world.store.aclose()
    killed_after_the_answer(url, peer)
    run_to_end("dispatch", url, peer.url)
    run_to_end("dispatch", url, peer.url)
    assert peer.count("p1") == 1

    store = await open_store(url, clock=ManualClock(), secret=SECRET)
    assert await World(store, ManualClock()).state() == "unknown"
    await store.aclose()


async def test_10_twenty_processes_against_a_cap_of_fifty_an_hour_and_a_cap_of_money(url: str, peer: Peer):
    world = await prepared(url, policy="hourly", **task())
    for number in range(2, 61):
        await world.propose(f"p{number}", policy="hourly", **task())
    for number in range(30):
        await world.propose(f"m{number}", policy="spending", **task(amount=Money(Decimal("70.5"), "TRY")))
    await world.store.aclose()
    workers = [start("race", url, peer.url, f"w{number}") for number in range(20)]
    released(workers)
    for worker in workers:
        ended(worker)
    assert {worker.returncode for worker in workers} == {0}
    keys = [record["key"] for record in peer.records]
    assert len(keys) == len(set(keys)), "none twice"
    assert Counter(key[0] for key in keys) == {"p": 50, "m": 14}, "14 times 70.50 is the most below 1,000"
    assert len({name for name, _ in peer.answered}) > 1, "they did it together"


async def test_16_paid_while_another_process_sends_is_one_or_the_other_never_both(url: str, peer: Peer):
    world = await prepared(url, policy="tasks", **task())
    ids = [f"p{number}" for number in range(1, 41)]
    for id in ids[1:]:
        await world.propose(id, policy="tasks", **task())
    await world.store.aclose()
    racers = [start("race", url, peer.url, "w1"), start("withdraw", url, "invoice I1 was paid", *reversed(ids))]
    released(racers)
    for racer in racers:
        ended(racer)
    store = await open_store(url, clock=ManualClock(), secret=SECRET)
    states = {action.id: action.state for action in await store.actions(limit=100)}
    await store.aclose()
    sent = {record["key"] for record in peer.records}
    assert states == {id: "sent" if id in sent else "withdrawn" for id in ids}
    assert set(states.values()) == {"sent", "withdrawn"}, "both came first now and then"
