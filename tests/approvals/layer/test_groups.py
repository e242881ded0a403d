"""`group`: decisions about one account are one action that a person decides once, on the real layer."""

from approvals.results import Decided, StaleDigest
from engine.events import Action
from tests.approvals.layer.company import Company


async def due(company: Company, *invoices: str, status: str = "due", customer: str = "C1") -> None:
    for each in invoices:
        await company.tell(each, "invoices", customer=customer, status=status)


async def letter(company: Company, state: str = "") -> Action:
    return await company.only("invoice_due", state)


async def test_two_invoices_of_one_account_are_one_letter_that_names_both(company: Company) -> None:
    await company.tell("C1")
    await due(company, "I1", "I2")
    one = await letter(company)
    assert (one.state, one.payload["to"]) == ("pending", "info@c1.example")
    assert "I1 and I2" in one.payload["text"]
    assert [each.key.subject for each in one.joined] == ["invoice:I1", "invoice:I2"]
    assert [each.path for each in one.proof.reasons] == ["invoice:I1", "invoice:I2"]


async def test_each_account_and_each_recipient_has_its_own(company: Company) -> None:
    await company.tell("C1")
    await company.tell("C2")
    await due(company, "I1")
    await due(company, "I2", customer="C2")
    assert len(await company.layer.actions(state="pending")) == 2


async def test_an_older_verdict_is_refused_when_a_decision_joins(company: Company) -> None:
    await company.tell("C1")
    await due(company, "I1")
    before = await letter(company)
    await due(company, "I2")
    after = await letter(company)
    assert (after.id, after.digest != before.digest, after.version > before.version) == (before.id, True, True)
    refused = await company.decide(before, "approve")
    assert isinstance(refused, StaleDigest)
    assert "text" in {each.key for each in refused.differences}
    assert isinstance(await company.decide(after, "approve"), Decided)
    await company.rest()
    assert len(company.box.to("info@c1.example")) == 1
    assert {
        company.layer.parts.pipeline.session.entity(f"action:{each.proposal}").values["state"] for each in after.joined
    } == {"sent"}


async def test_what_was_approved_and_not_sent_goes_back_when_a_decision_joins(company: Company) -> None:
    await company.tell("C1")
    await due(company, "I1")
    await company.decide(await letter(company), "approve")
    await due(company, "I2")
    assert (await letter(company)).state == "pending"
    await company.rest()
    assert company.box.mails == []


async def test_a_decision_that_loses_its_reason_leaves_and_the_last_takes_the_letter_with_it(company: Company) -> None:
    await company.tell("C1")
    await due(company, "I1", "I2")
    both = await letter(company)
    await due(company, "I1", status="paid")
    one = await letter(company)
    assert [each.key.subject for each in one.joined] == ["invoice:I2"]
    assert (one.id, one.key.subject, "I1" in one.payload["text"]) == (both.id, "invoice:I2", False)
    assert isinstance(await company.decide(both, "approve"), StaleDigest)
    await due(company, "I2", status="paid")
    assert (await letter(company)).state == "withdrawn"


async def test_after_sending_another_decision_is_another_letter(company: Company) -> None:
    await company.tell("C1")
    await due(company, "I1")
    await company.decide(await letter(company), "approve")
    await company.rest()
    await due(company, "I2")
    assert [each.joined[0].key.subject for each in await company.layer.actions()] == ["invoice:I2", "invoice:I1"]


async def test_a_rejected_letter_is_rejected_for_all_and_stays_so(company: Company) -> None:
    await company.tell("C1")
    await due(company, "I1", "I2")
    await company.decide(await letter(company), "reject", reason="They called.")
    await company.tell("I1", "invoices", customer="C1", status="due")
    assert (await letter(company)).state == "rejected"
    assert company.layer.parts.pipeline.session.activations.live == {}


async def test_a_group_is_what_it_was_after_a_restart_and_the_store_agrees_with_its_journal(closed: Company) -> None:
    async with closed.open():
        await closed.tell("C1")
        await due(closed, "I1", "I2")
    async with closed.open():
        await due(closed, "I3")
        three = await letter(closed)
        assert len(three.joined) == 3
        await due(closed, "I1", "I2", "I3", status="paid")
        assert (await letter(closed)).state == "withdrawn"
        assert (await closed.layer.parts.store.verify()).problems == ()


async def test_a_kill_switch_on_a_rule_stops_the_group_that_carries_it(company: Company) -> None:
    await company.tell("C1")
    await due(company, "I1", "I2")
    await company.decide(await letter(company), "approve")
    async with company.layer.parts.pipeline.transaction() as tx:
        await tx.set_switch("rule:dunning/invoice_due", True, "wait", "ada")
    await company.rest()
    assert company.box.mails == []


async def test_what_moved_since_is_seen_before_sending(company: Company) -> None:
    await company.tell("C1")
    await due(company, "I1", "I2")
    await company.decide(await letter(company), "approve")
    await company.tell("C1", email="other@c1.example")
    await company.rest()
    assert (await letter(company)).state == "pending"
    assert company.box.mails == []
