"""An identity split sends what was allowed about the whole back to a person, on the real layer."""

from datetime import timedelta

import pytest

from approvals.results import Decided
from engine.events import Merge, Split
from tests.approvals.layer.company import POLICIES, Company

RECORDS = ("erp/customers/C2",)
LETTING = POLICIES.replace("tasks: {approval: never,", "tasks: {approval: never, undo: PT1H,")


async def merged(company: Company) -> None:
    await company.tell("C1", status="")
    await company.tell("C2", status="")
    await company.layer.parts.pipeline.join(Merge("customer", "C1", "C2"))


async def split(company: Company) -> None:
    await company.layer.parts.pipeline.join(Split("customer", "C1", "C2", RECORDS))


@pytest.mark.parametrize("files", [{"policies": LETTING}])
async def test_what_policy_alone_had_scheduled_waits_for_a_person_after_a_split(company: Company) -> None:
    await merged(company)
    await company.tell("C1", status="late")
    assert (await company.only("late")).state == "scheduled"
    await split(company)
    waiting = await company.only("late")
    assert (waiting.state, waiting.not_before) == ("pending", None)
    assert "customer:C1 was split" in waiting.history[-1].reason
    company.advance(hours=2)
    await company.rest()
    assert company.crm.records == []
    assert isinstance(await company.decide(waiting, "approve"), Decided)
    company.advance(hours=2)
    await company.rest()
    assert len(company.crm.records) == 1


async def test_what_a_person_had_approved_is_asked_for_again_and_sent_by_no_former_word(company: Company) -> None:
    await merged(company)
    await company.tell("C1", status="due")
    letter = await company.only("due")
    await company.decide(letter, "approve")
    await split(company)
    assert (await company.only("due")).state == "pending"
    await company.rest()
    assert company.box.mails == []


async def test_what_waits_for_its_words_will_wait_for_a_person(company: Company) -> None:
    await merged(company)
    prepare, company.layer.prepare = company.layer.prepare, nothing  # type: ignore[method-assign]
    await company.tell("C1", status="late")
    assert (await company.only("late")).state == "proposed"
    await split(company)
    company.layer.prepare = prepare  # type: ignore[method-assign]
    await company.layer.prepare()
    waiting = await company.only("late")
    assert waiting.state == "pending"
    assert "was split" in waiting.history[-1].reason


async def test_a_restart_keeps_what_was_asked(closed: Company) -> None:
    async with closed.open():
        await merged(closed)
        await closed.tell("C1", status="due")
        await split(closed)
    async with closed.open():
        waiting = await closed.only("due")
        assert waiting.state == "pending"
        assert (await closed.layer.decisions(limit=1))[0].kind == "ask"
        assert waiting.history[-1].at - waiting.created_at < timedelta(days=1)


async def nothing() -> int:
    return 0
