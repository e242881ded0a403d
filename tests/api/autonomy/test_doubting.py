"""Planted mistakes and second looks, on the real layer: what reviewers miss, and that nothing false is ever sent."""

from api.outcomes import BadVerdict, Decided, Refused
from api.views import Actor
from approvals.autonomy import planting
from tests.api.autonomy.conftest import POLICIES, UNIT

ALL = POLICIES.replace("graduation:", "review: {canaries: 0.2, second: 1.0, least: 2}\n  graduation:")
AYSE = Actor(id="ayse", roles=frozenset({"operator"}), channel="web")
MEHMET = Actor(id="mehmet", roles=frozenset({"operator"}), channel="web")


async def planted(company):
    """Two wait, and a mistake is planted on one of them; returns what is shown of it and what is stored."""
    await company.remembered(["ok"] * 5)
    await company.tell("C1", status="late")
    await company.tell("C2", status="late", owed=5)
    await company.layer.review()
    stored = {each.id: each for each in await company.layer.parts.store.actions(state="pending")}
    shown = {each.id: each for each in await company.layer.actions(state="pending")}
    [id] = [each for each in stored if stored[each].digest != shown[each].digest]
    return shown[id], stored[id]


async def test_a_mistake_is_shown_everywhere_and_is_another_customers_words(office):
    company = office("point", ALL)
    async with company.open():
        shown, true = await planted(company)
        other = {"customer:C1": "Acme C2", "customer:C2": "Acme C1"}[shown.key.subject]
        assert other in shown.payload["text"]
        assert other not in true.payload["text"]
        assert (shown.recipient, shown.payload["assignee"]) == (true.recipient, true.payload["assignee"])
        [waiting] = [
            each for talk in await company.layer.queue(AYSE) for each in talk.waiting if each.action.id == true.id
        ]
        assert waiting.action.digest == shown.digest
        assert (await company.layer.action(true.id)).digest == shown.digest
        async with company.http() as client:
            told, other = [
                (await client.get(f"/api/v1/actions/{each.id}")).json()
                for each in sorted(await company.layer.actions(state="pending"), key=lambda each: each.id != true.id)
            ]
        assert (told["digest"], told["draft"]["text"]) == (shown.digest, shown.draft.text)
        assert set(told) == set(other), "nothing marks it"


async def test_approved_it_is_a_miss_and_nothing_is_sent_and_the_true_one_waits(office):
    company = office("point", ALL)
    async with company.open():
        shown, true = await planted(company)
        company.advance(minutes=1)
        answer = await company.decide(shown, "approve")
        assert isinstance(answer, BadVerdict)
        assert answer.problems[0].message.startswith("this was a planted mistake, and it passed; nothing is sent")
        await company.rest()
        assert company.crm.records == []
        now = await company.layer.action(true.id)
        assert (now.state, now.digest, now.payload) == ("pending", true.digest, true.payload)
        company.advance(minutes=1)
        assert isinstance(await company.decide(now, "approve"), Decided)
        await company.rest()
        assert [each["body"]["text"] for each in company.crm.records] == [true.payload["text"]]
        row = await company.row()
        [check] = [each for each in row.checks if each.name == "reviewers"]
        assert check.found == "missed 1 of 1 known mistakes (counts from 2 on)"


async def test_rejected_it_is_caught_and_one_without_a_say_learns_nothing(office):
    company = office("point", ALL)
    async with company.open():
        shown, true = await planted(company)
        nobody = Actor(id="zeynep", roles=frozenset({"viewer"}), channel="api")
        refused = await company.decide(shown, "reject", nobody)
        assert not isinstance(refused, BadVerdict | Decided)
        answer = await company.decide(shown, "reject", reason="that is another customer")
        assert "you saw it" in answer.problems[0].message
        assert (await company.layer.action(true.id)).state == "pending"
        [entry] = [
            each
            for each in await company.layer.parts.store.entries(kinds=("autonomy",))
            if each.body["does"] == "canary"
        ]
        assert (entry.actor, entry.body["caught"], entry.body["of"]) == ("ayse", True, true.id)


async def test_the_true_version_can_always_be_decided_and_a_plant_falls_with_its_version(office):
    company = office("point", ALL)
    async with company.open():
        _, true = await planted(company)
        company.advance(minutes=1)
        assert isinstance(await company.decide(true, "approve"), Decided)
        await company.rest()
        assert [each["body"]["text"] for each in company.crm.records] == [true.payload["text"]]
        assert (await company.layer.action(true.id)).payload == true.payload


async def test_no_more_are_planted_than_the_share(office):
    company = office("point", ALL)
    async with company.open():
        await planted(company)
        for number in range(3, 9):
            await company.tell(f"C{number}", status="late")
            await company.layer.review()
        async with company.layer.parts.store.transaction() as tx:
            assert len(await planting.planted(tx)) == 1


async def test_a_second_person_who_finds_a_mistake_makes_it_one(office):
    company = office("point", ALL.replace("canaries: 0.2", "canaries: 0"))
    async with company.open():
        for id in ("C1", "C2"):
            await company.tell(id, status="late")
            company.advance(minutes=1)
            [action] = await company.layer.actions(subject=f"customer:{id}")
            await company.decide(action, "approve")
        company.advance(minutes=1)
        assert await company.layer.seconds(AYSE) == (), "nobody reviews themselves"
        waiting = {each.subject: each.action for each in await company.layer.seconds(MEHMET)}
        assert set(waiting) == {"customer:C1", "customer:C2"}
        assert isinstance(await company.layer.second(waiting["customer:C1"], AYSE, correct=True), Refused)
        row = await company.layer.second(waiting["customer:C1"], MEHMET, correct=False, reason="it was paid")
        assert (row.labelled, row.correct) == (2, 1)
        await company.layer.second(waiting["customer:C2"], MEHMET, correct=True)
        row = await company.row()
        assert (row.labelled, row.correct) == (2, 1)
        assert [each.found for each in row.checks if each.name == "reviewers"] == [
            "missed 1 of 1 known mistakes (counts from 2 on)"
        ]
        samples = (await company.layer.stage(*UNIT)).samples
        assert {each.subject: (each.source, each.reason) for each in samples}["customer:C1"] == (
            "second",
            "it was paid",
        )
        async with company.http("mehmet") as client:
            assert (await client.get("/api/v1/autonomy/seconds")).json() == []
            assert (await client.post("/api/v1/autonomy/seconds/none", json={"correct": True})).status_code == 404
