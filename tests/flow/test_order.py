"""Several processes on one database under fire, while time passes and rules look across accounts: one order, one decision.

What shows it is the replay: it strips what was decided and lets one evaluator decide again over the journal's order.
"""

import asyncio
import signal
from collections import defaultdict
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from random import Random

import httpx
import pytest

from api.bootstrap import open_layer
from api.clock import SystemClock
from bench.flow.processes import Sender, event
from tests.engine.store.conftest import postgres_template, postgres_url  # noqa: F401  (fixtures)
from tests.flow.test_faults import jumping, until, write_empty  # noqa: F401  (a fixture)
from tests.flow.test_replay import replayed
from tests.flow.test_workers import Process, key

GROUPS, CUSTOMERS, ROUNDS = 3, 9, 12
RULES = """
  - id: group_late
    about: Two customers of one group are late; whoever leads the group hears of it.
    for: group
    existing: propose
    when: count(customers[oldest_due != null and today() > oldest_due + duration("P7D")]) >= 2
    do:
      - id: tell
        operation: mail.send
        with:
          to: email
        draft: prompts/group.md
        autonomy: customer_mail
    because: Two customers of {name} are late.
"""
LETTER = """---
format: 1
languages: [en]
slots:
  group: name
subject: "Of {group}"
---

## template en
Two of {group} are late.
"""
GROUP = """
  group:
    root: group
    label: name
    fields:
      name: text
      email: text
"""


def widened(home):
    """A home whose customers belong to groups, over which a rule looks."""
    write_empty(home)

    def change(path, *pairs):
        text = (home / path).read_text()
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new, 1)
        (home / path).write_text(text)

    change("config/model.yaml", ("entities:\n", f"entities:\n{GROUP}"),
           ("      name: text\n      email: {type", "      name: text\n      group: {ref: group, inverse: customers}\n      email: {type"))  # fmt: skip
    change("mappings/ledger.yaml", ("streams:\n", "streams:\n  groups:\n    - entity: group\n      id: id\n      fields:\n        name: name\n        email: email\n"),
           ("        name: name\n        email: email\n  invoices", "        name: name\n        email: email\n        group: {key: group, stream: groups}\n  invoices"))  # fmt: skip
    change("config/sources.yaml", ("    streams:\n", "    streams:\n      groups: {format: csv, path: groups.csv, key: [id]}\n"))  # fmt: skip
    (home / "data/groups.csv").write_text("id,name,email\n")
    (home / "data/customers.csv").write_text("id,name,email,group\n")
    (home / "rules/reminders/prompts/group.md").write_text(LETTER)
    with (home / "rules/reminders/ruleset.yaml").open("a") as file:
        file.write(RULES)


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request, tmp_path, monkeypatch):
    widened(tmp_path / "home")
    if request.param == "postgresql":
        monkeypatch.setenv("OPSLAYER_DATABASE", request.getfixturevalue("postgres_url"))
    return tmp_path / "home"


def group(number):
    name = f"G{number % GROUPS}"
    return event(f"g{number}", "groups", name, {"id": name, "name": name, "email": f"{name}@x.example"})


def customer(number):
    name = f"C{number}"
    data = {"id": name, "name": name, "email": f"{name}@x.example", "group": f"G{number % GROUPS}"}
    return event(f"c{number}", "customers", name, data)


def invoice(number, step, due):
    """Each third step an invoice is paid; the amount says how many steps there were."""
    data = {"number": f"R{number}", "customer": f"C{number}", "amount": f"{step + 1}.00", "due_date": due}
    return event(f"i{number}-{step}", "invoices", f"R{number}", data | {"paid_on": due if step % 3 == 2 else None})


async def journal(home):
    """What the journal holds: amounts by invoice in its order, ids of proposals by subject and rule, ticks."""
    async with open_layer(home, SystemClock()) as layer:
        assert not (await layer.verify()).problems
        store = layer.parts.store
        amounts, ticks = defaultdict(list), await store.entries(kinds=("tick",), limit=10_000)
        for each in await store.entries(kinds=("record",), limit=100_000):
            if each.body["entity"] == "invoice":
                amounts[each.body["id"]].append(int(each.body["fields"]["amount"].amount))
        live, after = defaultdict(list), ""
        while page := await layer.actions(after=after, limit=500):
            for action in page:
                live[action.key.rule, action.key.subject].append(action.state)
            after = page[-1].id
        return amounts, live, ticks


