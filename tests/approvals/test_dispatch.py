from datetime import timedelta

import pytest

from approvals.dispatch.ports import Moved, NoLonger, Settings
from approvals.results import AlreadyDecided, Decided, NotThisPerson
from engine.events import Receipt
from engine.ports import SourceDown
from tests.approvals.world import AYSE, MEHMET, VIEWER, World, echoed, task, words


async def approved_task(world: World, operation: str = "crm.create_task") -> None:
    await world.propose(policy="mail", operation=operation, inputs={"assignee": "p7"})
    await world.decide("approve")


async def test_what_was_approved_is_sent_once_and_its_receipt_kept(world: World):
    await approved_task(world)
    assert await world.dispatcher().run() == 1
    assert await world.dispatcher().run() == 0
    assert [key for key, _ in world.crm.written] == ["p1"]
    assert await world.state() == "sent"
    [receipt] = await world.journal("receipt")
    assert receipt["reference"] == "crm-p1"
    assert [change.state for change in world.changes] == ["pending", "approved", "sending", "sent"]


async def test_our_own_record_is_recognised_when_it_comes_back(world: World):
    await approved_task(world)
    await world.dispatcher().run()
    assert await echoed(world, "crm-p1") == "p1"
    assert await echoed(world, "crm-p1") == "", "what is heard of it later is news"
    assert await echoed(world, "somebody-else") == ""


async def test_nothing_goes_before_the_undo_window_ends(world: World):
    await world.propose(policy="undo")
    await world.decide("approve")
    assert await world.dispatcher().run() == 0
    world.clock.advance(minutes=2)
    assert await world.dispatcher().run() == 1


async def test_a_refusal_is_a_dead_letter_that_a_person_retries_or_drops(world: World):
    await approved_task(world)
    world.crm.answers = [Receipt(result="rejected", detail="no such assignee")]
    await world.dispatcher().run()
    assert await world.state() == "failed"
    async with world.store.transaction() as tx:
        assert isinstance(await world.aftercare.retry(tx, "p1", VIEWER, world.clock.now()), NotThisPerson)
        assert isinstance(await world.aftercare.retry(tx, "p1", AYSE, world.clock.now()), Decided)
    await world.dispatcher().run()
    assert await world.state() == "sent"
    async with world.store.transaction() as tx:
        assert isinstance(await world.aftercare.drop(tx, "p1", AYSE, world.clock.now()), AlreadyDecided)


async def test_a_dead_letter_that_nobody_approved_goes_to_the_inbox_not_out(world: World):
    await world.propose(inputs={})
    async with world.store.transaction() as tx:
        await world.aftercare.retry(tx, "p1", AYSE, world.clock.now())
    assert await world.state() == "pending"
    await world.decide("approve")
    assert await world.state() == "pending"


async def test_a_conflict_goes_back_to_the_inbox_and_needs_a_verdict_again(world: World):
    await approved_task(world)
    world.crm.answers = [Receipt(result="conflict", detail="ETag differs")]
    await world.dispatcher().run()
    assert await world.state() == "pending"
    assert await world.memory.approved("p1") == ""


@pytest.mark.parametrize("result", ["throttled", "unavailable"])
async def test_a_busy_target_is_tried_again_later_and_later_then_given_up(world: World, result):
    await approved_task(world)
    world.crm.answers = [Receipt(result=result)] * 8
    waits = []
    for _ in range(8):
        before = world.clock.now()
        await world.dispatcher().run()
        due = (await world.action()).not_before
        if due:
            waits.append(due - before)
            world.clock.time = due
    assert await world.state() == "failed"
    assert len(waits) == 7
    assert all(
        timedelta(seconds=2.5 * 2**place) <= wait <= timedelta(seconds=5 * 2**place) for place, wait in enumerate(waits)
    )
    assert world.crm.written == []


async def test_the_target_says_how_long_to_wait(world: World):
    await approved_task(world)
    world.crm.answers = [Receipt(result="throttled", retry_after=90)]
    await world.dispatcher().run()
    assert (await world.action()).not_before == world.clock.now() + timedelta(seconds=90)


@pytest.mark.parametrize("answer", [Receipt(result="uncertain"), TimeoutError(), RuntimeError("connection reset")])
async def test_what_may_have_happened_is_unknown_and_never_repeated_blindly(world: World, answer):
    await approved_task(world)
    world.crm.answers = [answer]
    await world.dispatcher().run()
    assert await world.state() == "unknown"
    world.clock.advance(hours=1)
    assert await world.dispatcher().run() == 0
    assert world.crm.written == []


