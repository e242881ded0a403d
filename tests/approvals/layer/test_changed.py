"""What was said and is under way when two customers become one, or a rule is renamed or gone, on the real layer."""

import pytest

from api.outcomes import Refused
from api.views import Actor
from approvals.results import AlreadyDecided, Decided
from engine.events import Merge
from tests.approvals.layer.company import PEOPLE, POLICIES, RULES, Company, both

pytestmark = both

CAPPED = POLICIES.replace("internal_only: true}", "internal_only: true, caps: {per_customer: {count: 1, within: P7D}}}")
RENAMED = RULES.replace("  - id: due\n", "  - id: reminded\n    was: due\n").replace(
    "  - id: late\n", "  - id: called\n    was: late\n"
)
OWED = POLICIES.replace("tasks: {approval: never", "tasks: {approval: always, amount: owed")
LIMIT = PEOPLE.replace("roles: [operator], delegate: mehmet}", "roles: [operator], delegate: mehmet, amount_limit: 50}")


async def merge(company: Company) -> None:
    await company.layer.parts.pipeline.join(Merge("customer", "C1", "C2"))
    await company.layer.prepare()


async def under(company: Company, rules: str) -> None:
    (company.home / "rules/dunning/ruleset.yaml").write_text(rules.lstrip(), encoding="utf-8")


async def test_of_two_letters_to_customers_who_are_one_the_customer_gets_one(company: Company):
    for id in ("C1", "C2"):
        await company.tell(id, status="due")
    letters = {each.key.subject: each for each in await company.layer.actions(state="pending")}
    assert isinstance(await company.decide(letters["customer:C2"], "approve"), Decided)
    await merge(company)
    for each in await company.layer.actions(state="pending"):
        await company.decide(each, "approve")
    await company.rest()
    assert len(company.box.mails) == 1


@pytest.mark.parametrize("files", [{"policies": CAPPED}])
async def test_a_cap_for_one_customer_counts_what_was_sent_to_both(company: Company):
    await company.tell("C2", status="late")
    await company.rest()
    assert len(company.crm.records) == 1
    await company.tell("C1", status="")
    await merge(company)
    await company.tell("C1", "customers", status="")
    await company.tell("C2", "customers", status="")
    company.advance(days=2)
    await company.tell("C1", status="late")
    await company.tell("C2", status="late")
    await company.rest()
    assert len(company.crm.records) == 1
    company.advance(days=6)
    await company.rest()
    assert len(company.crm.records) <= 2


async def test_never_for_one_of_them_is_never_for_both(company: Company):
    await company.tell("C2", status="due")
    assert isinstance(await company.decide(await company.only("due"), "reject", code="never", reason="family"), Decided)
    await company.tell("C1", status="")
    await company.tell("C2", status="")
    await merge(company)
    company.advance(days=3)
    await company.tell("C1", status="due")
    await company.tell("C2", status="due")
    assert await company.layer.actions(state="pending") == ()


async def test_a_switch_and_a_never_hold_for_the_rule_under_its_new_name(closed: Company):
    async with closed.open() as layer:
        await closed.tell("C1", status="due")
        await closed.decide(await closed.only("due"), "reject", code="never", reason="family")
        async with closed.http("elif") as http:
            await http.put("/api/v1/kill-switches/rule:dunning/late", json={"on": True, "reason": "wrong"})
        await closed.tell("C1", status="")
    await under(closed, RENAMED)
    async with closed.open() as layer:
        closed.advance(days=3)
        await closed.tell("C1", status="due")
        await closed.tell("C2", status="late")
        await closed.rest()
        assert closed.crm.records == []
        states = {each.key.rule: (each.state, each.history[-1].reason) for each in await layer.actions()}
        assert states["called"][0] == "pending"
        assert "rule:dunning/late" in states["called"][1]
        assert states["reminded"][0] == "withdrawn"


async def test_autonomy_that_was_taken_back_stays_so_under_the_rules_new_name(closed: Company):
    elif_ = Actor(id="elif", roles=frozenset({"admin"}), channel="api", name="Elif")
    async with closed.open() as layer:
        await closed.tell("C1", status="")
        assert not isinstance(await layer.change_autonomy("dunning", "late", "task", "demote", elif_), Refused)
    await under(closed, RENAMED)
    async with closed.open():
        await closed.tell("C1", status="late")
        await closed.rest()
        waiting = await closed.only("called")
        assert waiting.state == "pending"
        assert "taken back" in waiting.history[-1].reason


async def test_an_action_of_a_renamed_rule_is_decided_and_sent_under_its_old_name(closed: Company):
    async with closed.open():
        await closed.tell("C1", status="due")
    await under(closed, RENAMED)
    async with closed.open():
        waiting = await closed.only("due", "pending")
        assert isinstance(await closed.decide(waiting, "approve"), Decided)
        await closed.rest()
        assert (await closed.only("due")).state == "sent"
        assert len(closed.box.mails) == 1


async def test_with_its_ruleset_gone_nothing_that_waited_or_was_approved_is_sent(closed: Company):
    async with closed.open():
        await closed.tell("C1", status="due")
        await closed.tell("C2", status="due")
        letters = await closed.layer.actions(state="pending")
        await closed.decide(letters[0], "approve")
    (closed.home / "rules/dunning/ruleset.yaml").unlink()
    async with closed.open():
        await closed.rest()
        assert closed.box.mails == []
        actions = await closed.layer.actions()
        assert {each.state for each in actions} == {"withdrawn"}
        assert isinstance(await closed.decide(letters[1], "approve"), AlreadyDecided)


@pytest.mark.parametrize("files", [{"policies": OWED, "people": LIMIT}])
async def test_an_amount_limit_by_person_holds_in_bulk_over_http(company: Company):
    await company.tell("C1", status="late", owed=40)
    await company.tell("C2", status="late", owed=60)
    found = await company.layer.actions(state="pending")
    items = [{"id": each.id, "digest": each.digest} for each in found]
    async with company.http() as http:
        told = (await http.post("/api/v1/actions/verdicts", json={"verdict": "approve", "items": items})).json()
    owed = [each.payload["owed"]["amount"] for each in found]
    assert dict(zip(owed, (each["status"] for each in told), strict=True)) == {"40": 200, "60": 403}