@pytest.mark.slow
async def test_time_that_passes_while_a_process_is_dead_is_taken_once_and_all_is_decided_in_one_order(
    home,
    jumping,  # noqa: F811  (a fixture)
    monkeypatch,
):
    environment, jump = jumping
    random, due = Random(3), datetime.now(UTC).date().isoformat()
    headers = await key(home)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    processes = [Process(home) for _ in range(3)]
    async with AsyncExitStack() as stack:
        for process in processes:
            await process.start()
            stack.push_async_callback(process.end, signal.SIGTERM)
        client = await stack.enter_async_context(httpx.AsyncClient(headers=headers, timeout=60))
        senders = [Sender(client, [each.url for each in processes]) for _ in range(CUSTOMERS)]
        told = asyncio.Event()

        async def tell(number, steps):
            for step in steps:
                senders[number].urls = [each.url for each in processes]  # those started anew listen elsewhere
                await senders[number].send([invoice(number, step, due)])

        async def kill():
            while not told.is_set():
                await asyncio.sleep(random.uniform(0.5, 1.5))
                victim = random.choice(processes)
                await victim.end()
                await victim.start()

        await senders[0].send([group(n) for n in range(GROUPS)])
        await senders[0].send([customer(n) for n in range(CUSTOMERS)])
        killing = asyncio.create_task(kill())
        await asyncio.gather(*(tell(number, range(ROUNDS // 2)) for number in range(CUSTOMERS)))
        told.set()
        await killing
        assert (await client.get(f"{processes[0].url}/api/v1/actions")).json()["items"] == []

        await asyncio.gather(*(tell(number, [ROUNDS // 2]) for number in range(CUSTOMERS)))  # open again
        await processes[0].end()
        jump(10)
        await processes[0].start()

        async def late():
            return (await client.get(f"{processes[0].url}/api/v1/actions", params={"limit": 100})).json()["items"]

        found = await until(late, lambda found: len(found) >= CUSTOMERS + GROUPS)
        assert len(found) == CUSTOMERS + GROUPS
        told.clear()
        killing = asyncio.create_task(kill())
        await asyncio.gather(*(tell(number, range(ROUNDS // 2 + 1, ROUNDS)) for number in range(CUSTOMERS)))
        told.set()
        await killing
    for name in environment:
        monkeypatch.delenv(name)

    amounts, live, ticks = await journal(home)
    assert amounts == {f"R{number}": list(range(1, ROUNDS + 1)) for number in range(CUSTOMERS)}
    assert len(ticks) == 1  # all of them flipped at one midnight, and one process said so
    assert {rule for rule, _ in live} == {"late", "group_late"}
    assert all(states.count("pending") == 0 for states in live.values())  # the last step pays
    code, found = await replayed(home)
    assert (code, found["differences"]) == (0, [])


async def test_events_of_one_account_that_two_processes_take_at_once_have_one_order_for_all(home):
    headers = await key(home)
    processes = [Process(home) for _ in range(2)]
    async with AsyncExitStack() as stack:
        for process in processes:
            await process.start()
            stack.push_async_callback(process.end, signal.SIGTERM)
        client = await stack.enter_async_context(httpx.AsyncClient(headers=headers, timeout=60))
        senders = [Sender(client, [each.url]) for each in processes]
        await senders[0].send([group(0), customer(0)])
        steps = list(range(60))
        Random(1).shuffle(steps)
        await asyncio.gather(*(senders[step % 2].send([invoice(0, step, "2026-01-01")]) for step in steps))

        async def known():
            return {(await client.get(f"{each.url}/api/v1/entities/invoice/R0")).text for each in processes}

        told = await until(known, lambda found: len(found) == 1)
    amounts, live, _ = await journal(home)
    assert sorted(amounts["R0"]) == list(range(1, 61))
    assert f'"{amounts["R0"][-1]}.00"' in told.pop()
    assert live["late", "customer:C0"]
    code, found = await replayed(home)
    assert (code, found["differences"]) == (0, [])