async def test_an_unknown_write_that_happened_is_found(world: World):
    await approved_task(world)
    world.crm.answers = [Receipt(result="uncertain")]
    await world.dispatcher().run()
    world.crm.write("create_task", {}, "p1")
    assert await world.look_up().run() == 0
    world.clock.advance(seconds=30)
    assert await world.look_up().run() == 1
    assert await world.state() == "sent"
    assert len(world.crm.written) == 1


async def test_an_unknown_write_that_surely_never_happened_is_repeated(world: World):
    await approved_task(world)
    world.crm.answers = [Receipt(result="uncertain")]
    await world.dispatcher().run()
    world.clock.advance(seconds=30)
    await world.look_up().run()
    await world.dispatcher().run()
    assert await world.state() == "sent"
    assert len(world.crm.written) == 1


async def test_while_the_target_cannot_be_asked_the_action_stays_unknown(world: World):
    await approved_task(world)
    world.crm.answers = [Receipt(result="uncertain")]
    await world.dispatcher().run()
    world.clock.advance(seconds=30)
    world.crm.down = True
    assert await world.look_up().run() == 0
    assert await world.state() == "unknown"
    world.clock.advance(hours=2)
    world.crm.down = False
    await world.look_up().run()
    assert await world.state() == "scheduled"


async def test_a_target_that_knows_our_key_is_asked_by_repeating(world: World):
    await approved_task(world, "crm.upsert")
    world.crm.write("upsert", {}, "p1")
    world.crm.answers = [Receipt(result="uncertain")]
    await world.dispatcher().run()
    world.clock.advance(seconds=30)
    await world.look_up().run()
    await world.dispatcher().run()
    assert await world.state() == "sent"
    assert len(world.crm.written) == 1


async def test_what_may_have_been_sent_is_not_withdrawn_but_shown_to_a_person(world: World):
    await approved_task(world, "crm.upsert")
    world.crm.answers = [Receipt(result="uncertain")]
    await world.dispatcher().run()
    world.clock.advance(seconds=30)
    await world.look_up().run()

    async def paid(_action):
        return NoLonger("the customer paid")

    world.check = paid
    await world.dispatcher().run()
    assert await world.state() == "unknown"
    world.clock.advance(days=1)
    assert await world.look_up().run() == 0


async def test_a_mail_without_an_answer_waits_for_a_person(world: World):
    await world.propose()
    await world.decide("approve")
    world.mail.answers = [Receipt(result="uncertain")]
    await world.dispatcher().run()
    world.clock.advance(days=1)
    assert await world.look_up().run() == 0
    assert await world.state() == "unknown"
    async with world.store.transaction() as tx:
        await world.aftercare.happened(tx, "p1", AYSE, world.clock.now(), "seen in Sent Items")
    assert await world.state() == "sent"
    assert world.mail.written == []


async def test_a_person_who_found_a_mail_missing_sends_it_again(world: World):
    await world.propose()
    await world.decide("approve")
    world.mail.answers = [Receipt(result="uncertain")]
    await world.dispatcher().run()
    async with world.store.transaction() as tx:
        await world.aftercare.missed(tx, "p1", MEHMET, world.clock.now())
    await world.dispatcher().run()
    assert await world.state() == "sent"
    assert len(world.mail.written) == 1


async def test_a_worker_that_never_came_back_leaves_an_unknown(world: World):
    await approved_task(world)
    async with world.store.transaction() as tx:
        action = await tx.action("p1")
        assert await tx.claim(action, "dead", world.clock.now() + timedelta(minutes=3))
    assert await world.dispatcher().run() == 0
    assert await world.state() == "sending"
    world.clock.advance(minutes=3)
    await world.dispatcher().run()
    assert await world.state() == "unknown"


async def test_a_receipt_that_comes_after_the_lease_still_counts(world: World):
    await approved_task(world)
    dispatcher = world.dispatcher()
    perform = world.crm.perform

    async def slow(operation, payload, key):
        world.clock.advance(minutes=10)
        await world.dispatcher("w2").run()
        assert await world.state() == "unknown"
        return await perform(operation, payload, key)

    world.crm.perform = slow
    await dispatcher.run()
    assert await world.state() == "sent"
    assert len(world.crm.written) == 1


