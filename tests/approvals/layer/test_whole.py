"""Scenarios over the whole product, on SQLite and on PostgreSQL: real processes, HTTP, SMTP and command line."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.bootstrap import open_layer
from api.clock import SystemClock
from approvals.payload import digest_of
from approvals.results import Decided, NotThisPerson
from tests.api.test_serve import opslayer, serving, until
from tests.approvals.conftest import run_sql
from tests.approvals.layer.company import POLICIES, WHO, Company
from tests.approvals.layer.test_wired import committed

ASKED = POLICIES.replace("tasks: {approval: never", "tasks: {approval: always")
EYES = POLICIES.replace("letters: {approval: always,", "letters: {approval: always, four_eyes: true,")
CAPPED = POLICIES.replace("internal_only: true}", "internal_only: true, caps: {per_hour: 5}}")
LATER = POLICIES.replace("internal_only: true}", "internal_only: true, undo: PT1H}")


@pytest.fixture
def database(url: str) -> str:
    """The company over each kind of database."""
    return url


def acme(number: int, **data: Any) -> Mapping[str, Any]:
    known = {
        "id": f"C{number}", "name": f"Acme {number}", "email": f"info@c{number}.example", "city": "Izmir",
        "owner": "ayse", "owed": 100, "status": "",
    }  # fmt: skip
    return {**known, **data}


def event(number: int, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": f"e{number}-{data}", "source": "erp", "type": "record.changed",
        "subject": f"customers/C{number}", "data": acme(number, **data),
    }  # fmt: skip


async def client(stack: AsyncExitStack, home: Path, url: str, person: str) -> httpx.AsyncClient:
    role = json.loads(
        await opslayer(home, "--json", "keys", "create", "--role", "operator", "--name", person, "--person", person)
    )
    headers = {"Authorization": f"Bearer {role['key']}"}
    return await stack.enter_async_context(httpx.AsyncClient(base_url=f"{url}/api/v1", headers=headers, timeout=30))


async def test_words_are_written_from_all_that_was_known_when_another_process_proposed(closed: Company):
    async with closed.open(), open_layer(closed.home, closed.clock) as other:
        closed.layer.parts.partitions._held, closed.layer.parts.partitions._until = frozenset(), float("inf")
        await closed.tell(status="due")
        assert (await closed.only("due")).state == "proposed"
        assert await other.prepare() == 1
        action = await closed.only("due")
    assert action.draft is not None
    assert (action.state, action.draft.slots["customer"], action.draft.guards) == ("pending", "Acme C1", ())
    assert "empty-slot" not in action.history[-1].reason


async def test_02_two_approvers_race_on_two_serving_processes(closed: Company):
    async with AsyncExitStack() as stack:
        _, first = await stack.enter_async_context(serving(closed.home))
        _, second = await stack.enter_async_context(serving(closed.home))
        ayse = await client(stack, closed.home, first["url"], "ayse")
        mehmet = await client(stack, closed.home, second["url"], "mehmet")
        sent = await ayse.post(
            "/events",
            content=json.dumps(event(1, status="due")),
            headers={"Content-Type": "application/cloudevents+json"},
        )
        assert sent.status_code == 202

        async def waiting():
            return (await mehmet.get("/actions?state=pending")).json()["items"]

        [action] = await until(waiting, bool)
        body = {"verdict": "approve", "digest": action["digest"]}
        answers = await asyncio.gather(
            *(who.post(f"/actions/{action['id']}/verdict", json=body) for who in (ayse, mehmet))
        )
        assert sorted(each.status_code for each in answers) == [200, 409]
        [loser] = [each for each in answers if each.status_code == 409]
        [winner] = [each for each in answers if each.status_code == 200]
        by = winner.json()["history"][-1]["by"]
        assert (loser.json()["by"], by in ("ayse", "mehmet")) == (by, True)
        assert loser.json()["at"]

        async def gone():
            return (await ayse.get(f"/actions/{action['id']}")).json()["state"]

        assert await until(gone, lambda state: state == "sent") == "sent"
    assert len(closed.box.to("info@c1.example")) == 1
    closed.clock = SystemClock()
    async with closed.open():
        approved = [
            entry for entry in await closed.layer.parts.store.entries(kinds=("action",))
            if entry.body and entry.body["state"] == "approved"
        ]  # fmt: skip
        assert len(approved) == 1


async def test_04_a_payload_changed_by_sql_is_refused_with_an_alarm_and_the_rule_stops(closed: Company, url: str):
    async with closed.open():
        await closed.tell(status="due")
        action = await closed.only("due")
        await closed.decide(action, "approve")
    forged = digest_of(action.id, action.operation, {**action.payload, "to": "evil@example.org"})
    for before, after in (("info@c1.example", "evil@example.org"), (action.digest, forged)):
        await run_sql(
            url,
            f"UPDATE actions SET document = replace(document, '{before}', '{after}'), "
            f"digest = replace(digest, '{before}', '{after}') WHERE id = '{action.id}'",
        )
    async with closed.open():
        await closed.rest()
        assert closed.box.mails == []
        assert (await closed.only("due")).state == "failed"
        [switch] = await closed.layer.switches()
        assert switch.scope == "rule:dunning/due"
        [row] = [each for each in await closed.layer.autonomy() if each.rule == "due"]
        assert row.stage == "approval"
        kinds = [entry.kind for entry in await closed.layer.parts.store.entries(subject="rule:dunning/due")]
        assert "autonomy" in kinds
        report = await closed.layer.verify()
        assert any(action.id in str(problem) for problem in report.problems), "verify sees it too"


@pytest.mark.parametrize("files", [{"policies": CAPPED}])
async def test_10_a_cap_of_five_an_hour_is_never_exceeded(closed: Company):
    async with closed.open() as layer:
        for number in range(14):
            await closed.tell(f"C{number}", status="late")
        counts = []
        for _ in range(4):
            await asyncio.gather(*(layer.dispatch() for _ in range(4)))
            await closed.rest()
            counts.append(len(closed.crm.records))
            closed.advance(hours=1, minutes=1)
        assert counts == [5, 10, 14, 14]


@pytest.mark.parametrize("files", [{"policies": EYES}])
async def test_12_the_author_is_refused_by_every_channel(closed: Company):
    committed(closed.home, "ayse@anadolu.example")
    async with closed.open():
        await closed.tell(status="due")
        action = await closed.only("due")
        async with closed.http() as http:
            body = {"verdict": "approve", "digest": action.digest}
            assert (await http.post(f"/api/v1/actions/{action.id}/verdict", json=body)).status_code == 403
            items = [{"id": action.id, "digest": action.digest}]
            [many] = (await http.post("/api/v1/actions/verdicts", json={"verdict": "approve", "items": items})).json()
            assert many["status"] == 403
        async with closed.layer.parts.pipeline.transaction() as tx:
            link = await closed.layer.parts.links.issue(
                tx, action, closed.layer.parts.people["ayse"], closed.clock.now()
            )
        assert link is not None
        assert isinstance(await closed.layer.decide_by_link(link.token, "approve", link.code), NotThisPerson)
        circle = await closed.decide(action, "delegate", to="mehmet")
        assert isinstance(circle, Decided)
        mehmet = WHO.__class__(id="mehmet", roles=WHO.roles, channel="api")
        assert isinstance(await closed.decide(action, "delegate", mehmet, to="ayse"), Decided)
        assert isinstance(await closed.decide(action, "approve"), NotThisPerson)
        assert isinstance(await closed.decide(action, "approve", mehmet), Decided)
        denied = await closed.layer.parts.store.entries(kinds=("denied",))
        assert {entry.actor for entry in denied} == {"ayse"}
        assert len(denied) >= 4


@pytest.mark.parametrize("files", [{"policies": LATER}])
async def test_13_the_switch_is_pulled_with_a_hundred_scheduled(closed: Company):
    async with closed.open() as layer:
        for number in range(100):
            await closed.tell(f"C{number}", status="late")
        assert len(await layer.actions(state="scheduled", limit=200)) == 100
        async with closed.http("elif") as http:
            pulled = await http.put("/api/v1/kill-switches/all", json={"on": True, "reason": "stop"})
            assert pulled.status_code == 200
            closed.advance(hours=2)
            await closed.rest()
            assert closed.crm.records == []
            await http.put("/api/v1/kill-switches/all", json={"on": False})
        closed.advance(minutes=5)
        await closed.rest()
        assert len(closed.crm.records) == 100


async def test_15_our_own_write_comes_back_and_nothing_is_done_twice(closed: Company):
    async with closed.open():
        await closed.tell(status="late")
        await closed.rest()
        [done] = closed.crm.records
        await closed.tell(status="late", city="Ankara")  # the record with what our own write changed about it
        await closed.rest()
        closed.advance(days=1)
        await closed.tell(status="late", city="Ankara", owner="ayse")
        await closed.rest()
    async with closed.open():
        await closed.rest()
        assert closed.crm.records == [done]
        assert len(await closed.layer.actions()) == 1


async def test_17_a_journal_rewritten_consistently_is_told_from_which_entry(closed: Company, url: str):
    async with closed.open():
        await closed.tell(status="due")
        kept = await closed.layer.parts.store.head()
    (closed.home / "kept.log").write_text((closed.home / ".opslayer/anchor.log").read_text())
    statements = [
        f"DELETE FROM journal_subjects WHERE seq > {kept - 2}", f"DELETE FROM bodies WHERE seq > {kept - 2}",
        f"DELETE FROM journal WHERE seq > {kept - 2}",
        f"UPDATE heads SET seq = {kept - 2}, hash = (SELECT hash FROM journal WHERE seq = {kept - 2})",
    ]  # fmt: skip
    if url.startswith("sqlite"):
        guards = "DROP TRIGGER IF EXISTS {0}"
        statements = [*(guards.format(name) for name in await triggers(url)), *statements]
    else:
        statements = ["ALTER TABLE journal DISABLE TRIGGER ALL", "ALTER TABLE bodies DISABLE TRIGGER ALL",
                      "ALTER TABLE journal_subjects DISABLE TRIGGER ALL", *statements]  # fmt: skip
    await run_sql(url, *statements)
    (closed.home / ".opslayer/anchor.log").unlink()
    async with closed.open():
        await closed.tell("C7", status="due")
        await closed.tell("C8", status="due")
    (closed.home / ".opslayer/anchor.log").write_text((closed.home / "kept.log").read_text())
    closed.clock = SystemClock()
    from api.cli.root import opslayer as command
    from api.cli.shell import run

    assert await asyncio.to_thread(run, command, ["--home", str(closed.home), "verify"]) == 1


async def triggers(url: str) -> list[str]:
    """Return the names of SQLite's triggers that refuse changes of the journal."""
    import sqlite3

    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        return [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
    finally:
        connection.close()
