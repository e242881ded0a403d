"""The world moves between the decision and the sending: scenarios 5 and 16 through the real layer."""

from approvals.results import AlreadyDecided
from tests.approvals.layer.company import Company, both

pytestmark = both


async def states(company: Company, id: str) -> list[str]:
    action = await company.layer.action(id)
    assert action is not None
    return [item.state for item in action.history]


async def test_05_what_needs_no_person_is_rebuilt_and_released_by_its_policy(company: Company):
    await company.tell(status="late", owed=100)
    first = await company.only("late")
    assert first.state == "approved"
    await company.tell(status="late", owed=40)
    await company.rest()
    sent = await company.only("late")
    assert (sent.state, sent.version) == ("sent", 2)
    assert [item.by for item in sent.history if item.state == "approved"] == ["policy:tasks", "policy:tasks"]
    [record] = company.crm.records
    assert record["body"]["text"] == sent.payload["text"]
    assert "40" in record["body"]["text"]
    assert sent.digest != first.digest


async def test_05_what_a_person_approved_goes_back_with_the_three_way_difference(company: Company):
    await company.tell(status="due", owed=100)
    first = await company.only("due")
    await company.decide(first, "approve")
    await company.tell(status="due", owed=40)
    await company.rest()
    back = await company.only("due")
    assert (back.state, back.version) == ("pending", 2)
    assert company.box.mails == []
    entries = await company.layer.parts.store.entries(subject=f"action:{back.id}", kinds=("action",))
    [ways] = [entry.body["moved"] for entry in entries if entry.body and "moved" in entry.body]
    [text] = [way for way in ways if way["key"] == "text"]
    assert (text["proposed"], text["approved"]) == (first.payload["text"],) * 2
    assert text["current"] == back.payload["text"]
    await company.decide(back, "approve")
    await company.rest()
    [mail] = company.box.to("info@c1.example")
    assert "40" in mail.get_content()


async def test_05_a_condition_that_is_false_by_then_withdraws(company: Company):
    await company.tell(status="due")
    await company.decide(await company.only("due"), "approve")
    await company.tell(status="paid")
    await company.rest()
    gone = await company.only("due")
    assert gone.state == "withdrawn"
    assert gone.history[-1].reason == 'no longer true: status = "due"'
    assert company.box.mails == []


async def test_05_something_unrelated_on_the_record_lets_it_proceed(company: Company):
    await company.tell(status="due")
    await company.decide(await company.only("due"), "approve")
    await company.tell(status="due", city="Bursa")
    await company.rest()
    assert (await company.only("due")).version == 1
    assert len(company.box.mails) == 1


async def test_05_a_policy_that_asks_by_now_puts_the_rebuilt_action_before_a_person(closed: Company):
    async with closed.open():
        await closed.tell(status="late", owed=100)
    autonomy = closed.home / "config/autonomy.yaml"
    autonomy.write_text(autonomy.read_text().replace("tasks: {approval: never", "tasks: {approval: always"))
    async with closed.open():
        await closed.tell(status="late", owed=40)
        await closed.rest()
        assert (await closed.only("late")).state == "pending"
    assert closed.crm.records == []


async def test_16_paid_while_it_waits_in_the_inbox_withdraws_it_with_that_reason(company: Company):
    await company.tell(status="due")
    waiting = await company.only("due")
    await company.tell(status="paid")
    assert await states(company, waiting.id) == ["proposed", "pending", "withdrawn"]
    assert isinstance(await company.decide(waiting, "approve"), AlreadyDecided)
    await company.rest()
    assert company.box.mails == []


async def test_16_paid_while_it_is_sent_is_one_or_the_other_never_both(company: Company):
    import asyncio

    names = [f"C{number}" for number in range(20)]
    for name in names:
        await company.tell(name, status="late")
    await asyncio.gather(company.rest(), *(company.tell(name, status="paid") for name in names))
    sent = {record["key"] for record in company.crm.records}
    assert len(sent) == len(company.crm.records)
    for action in await company.layer.actions(limit=100):
        assert action.state == ("sent" if action.id in sent else "withdrawn")
