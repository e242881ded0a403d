"""Cases from production, moments worth a label, and drift, over a journal that the real layer wrote."""

import asyncio
import json
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from unittest.mock import patch

from api.cli.root import opslayer
from api.cli.shell import FAULTS, GOOD, USAGE, run
from evals.labelled.reading import read_cases


async def cli(home, *arguments):
    out = StringIO()
    with redirect_stdout(out), redirect_stderr(StringIO()):
        code = await asyncio.to_thread(run, opslayer, ["--home", str(home), "--json", *arguments])
    return code, json.loads(out.getvalue() or "null")


async def worked(office):
    """One approved, one edited, one rejected; returns the closed company."""
    company = office("point")
    async with company.open():
        for id in ("C1", "C2", "C3"):
            await company.tell(id, status="late")
            company.advance(minutes=1)
        by_subject = {each.key.subject: each for each in await company.layer.actions()}
        await company.decide(by_subject["customer:C1"], "approve")
        company.advance(minutes=1)
        text = "Please call them about the open amount this week, they wait for it."
        edited = (await company.decide(by_subject["customer:C2"], "edit", edit={"text": text})).action
        company.advance(minutes=1)
        await company.decide(edited, "approve")
        company.advance(minutes=1)
        await company.decide(by_subject["customer:C3"], "reject", reason="has paid already")
        await company.rest()
    return company


async def test_verdicts_edits_and_rejections_become_candidate_cases(office):
    company = await worked(office)
    code, found = await cli(company.home, "eval", "harvest", "dunning")
    assert code == GOOD
    by_subject = {(each["case"]["should"] or each["case"]["should_not"])[0][-2:]: each for each in found}
    assert by_subject["C1"]["case"]["should"] == ["late/task for customer:C1"]
    assert by_subject["C2"]["case"]["words"][0]["verdict"] == "bad"
    assert "+Please call them about" in by_subject["C2"]["difference"]
    assert by_subject["C3"]["case"]["should_not"] == ["late/task for customer:C3"]
    assert by_subject["C3"]["case"]["label"]["note"] == "has paid already"
    given = {each["id"]: each for each in by_subject["C1"]["case"]["given"]["customer"]}
    assert given["C1"]["status"] == "late"
    assert set(given) <= {"C1"}
    lines = (company.home / "evals/candidates/dunning.jsonl").read_text().splitlines()
    assert len(lines) == 3
    assert read_cases(company.home, "dunning") == ((), [])
    await cli(company.home, "eval", "harvest", "dunning")
    assert (company.home / "evals/candidates/dunning.jsonl").read_text().splitlines() == lines


async def test_a_candidate_that_is_kept_is_a_case_that_runs(office):
    company = await worked(office)
    await cli(company.home, "eval", "harvest", "dunning")
    _, waiting = await cli(company.home, "eval", "accept", "dunning")
    code, kept = await cli(company.home, "eval", "accept", "dunning", "--all", "--as", "zeynep")
    assert (code, kept) == (GOOD, {"kept": [each["id"] for each in waiting], "left": 0})
    cases, problems = read_cases(company.home, "dunning")
    assert problems == []
    assert all(each.label.note.endswith("kept by zeynep") for each in cases)
    code, done = await cli(company.home, "eval", "dunning")
    assert code == FAULTS
    assert [each["passed"] for each in done["cases"]].count(False) == 1
    assert done["groups"][0]["confusion"] == {"hits": 2, "false_alarms": 1, "misses": 0, "rejections": 0}


async def test_a_candidate_that_was_dropped_does_not_come_back(office):
    company = await worked(office)
    await cli(company.home, "eval", "harvest", "dunning")
    _, waiting = await cli(company.home, "eval", "accept", "dunning")
    first = waiting[0]["id"]
    assert (await cli(company.home, "eval", "accept", "dunning", first, "--drop")) == (
        GOOD,
        {"dropped": [first], "left": 2},
    )
    await cli(company.home, "eval", "harvest", "dunning")
    _, left = await cli(company.home, "eval", "accept", "dunning")
    assert [each["id"] for each in left] == [each["id"] for each in waiting[1:]]
    code, _ = await cli(company.home, "eval", "accept", "dunning", first)
    assert code == USAGE
    assert read_cases(company.home, "dunning") == ((), [])


async def test_moments_to_label_are_rare_near_or_disputed_and_become_cases(office):
    company = await worked(office)
    rules = company.home / "rules/dunning/ruleset.yaml"
    rules.write_text(rules.read_text().replace('when: status = "due"', 'when: status = "late" and owed > 1000', 1))
    with patch("click.prompt", side_effect=["y", "n", "s", "q"]) as asked:
        code, answer = await cli(company.home, "eval", "label", "dunning", "--as", "zeynep")
    assert (code, answer) == (GOOD, {"added": 2})
    questions = [each.args[0] for each in asked.call_args_list]
    assert any(each.startswith("Should due/letter for customer:") for each in questions), "one condition short"
    assert any(each.startswith("Should late/task for customer:") for each in questions), "a rare kind"
    cases, problems = read_cases(company.home, "dunning")
    assert problems == []
    assert {each.label.by for each in cases} == {"zeynep"}
    assert [len(each.should) + len(each.should_not) for each in cases] == [1, 1]


async def test_drift_of_verdicts_is_an_alarm(office):
    company = office("point")
    async with company.open():
        await company.remembered(["ok"] * 60)
        company.advance(days=40)
        await company.remembered(["ok"] * 20 + ["no"] * 20)
        await company.layer.advance_clock(company.clock.now())
    code, found = await cli(company.home, "eval", "drift", "--days", "30")
    assert code == FAULTS
    [one] = [each for each in found if each["what"] == "approved as it was"]
    assert (one["before"], one["now"], one["alarm"]) == ("60/60 (100%)", "20/40 (50%)", True)
