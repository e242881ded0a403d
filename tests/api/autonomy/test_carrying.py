"""What evidence hangs on, and how an admin carries it over a change that decides nothing otherwise."""

import json

from api.outcomes import Refused
from api.views import Actor
from tests.api.autonomy.conftest import ELIF, UNIT
from tests.api.autonomy.test_stages import AT_ONCE, missing
from tests.approvals.layer.company import RULES
from tests.connectors.loopback import loopback
from tests.connectors.test_llm import openai_answer

MODELS = """
format: 1
providers: {{local: {{kind: openai, base_url: "{url}/v1", model: house}}}}
routes: {{draft: [local, template]}}
"""
WORDS = json.dumps({"subject": "", "body": "Please call {customer} about the open {owed} this week."})


FEW = AT_ONCE.replace("{bound: BOUND}", "{bound: BOUND, samples: 20, fresh: 10}")


def rewrite(company, old, new, file="rules/dunning/ruleset.yaml"):
    path = company.home / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def owing(office):
    """The company with a rule that looks at what is owed, so that this is kept from the first day."""
    return office("point", FEW, rules=RULES.replace('when: status = "late"', 'when: status = "late" and owed > 0'))


async def carried(company, who=ELIF):
    return await company.layer.carry_autonomy(*UNIT, who)


async def told(company):
    """One customer is late, and one owes little and is late."""
    await company.tell("C1", status="late")
    await company.tell("C2", status="late", owed=5)


async def test_another_model_that_answers_behind_the_same_name_takes_autonomy_back(office):
    company = office("point", FEW)
    async with loopback() as server:
        headers = {"Content-Type": "application/json"}
        server.route = lambda _: (200, openai_answer(content=WORDS) | {"model": "house-2026-01"}, headers)
        (company.home / "config/models.yaml").write_text(MODELS.format(url=server.url))
        async with company.open():
            await company.tell("C1", status="late")
            assert (await company.only("late")).draft.origin == "model:house-2026-01"
            await company.layer.review()
            assert (await company.graduated(20)).stage == "autonomous"
            await company.tell("C2", status="late")
            assert [each.state for each in await company.layer.actions(subject="customer:C2")] == ["approved"]
        async with company.open():
            assert (await company.row()).stage == "autonomous", "the same model answers after a restart"
            server.route = lambda _: (200, openai_answer(content=WORDS) | {"model": "house-2026-06"}, headers)
            await company.tell("C3", status="late")
            [waiting] = await company.layer.actions(subject="customer:C3")
            assert (waiting.state, waiting.draft.origin) == ("pending", "model:house-2026-06")
            await company.layer.review()
            row = await company.row()
            assert (row.stage, row.labelled) == ("approval", 0)
            assert row.because == "what it depends on changed: models that answer"
            refused = missing(await carried(company))
            assert refused == [
                "models that answer changed, which no comparison of decisions over history can see: it is earned again"
            ]
        calls = await company.entries("llm")
        assert [each.body["model"] for each in calls] == ["house-2026-01", "house-2026-01", "house-2026-06"]


async def test_a_change_that_decides_alike_is_carried_over_by_an_admin_with_the_digest_of_the_comparison(office):
    company = owing(office)
    async with company.open():
        await told(company)
        before = await company.graduated(20)
    rewrite(company, "owed > 0", "owed > 1")
    async with company.open():
        row = await company.row()
        assert (row.stage, row.labelled, row.because) == ("approval", 0, "what it depends on changed: rule")
        operator = Actor(id="ayse", roles=frozenset({"operator"}), channel="api")
        assert missing(await carried(company, operator)) == ["ayse is no admin"]
        async with company.http("elif") as admin:
            answer = await admin.post("/api/v1/autonomy/dunning/late/task/carry")
        assert (answer.status_code, answer.json()["stage"]) == (200, "autonomous")
        stage = await company.layer.stage(*UNIT)
        assert (stage.row.labelled, stage.row.share) == (before.labelled, before.share)
        record = stage.history[-1]
        assert (record["does"], record["by"], record["changed"]) == ("carry", "elif", ["rule"])
        assert len(record["diff"]) == 64
        assert (record["inputs"] > 0, record["decisions"]) == (True, 2)
        await company.tell("C3", status="late")
        assert [each.state for each in await company.layer.actions(subject="customer:C3")] == ["approved"]
        assert missing(await carried(company)) == [
            "nothing that dunning/late/task depends on has changed since it was last judged"
        ]


async def test_a_change_that_would_have_decided_otherwise_is_not_carried_over(office):
    company = owing(office)
    async with company.open():
        await told(company)
        await company.graduated(20)
    rewrite(company, "owed > 0", "owed > 50")
    async with company.open():
        assert missing(await carried(company)) == ["over history 1 decision with a difference: propose vanishes"]
        assert (await company.row()).stage == "approval"


async def test_a_change_back_is_carried_over_what_was_between(office):
    """Two changes one after the other, with no label in between, are held together against what earned it."""
    company = owing(office)
    async with company.open():
        await told(company)
        await company.graduated(20)
    rewrite(company, "owed > 0", "owed > 50")
    async with company.open():
        assert isinstance(await carried(company), Refused)
    rewrite(company, "owed > 50", "owed > 4")
    async with company.open():
        assert (await carried(company)).stage == "autonomous"


async def test_words_a_mapping_and_what_counts_as_bad_are_not_carried_over(office):
    company = office("point", FEW)
    async with company.open():
        await told(company)
        await company.graduated(20)
    rewrite(company, "Please call", "Call", "rules/dunning/prompts/task.md")
    rewrite(company, "status: status", "status: trim(status)", "mappings/erp.yaml")
    async with company.open():
        refused = missing(await carried(company))
        assert [each.partition(" changed")[0] for each in refused] == [
            "mapping erp.customers -> customer", "prompt rules/dunning/prompts/task.md",
        ]  # fmt: skip


async def test_what_reads_another_field_of_a_record_is_earned_again(office):
    company = office("point", FEW)
    async with company.open():
        await told(company)
        await company.graduated(20)
    rewrite(company, 'when: status = "late"', 'when: status = "late" and city != null')
    async with company.open():
        [said] = missing(await carried(company))
        assert said.startswith("mapping erp.customers -> customer changed")


async def test_with_another_bad_outcome_labels_mean_something_else(office):
    company = office("point", FEW)
    async with company.open():
        await told(company)
        await company.graduated(20)
    rules = company.home / "rules/dunning/ruleset.yaml"
    outcome = '        autonomy: tasks\n        outcome: {bad: city = "Gone", within: P14D}\n'
    rules.write_text(RULES.replace("        autonomy: tasks\n", outcome).lstrip())
    async with company.open():
        assert missing(await carried(company)) == [
            "what counts as a bad outcome changed, and with it what the labels mean"
        ]
