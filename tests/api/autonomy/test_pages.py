"""Labelling and the evidence in the browser, over the real layer; and drift that is watched by itself."""

import re

from api.app import create_app
from api.metrics import Metrics
from api.served import Served
from api.views import Actor
from evals.labelled.reading import read_cases
from tests.api.autonomy.conftest import POLICIES, UNIT
from tests.api.web.conftest import Browser

import httpx  # isort: skip

PATH = "/evals/evidence/dunning/late/task"
LOCAL = Actor(id="local", roles=frozenset({"admin"}), channel="cli")
FEW = POLICIES.replace("{bound: BOUND}", "{bound: BOUND, samples: 20, fresh: 10, rule_for: P0D, deployment_for: P0D}")


class Door:
    """A browser of one person over the layer that is open."""

    def __init__(self, company, person):
        self.company, self.person = company, person

    async def __aenter__(self):
        key = await self.company.layer.create_key("web", None, LOCAL, person=self.person, kind="session")
        transport = httpx.ASGITransport(create_app(Served(self.company.layer)))
        self.client = httpx.AsyncClient(transport=transport, base_url="https://opslayer.test")
        self.client.cookies.set("opslayer_session", key.secret)
        return Browser(self.client)

    async def __aexit__(self, *_):
        await self.client.aclose()


async def test_the_page_of_the_evidence_tells_what_is_missing_and_an_admin_promotes_on_it(office):
    company = office("point", FEW)
    async with company.open():
        await company.remembered(["ok"] * 19 + ["no"])
        async with Door(company, "elif") as browser:
            answer = await browser.get(PATH)
            assert answer.status_code == 200
            assert "19 of 20 right" in answer.text
            assert "20 of 20 correct; 19 of 20 correct, lower bound 78.4%" in answer.text
            answer = await browser.post(PATH, step="promote")
            assert answer.headers["location"].endswith("&bad=1")
            await company.remembered(["ok"] * 20)
            assert "autonomous" in (await browser.post(PATH, step="promote")).headers["location"]
            answer = await browser.get(PATH)
            assert re.search(r"<strong>Promoted</strong> <span class=\"chip [^>]*>autonomous", answer.text)
            assert "operation crm.create_task" in answer.text
            await browser.post(PATH, step="demote")
        assert (await company.row()).stage == "approval"


async def test_an_operator_looks_a_second_time_and_takes_no_steps(office):
    company = office("point", FEW.replace("graduation:", "review: {second: 1.0}\n  graduation:"))
    async with company.open():
        await company.tell("C1", status="late")
        company.advance(minutes=1)
        [action] = await company.layer.actions()
        await company.decide(action, "approve", Actor(id="zeynep", roles=frozenset({"operator"}), channel="api"))
        async with Door(company, "ayse") as browser:
            answer = await browser.get(PATH)
            assert action.payload["text"] in answer.text
            assert 'value="promote"' not in answer.text
            assert (await browser.post(PATH, step="promote")).headers["location"].endswith("&bad=1")
            await browser.post(PATH, step="second", id=action.id, word="wrong", reason="was paid")
        row = await company.row()
        assert (row.labelled, row.correct) == (1, 0)


async def test_moments_are_labelled_in_the_browser_and_become_cases(office):
    company = office("point")
    async with company.open():
        for id in ("C1", "C2", "C3"):
            await company.tell(id, status="late")
            company.advance(days=1)
        async with Door(company, "zeynep") as browser:
            answer = await browser.get("/evals/label?workflow=dunning")
            assert "3 moments left" in answer.text
            assert 'aria-keyshortcuts="y"' in answer.text
            fields = {name: browser.hidden(name) for name in ("workflow", "skip", "id")}
            await browser.post("/evals/label", word="yes", **fields)
            answer = await browser.get("/evals/label?workflow=dunning")
            assert "2 moments left" in answer.text
            await browser.post("/evals/label", word="no", **{name: browser.hidden(name) for name in fields})
            assert (await browser.get("/evals/label?workflow=dunning&skip=1")).text.count("Nothing is left") == 1
            assert (await browser.get("/evals/label?workflow=none")).status_code == 404
        cases, problems = read_cases(company.home, "dunning")
        assert problems == []
        assert [(each.label.by, len(each.should), len(each.should_not)) for each in cases] == [
            ("zeynep", 1, 0), ("zeynep", 0, 1),
        ]  # fmt: skip


async def test_what_two_revisions_decide_otherwise_is_asked_first(office):
    company = office("point")
    async with company.open():
        for id, owed in (("C1", 100), ("C2", 5)):
            await company.tell(id, status="late", owed=owed)
    rules = company.home / "rules/dunning/ruleset.yaml"
    rules.write_text(rules.read_text().replace('when: status = "late"', 'when: status = "late" and owed > 50'))
    async with company.open():
        found = await company.layer.moments("dunning")
        assert found[0].why == "the versions disagree"
        assert "customer:C2" in found[0].asked


async def test_drift_is_watched_remembered_journaled_and_told(office):
    company = office("point")
    async with company.open():
        await company.remembered(["ok"] * 60)
        company.advance(days=40)
        await company.remembered(["ok"] * 20 + ["no"] * 20)
        layer = company.layer
        assert await layer.alarms() == ()
        [alarm] = await layer.watch_drift()
        assert (alarm.unit, alarm.what) == ("/".join(UNIT), "approved as it was")
        assert await layer.watch_drift() == await layer.alarms() == (alarm,)
        notes = [
            each.body["drift"] for each in await layer.parts.store.entries(kinds=("note",)) if "drift" in each.body
        ]
        assert notes == [["dunning/late/task: approved as it was"]], "told once"
        assert b"opslayer_drift_alarms 1.0" in Metrics().exposition(await layer.measures())
        async with Door(company, "elif") as browser:
            assert "approved as it was is no longer as it was" in (await browser.get("/today")).text


async def test_candidates_are_kept_or_dropped_in_the_browser(office):
    company = office("point")
    async with company.open():
        for id in ("C1", "C2"):
            await company.tell(id, status="late")
            company.advance(minutes=1)
        by_subject = {each.key.subject: each for each in await company.layer.actions()}
        await company.decide(by_subject["customer:C1"], "approve")
        company.advance(minutes=1)
        await company.decide(by_subject["customer:C2"], "reject", reason="has paid already")
        await company.rest()
        async with Door(company, "zeynep") as browser:
            assert "Nothing waits" in (await browser.get("/evals/candidates?workflow=dunning")).text
            await browser.post("/evals/candidates", word="harvest", workflow="dunning")
            answer = await browser.get("/evals/candidates?workflow=dunning")
            assert answer.text.count("Keep as a case") == 2
            assert "has paid already" in answer.text
            await browser.post("/evals/candidates", word="accept", workflow="dunning", id=browser.hidden("id"))
            answer = await browser.get("/evals/candidates?workflow=dunning")
            assert answer.text.count("Keep as a case") == 1
            await browser.post("/evals/candidates", word="drop", workflow="dunning", id=browser.hidden("id"))
            assert "Nothing waits" in (await browser.get("/evals/candidates?workflow=dunning")).text
            assert (await browser.get("/evals/candidates?workflow=none")).status_code == 404
        [kept], problems = read_cases(company.home, "dunning")
        assert problems == []
        assert kept.label.note.endswith("kept by zeynep")
