"""What takes two people, a mail or a slow system: seen in Chromium over a layer whose clock the test moves."""

import re

import pytest

from api.bootstrap import open_layer
from api.clock import SimulatedClock
from api.starter import write_home
from engine.events import Record
from tests.api.autonomy.conftest import POLICIES, git
from tests.api.layer import test_unified as unified
from tests.api.replying import TEXT, with_replies
from tests.api.web.browser.axe import RUN, SCHEMES

EVIDENCE = "/evals/evidence/dunning/late/task"
FEW = POLICIES.replace("{bound: BOUND}", "{bound: point, samples: 20, fresh: 10, rule_for: P0D, deployment_for: P0D}")
ASKED = "letters: {approval: always, approvers: {roles: [operator]}, ask: {by: mail, source: mail, url: 'http://x.example'}, "
TWO_ADMINS = """
format: 1
people:
  - {id: ayse, name: Ayse Kaya, email: ayse@anadolu.example, roles: [operator]}
  - {id: zeynep, name: Zeynep Arslan, email: zeynep@anadolu.example, roles: [operator, admin]}
  - {id: elif, name: Elif Aydin, email: elif@anadolu.example, roles: [admin]}
"""


async def test_a_promotion_is_asked_for_by_one_admin_and_granted_by_another(office, rooms):
    company = office(policies=FEW, people=TWO_ADMINS)
    git(company.home, "init", "-q")
    git(company.home, "add", "-A")
    git(company.home, "commit", "-qm", "rules")  # by zeynep
    async with company.open() as layer, rooms.over(layer):
        await company.remembered(["ok"] * 20)
        author = await rooms.enter("zeynep", EVIDENCE)
        await author.get_by_role("button", name="Ask").click()
        await author.get_by_role("status").wait_for()
        await author.get_by_role("button", name="Promote").click()
        told = author.locator(".note.bad")
        await told.wait_for()
        assert "Zeynep wrote dunning; another admin promotes it" in await told.inner_text()
        other = await rooms.enter("elif", "/admin/autonomy")
        await other.get_by_role("link", name="20 of 20 right").click()
        await other.wait_for_url(f"**{EVIDENCE}")
        await other.get_by_role("button", name="Promote").click()
        await other.get_by_text("is at the stage autonomous now").wait_for()
        await author.reload()
        assert re.search(
            r"promoted\W+autonomous.*elif", await author.locator("main").inner_text(), re.DOTALL | re.IGNORECASE
        )
        await other.get_by_role("button", name="Demote").click()
        await other.get_by_text("is at the stage approval now").wait_for()


@pytest.mark.parametrize("options", SCHEMES)
async def test_pages_that_only_now_and_then_are_there_break_no_rule(office, rooms, axe, options):
    company = office("point", POLICIES.replace("letters: {approval: always, ", ASKED))
    async with company.open() as layer, rooms.over(layer):
        await company.tell("C1", status="due")
        await company.tell("C2", status="late")
        await company.remembered(["ok"] * 3)
        await company.rest()
        await layer.expire()
        page = await rooms.enter("elif", "/admin/journal", bypass_csp=True, **options)
        await page.get_by_role("button", name="Verify it now").click()
        await page.get_by_text("entries match their chain").wait_for()
        letter = await company.only("due")
        link = re.search(r"/decide/\w[\w-]*", company.box.mails[0].get_body(("plain",)).get_content())[0]
        paths = [
            page.url, "/queue", "/queue?everything=true", EVIDENCE, "/evals/label?workflow=dunning",
            f"/actions/{letter.id}", f"/actions/{letter.id}/dossier", link, "/customers/C1", "/subjects/customer/C1",
            "/admin/identity", "/admin/bundles", "/nowhere", "/sign-in",
        ]  # fmt: skip
        assert await broken(page, paths, axe) == []


async def broken(page, paths, axe):
    """What axe-core says against pages."""
    found = []
    for path in paths:
        await page.goto(path)
        await page.evaluate(axe.text)
        found += [f"{path}: {each}" for each in await page.evaluate(RUN)]
    return found


@pytest.mark.parametrize("options", SCHEMES)
async def test_a_question_about_a_text_is_answered_and_its_page_breaks_no_rule(tmp_path, rooms, axe, options):
    write_home(tmp_path / "home")
    with_replies(tmp_path / "home")
    async with open_layer(tmp_path / "home", SimulatedClock(unified.NOW)) as layer, rooms.over(layer):
        rows = {
            "customers": {"id": "C1", "name": "Acme", "email": "a@acme.example"},
            "messages": {"id": "M1", "customer": "C1", "text": TEXT, "sent_on": "2026-03-01"},
        }
        records = [Record(source="ledger", stream=name, key=row["id"], data=row) for name, row in rows.items()]
        assert {each.status for each in await layer.ingest(records)} == {"accepted"}
        await layer.rest()
        [asked] = [each for each in await layer.actions(state="pending") if each.key.rule == "read-reply"]
        page = await rooms.enter("grace", f"/actions/{asked.id}", bypass_csp=True, **options)
        assert await broken(page, [f"/actions/{asked.id}"], axe) == []
        assert await page.locator("mark", has_text="will pay").count() == 1
        await page.get_by_role("button", name="This is what it says").click()
        await page.locator(".toast").wait_for()
        found = await layer.action(asked.id)
        assert found.state != "pending"


async def test_a_slow_system_is_put_in_when_it_answers(tmp_path, rooms):
    async with unified.systems() as running:
        unified.write(tmp_path, running)
        for name, system in running.items():
            system.accounts[f"{name}1"] = unified.account(name)
        running["desk"].awake.clear()
        async with open_layer(tmp_path, SimulatedClock(unified.NOW)) as layer, rooms.over(layer):
            for name in running:
                row = unified.account(name)
                [taken] = await layer.ingest([Record(source=name, stream="accounts", key=row["id"], data=row)])
                assert taken.status == "accepted"
            page = await rooms.enter("", "")
            key = await layer.create_key("web", "viewer", unified.LOCAL, kind="session")
            await page.context.add_cookies([{"name": "opslayer_session", "value": key.secret, "url": rooms.url}])
            await page.goto("/customers/C1", wait_until="domcontentloaded")
            slow = page.locator('[data-source="desk"]')
            assert "has not answered yet" in await slow.inner_text()
            await page.locator('[data-source="erp"]').get_by_text("1 record, read just now").wait_for()
            running["desk"].awake.set()
            await slow.get_by_text("1 record, read just now").wait_for()
