"""Decisions are a function of the journal's inputs: stripped and made again elsewhere, they are the same bytes."""

import asyncio
import json
import os
import sqlite3
import sys
from datetime import timedelta

from api.cli.shell import FAULTS, GOOD
from engine.versions import versions
from tests.flow.conftest import START


async def replayed(home, **env):
    script = "from api.cli import main; main()"
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, "--home", str(home), "--json", "replay",
        stdout=asyncio.subprocess.PIPE, env=os.environ | {"TZ": "America/New_York"} | env,
    )  # fmt: skip
    out, _ = await made.communicate()
    return made.returncode, json.loads(out)


async def busy(company):
    for n in range(12):
        await company.customer(f"C{n}")
        for k in range(3):
            await company.invoice(f"I{n}-{k}", f"C{n}", due=f"2026-02-{20 + n % 5 + k}")
    await company.wait(hours=15)
    for action in await company.layer.actions(state="pending"):
        if action.key.subject not in ("customer:C3", "customer:C5"):
            await company.say("approve", action)
    await company.wait(days=2)
    for k in range(3):
        await company.invoice(f"I3-{k}", "C3", paid="2026-03-03")
    await company.wait(days=3)


async def test_another_process_with_other_hashes_and_another_zone_decides_the_same(opened, home, postoffice):
    ruleset = home / "rules/reminders/ruleset.yaml"
    async with opened() as company:
        await busy(company)
    ruleset.write_text(ruleset.read_text().replace("P7D", "P6D"))
    (home / "rules/reminders/examples.yaml").unlink()
    async with opened() as company:
        for k in range(3):
            await company.invoice(f"I5-{k}", "C5", paid="2026-03-06")
        decisions = await company.layer.decisions(limit=1000)
    ruleset.write_text(ruleset.read_text() + "\n  broken: [")  # what is on disk by now does not matter
    assert {each.kind for each in decisions} == {"propose", "withdraw"}
    code, found = await replayed(home)
    assert (code, found["same"], found["differences"]) == (GOOD, True, [])
    assert found["decisions"] == len(decisions) > 12
    assert found["made_with"] == [found["now"]] == [dict(versions())]


async def test_a_fact_whose_time_is_told_in_a_zone_is_proven_alike(opened, home, postoffice):
    async with opened() as company:
        await company.customer("C1")
        await company.invoice("I1", "C1", due="2026-02-20", valid_at=START - timedelta(days=9))
        await company.wait(hours=15)
        assert await company.layer.decisions()
    assert (await replayed(home))[0] == GOOD


async def test_what_does_not_come_out_again_is_told_with_the_part_that_differs(opened, home, postoffice):
    async with opened() as company:
        await busy(company)
        [first, *_] = await company.layer.decisions(limit=1)
    with sqlite3.connect(home / ".opslayer/opslayer.db") as database:
        [[told]] = database.execute("SELECT document FROM decisions WHERE id = ?", [first.id])
        changed = json.dumps(json.loads(told) | {"because": "No reason."}, ensure_ascii=False, separators=(",", ":"))
        database.execute("UPDATE decisions SET document = ? WHERE id = ?", [changed, first.id])
    code, found = await replayed(home)
    assert (code, found["same"]) == (FAULTS, False)
    [one] = found["differences"]
    assert (one["id"], one["what"]) == (first.id, "decided otherwise")
    assert one["parts"] == [["because", '"No reason."', json.dumps(first.because, ensure_ascii=False)]]


async def test_decisions_of_another_version_are_told_as_such(opened, home, postoffice, monkeypatch):
    monkeypatch.setattr("engine.revisions.versions", lambda: versions() | {"holidays": "0.1"})
    async with opened() as company:
        await company.customer("C1")
    monkeypatch.undo()
    async with opened() as company:
        await company.wait(hours=1)
    code, found = await replayed(home)
    assert code == GOOD
    assert [each["holidays"] for each in found["made_with"]] == ["0.1", versions()["holidays"]]