async def test_while_the_world_cannot_be_checked_nothing_goes(world: World):
    await approved_task(world)

    async def blind(_action):
        raise SourceDown("the ERP does not answer")

    world.check = blind
    assert await world.dispatcher().run() == 0
    action = await world.action()
    assert action.state == "scheduled"
    assert "the ERP does not answer" in action.history[-1].reason
    assert world.crm.written == []


async def test_an_action_held_again_and_again_says_so_once(world: World):
    await approved_task(world)
    async with world.store.transaction() as tx:
        await tx.set_switch("source:crm", True, "migration", "ada")
    for _ in range(5):
        world.clock.advance(minutes=2)
        await world.dispatcher().run()
    held = [item for item in (await world.action()).history if item.state == "held"]
    assert len(held) == 1
    assert "migration" in held[0].reason


async def test_what_moved_goes_back_with_a_three_way_difference(world: World):
    await world.propose(inputs={"to": "info@acme.example", "amount": 100})
    await world.decide("edit", edit={"text": "Dear Acme, kindly pay."})
    await world.decide("approve")
    approved = await world.action()

    async def moved(_action):
        return Moved(
            "an invoice was paid in part",
            inputs={"to": "info@acme.example", "amount": 60},
            draft=words("Dear Acme, please pay the rest."),
        )

    world.check = moved
    await world.dispatcher().run()
    action = await world.action()
    assert action.state == "pending"
    assert action.version == approved.version + 1
    assert action.payload["amount"] == 60
    assert action.payload["text"] == "Dear Acme, kindly pay."
    ways = next(body["moved"] for body in await world.journal("action") if "moved" in body)
    assert {way["key"]: (way["proposed"], way["approved"], way["current"]) for way in ways} == {
        "amount": (100, 100, 60),
        "text": ("Dear Acme, please pay what is open.", "Dear Acme, kindly pay.", "Dear Acme, please pay the rest."),
    }
    assert world.mail.written == []


async def test_the_old_approval_does_not_cover_what_moved(world: World):
    await approved_task(world)
    old = await world.action()

    async def moved(_action):
        return Moved("the owner changed", inputs={"assignee": "p8"})

    world.check = moved
    await world.dispatcher().run()
    assert (await world.action()).payload["assignee"] == "p8"
    assert not isinstance(await world.decide("approve", digest=old.digest), Decided)
    assert world.crm.written == []


async def test_an_autonomous_task_passes_straight_through(world: World):
    await world.propose(policy="tasks", **task())
    await world.dispatcher().run()
    assert await world.state() == "sent"


async def test_what_moved_once_is_not_brought_back_for_the_same_again(world: World):
    await world.propose(inputs={"to": "info@acme.example", "amount": 100})
    await world.decide("edit", edit={"text": "Dear Acme, kindly pay."})
    await world.decide("approve")

    async def moved(_action):
        return Moved("paid in part", inputs={"to": "info@acme.example", "amount": 60}, draft=words("Pay the rest."))

    world.check = moved
    await world.dispatcher().run()
    assert await world.state() == "pending"
    await world.decide("approve")
    await world.dispatcher().run()
    assert await world.state() == "sent"
    assert world.mail.written[0][1]["amount"] == 60
    assert world.mail.written[0][1]["text"] == "Dear Acme, kindly pay."


async def test_words_of_a_person_keep_the_facts_they_rest_on(world: World):
    await world.propose(draft=words(slots={"balance": "100"}))
    await world.decide("edit", edit={"text": "Dear Acme, kindly pay."})
    draft = (await world.action()).draft
    assert draft is not None
    assert draft.slots == {"balance": "100"}
    await world.decide("approve")

    async def moved(_action):
        return Moved("paid in part", draft=words("Pay the rest.", slots={"balance": "60"}))

    world.check = moved
    await world.dispatcher().run()
    returned = (await world.action()).draft
    assert returned is not None
    assert (returned.text, returned.slots) == ("Dear Acme, kindly pay.", {"balance": "60"})


async def test_unknown_ones_that_wait_for_a_person_keep_nobody_from_being_looked_up(world: World):
    world.settings = Settings(batch=3)
    await world.propose("task", policy="tasks", **task())
    world.crm.answers = [Receipt(result="uncertain")]
    await world.dispatcher().run()
    for number in range(4):
        await world.propose(f"m{number}", policy="mail")
        await world.decide("approve", id=f"m{number}")
    world.mail.answers = [Receipt(result="uncertain")] * 4
    await world.dispatcher().run()
    await world.dispatcher().run()
    world.clock.advance(minutes=5)
    assert await world.look_up().run() == 1
