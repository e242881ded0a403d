"""Stages over HTTP and at the command line."""

import asyncio
import json
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

from api.cli.root import opslayer
from api.cli.shell import FAULTS, GOOD, USAGE, run
from evals.kept import Figures, remember
from evals.scoring import Confusion
from tests.api.autonomy.conftest import POLICIES, UNIT
from tests.api.autonomy.test_stages import AT_ONCE

PATH = "/api/v1/autonomy"


async def test_asked_promoted_audited_and_taken_back_over_http(office):
    company = office("point", AT_ONCE)
    async with company.open():
        company.advance(days=100)
        async with company.http("elif") as admin:
            refused = await admin.post(f"{PATH}/dunning/late/task/promote")
            assert refused.status_code == 409
            assert "500 more labelled samples (of 500)" in refused.text
            await company.remembered(["ok"] * 500)
            assert (await admin.post(f"{PATH}/dunning/late/task/request")).json()["stage"] == "approval"
            promoted = (await admin.post(f"{PATH}/dunning/late/task/promote")).json()
            assert (promoted["stage"], promoted["evidence"]["labelled"], promoted["missing"]) == ("autonomous", 500, [])
            await company.tell("C1", status="late")
            await company.rest()
            [waiting] = (await admin.get(f"{PATH}/audits")).json()
            said = await admin.post(f"{PATH}/audits/{waiting['action']}", json={"correct": True})
            assert said.json()["stage"] == "autonomous"
            assert (await admin.get(f"{PATH}/audits")).json() == []
            stage = (await admin.get(f"{PATH}/dunning/late/task")).json()
            assert [each["does"] for each in stage["history"]][-2:] == ["promote", "audited"]
            assert (await admin.post(f"{PATH}/dunning/late/task/demote")).json()["stage"] == "approval"
            assert (await admin.get(f"{PATH}/no/such/thing")).status_code == 404


async def test_at_the_command_line(office):
    company = office("point")
    async with company.open():
        await company.remembered(["ok"] * 3)

    async def cli(*arguments):
        out = StringIO()
        with redirect_stdout(out), redirect_stderr(StringIO()):
            code = await asyncio.to_thread(run, opslayer, ["--home", str(company.home), "--json", *arguments])
        return code, json.loads(out.getvalue() or "null")

    unit = "/".join(UNIT)
    code, rows = await cli("autonomy", "status")
    assert code == GOOD
    assert {each["labelled"] for each in rows if each["rule"] == "late"} == {3}
    code, told = await cli("autonomy", "explain", unit)
    assert (code, len(told["samples"])) == (GOOD, 3)
    assert (await cli("autonomy", "request", unit, "--as", "zeynep"))[0] == FAULTS
    assert (await cli("autonomy", "explain", "a/b"))[0] == USAGE
    assert (await cli("autonomy", "audit"))[0] == GOOD


async def test_a_workflow_goes_live_on_enough_labelled_cases(office):
    company = office("point", POLICIES.replace("approval: earned", "approval: earned, starts: shadow"))
    async with company.open():
        fingerprint = (await company.layer.stage(*UNIT)).row.fingerprint
        unit = "/".join(UNIT)
        remember(
            company.home,
            {unit: Figures(fingerprint=fingerprint, confusion=Confusion(hits=20, rejections=20, misses=10))},
        )
        refused = await company.step("promote")
        assert [each.message.partition(";")[0] for each in refused.problems] == ["more than 80% correct"]
        remember(
            company.home,
            {unit: Figures(fingerprint=fingerprint, confusion=Confusion(hits=25, rejections=20, misses=5))},
        )
        assert (await company.step("promote")).stage == "approval"
        await company.tell("C1", status="late")
        assert (await company.only("late")).state == "pending"
