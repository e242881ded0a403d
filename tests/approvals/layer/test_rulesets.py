"""Who is limited to some rulesets acts on no other, which is not there for them; each try is in the journal."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from approvals.results import NotThisPerson
from tests.approvals.layer.company import PEOPLE, WHO, Company

ROLES = "[operator, analyst, admin]"
DENIZ = f"  - {{id: deniz, name: Deniz Ak, email: d@anadolu.example, roles: {ROLES}, rulesets: [sales]}}\n"
SALES = """
format: 1
owner: zeynep
rules:
  - id: important
    for: customer
    when: owed > 1000000
    do:
      - id: letter
        operation: mail.send
        with: {to: email, subject: '"Hello"', text: '"Hello"'}
        autonomy: letters
"""


@pytest.fixture
def files() -> dict[str, str]:
    return {"people": PEOPLE + DENIZ}


@pytest.fixture
async def company(closed: Company) -> AsyncIterator[Company]:
    """The company with a second ruleset, which is all that Deniz answers for."""
    (closed.home / "rules/sales").mkdir()
    (closed.home / "rules/sales/ruleset.yaml").write_text(SALES.lstrip(), encoding="utf-8")
    async with closed.open():
        yield closed


async def test_an_admin_of_one_ruleset_changes_nothing_of_another(company: Company):
    await company.tell(status="due")
    action = await company.only("due")
    await company.tell("C2", status="due")
    [other] = [each for each in await company.layer.actions(state="pending") if each.id != action.id]
    await company.decide(other, "reject", reason="family", code="never")
    [standing] = await company.layer.standing()
    verdict = {"verdict": "approve", "digest": action.digest}
    unit = "dunning/due/letter"
    tries = [
        ("POST", f"/actions/{action.id}/verdict", verdict),
        ("POST", f"/actions/{action.id}/verdict", verdict | {"verdict": "edit", "edit": {"text": "Hello."}}),
        ("POST", f"/actions/{action.id}/claim", {}),
        ("POST", f"/actions/{action.id}/comment", {"text": "Mine"}),
        ("POST", f"/actions/{action.id}/undo", {}),
        ("POST", f"/actions/{action.id}/settle", {"word": "drop"}),
        ("DELETE", f"/standing/{standing.id}", None),
        ("PUT", "/kill-switches/ruleset:dunning", {"on": True, "reason": "x"}),
        ("PUT", "/kill-switches/rule:dunning/due", {"on": True, "reason": "x"}),
        ("POST", f"/autonomy/{unit}/request", None),
        ("POST", f"/autonomy/{unit}/promote", None),
        ("POST", f"/autonomy/{unit}/demote", None),
        ("POST", "/bundles/rollback", None),
        ("POST", "/bundles/release", None),
        ("POST", "/bundles/any/activate", None),
    ]
    async with company.http("deniz") as http:
        for number, (method, path, body) in enumerate(tries, 1):
            answer = await http.request(method, f"/api/v1{path}", json=body)
            assert answer.status_code == (403 if path.startswith("/bundles") else 404), (method, path, answer.text)
            denied = await company.layer.parts.store.entries(kinds=("denied",))
            assert [entry.actor for entry in denied] == ["deniz"] * number, (method, path)
        items = {"verdict": "approve", "items": [{"id": action.id, "digest": action.digest}]}
        [many] = (await http.post("/api/v1/actions/verdicts", json=items)).json()
        assert many["status"] == 404
        # stopping everything harms nobody; to let it go again is for who answers for everything
        everything = "/api/v1/kill-switches/all"
        assert (await http.put(everything, json={"on": True, "reason": "x"})).status_code == 200
        assert (await http.put(everything, json={"on": False, "reason": "x"})).status_code == 403
    assert [each.scope for each in await company.layer.switches()] == ["all"]
    assert (await company.only("due", "pending")).digest == action.digest
    assert await company.layer.standing() == (standing,)


async def test_a_link_gives_nobody_another_ruleset(company: Company):
    await company.tell(status="due")
    action, parts = await company.only("due"), company.layer.parts
    async with parts.pipeline.transaction() as tx:
        link = await parts.links.issue(tx, action, parts.people["deniz"], company.clock.now())
    assert link is not None
    assert isinstance(await company.layer.decide_by_link(link.token, "approve", link.code), NotThisPerson)
    assert await company.decide(action, "delegate", WHO, to="deniz") != action
    assert (await company.only("due")).history[-1].state != "delegated"


async def test_at_the_command_line_too(company: Company):
    from api.cli.root import opslayer as command
    from api.cli.shell import run

    said = ["--home", str(company.home), "kill", "ruleset:dunning", "--reason", "x", "--as", "deniz"]
    assert await asyncio.to_thread(run, command, said) != 0
    assert await company.layer.switches() == ()
    [denied] = await company.layer.parts.store.entries(kinds=("denied",))
    assert (denied.actor, (denied.body or {})["channel"]) == ("deniz", "cli")
