"""What happens between two looks of a worker: words of people, taken back and said again, count; nothing goes twice."""

from datetime import timedelta

import msgspec
import pytest

from approvals.dispatch.ports import Checked, NoLonger, StillTrue
from approvals.results import AlreadyDecided, Decided
from approvals.structs import Approvers, Policy
from engine.events import Action, Receipt
from engine.ports import Connector, SourceDown
from tests.approvals.world import AYSE, MEHMET, POLICIES, SALES, START, World, decision, task


async def undo(world: World, id: str = "p1"):
    async with world.store.transaction() as tx:
        return await world.inbox.undo(tx, id, AYSE, world.clock.now())


async def undone_and_approved_again(world: World) -> None:
    """A person takes the approval back while a worker looks at it, thinks, and approves once more."""
    assert isinstance(await undo(world), Decided)
    assert isinstance(await world.decide("approve", MEHMET), Decided)


@pytest.mark.parametrize("answer", [StillTrue(), NoLonger("paid"), SourceDown("no answer")], ids=repr)
async def test_a_worker_that_looked_before_does_not_decide_over_what_people_said_since(real: World, answer):
    await real.propose(policy="undo")
    await real.decide("approve")
    real.clock.advance(minutes=2)

    async def slow(_action: Action) -> Checked:
        real.check = nothing_more
        await undone_and_approved_again(real)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def nothing_more(_action: Action) -> Checked:
        return StillTrue()

    real.check = slow
    assert await real.dispatcher().run() == 0
    action = await real.action()
    assert (action.state, action.not_before) == ("scheduled", real.clock.now() + timedelta(minutes=2))
    assert [each.by for each in action.history if each.state == "approved"] == ["ayse", "mehmet"]
    assert real.mail.written == []
    real.clock.advance(minutes=2)
    await real.dispatcher().run()
    assert len(real.mail.written) == 1


async def test_a_remark_made_while_a_worker_looked_is_kept(real: World):
    await real.propose(policy="undo")
    await real.decide("approve")
    real.clock.advance(minutes=2)

    async def gone(_action: Action) -> Checked:
        return NoLonger("paid")

    async def slow(_action: Action) -> Checked:
        real.check = gone
        async with real.store.transaction() as tx:
            await real.inbox.comment(tx, "p1", MEHMET, real.clock.now(), "They promised to pay.")
        return NoLonger("paid")

    real.check = slow
    await real.dispatcher().run()
    await real.dispatcher().run()
    action = await real.action()
    assert action.state == "withdrawn"
    assert [each.reason for each in action.history if each.state == "commented"] == ["They promised to pay."]


async def test_a_worker_that_slept_past_its_lease_sends_nothing(real: World):
    """Its process stood still after the claim; by now another worker may have sent."""
    await real.propose(policy="mail", **task())
    await real.decide("approve")
    late = real.dispatcher("late")
    perform = late._perform

    async def and_sleep(connector: Connector, action: Action) -> Receipt | None:
        real.clock.advance(minutes=4)
        await real.dispatcher("next").run()
        real.clock.advance(minutes=1)
        await real.look_up().run()
        await real.dispatcher("next").run()
        return await perform(connector, action)

    late._perform = and_sleep  # type: ignore[method-assign]
    await late.run()
    assert [key for key, _ in real.crm.written] == ["p1"]
    assert await real.state() == "sent"


async def scheduled_after_doubt(world: World, *answers: str) -> None:
    """An upsert whose first answer never came; it is to be repeated, and waits for that behind a kill switch."""
    await world.propose(policy="mail", operation="crm.upsert", inputs={"assignee": "p7"})
    await world.decide("approve")
    world.crm.answers = [Receipt(result=each) for each in ("uncertain", *answers)]
    await world.dispatcher().run()
    world.clock.advance(minutes=1)
    await world.look_up().run()
    for _ in answers:
        await world.dispatcher().run()
    assert await world.state() == "scheduled"


@pytest.mark.parametrize("answers", [(), ("unavailable",)], ids=["repeat", "repeat, then not reached"])
async def test_what_may_have_been_sent_is_not_withdrawn_by_the_engine(real: World, answers):
    await scheduled_after_doubt(real, *answers)
    await real.withdraw()
    action = await real.action()
    assert (action.state, action.not_before) == ("unknown", None)
    assert "may have been sent" in action.history[-1].reason
    real.clock.advance(hours=2)
    await real.look_up().run()
    await real.dispatcher().run()
    assert real.crm.written == [], "a person says what became of it"
    async with real.store.transaction() as tx:
        assert isinstance(await real.aftercare.happened(tx, "p1", AYSE, real.clock.now()), Decided)


@pytest.mark.parametrize("answers", [(), ("unavailable",)], ids=["repeat", "repeat, then not reached"])
async def test_what_may_have_been_sent_is_not_taken_back_by_a_person(real: World, answers):
    await scheduled_after_doubt(real, *answers)
    assert isinstance(await undo(real), AlreadyDecided)
    assert await real.state() == "scheduled"


@pytest.mark.parametrize("answers", [(), ("unavailable",)], ids=["repeat", "repeat, then not reached"])
async def test_what_may_have_been_sent_and_has_moved_since_goes_to_a_person_as_unknown(real: World, answers):
    await scheduled_after_doubt(real, *answers)

    async def gone(_action: Action) -> Checked:
        return NoLonger("paid")

    real.check = gone
    real.clock.advance(hours=2)
    await real.dispatcher().run()
    assert await real.state() == "unknown"


async def test_what_may_have_been_sent_and_is_doubted_goes_to_a_person_as_unknown(real: World):
    await scheduled_after_doubt(real)
    async with real.store.transaction() as tx:
        await real.proposing.ask(tx, decision("a1", kind="ask", proposal="p1", because="the source is silent"))
    assert await real.state() == "unknown"


async def test_a_vote_counts_as_long_as_its_voter_may_still_approve(real: World):
    await real.propose(policy="two")
    await real.decide("approve", MEHMET)
    real.inbox._people["mehmet"] = msgspec.structs.replace(MEHMET, rulesets=SALES.rulesets)  # type: ignore[index]
    try:
        await real.decide("approve", AYSE)
        assert await real.state() == "pending"
    finally:
        real.inbox._people["mehmet"] = MEHMET  # type: ignore[index]
    await real.decide("approve", AYSE)
    assert await real.state() == "approved"


STRICTER = [
    Policy(name="tasks", approval="always"),
    Policy(name="tasks", approval="never", max_consequence="none"),
    Policy(name="tasks", approval="earned"),
]


@pytest.mark.parametrize("stricter", STRICTER, ids=["always", "consequence", "earned"])
async def test_a_policy_that_became_stricter_holds_for_what_it_let_go_and_was_not_sent(real: World, stricter: Policy):
    real.policies = {**POLICIES, "tasks": POLICIES["tasks"]}
    await real.propose(policy="tasks", **task())
    assert await real.state() == "approved"
    other = World(real.store, real.clock, crm=real.crm, mail=real.mail, policies={**POLICIES, "tasks": stricter})
    assert await other.dispatcher().run() == 0
    action = await other.action()
    assert action.state == "pending"
    assert real.crm.written == []
    assert await other.memory.approved("p1") == ""
    assert isinstance(await other.decide("approve"), Decided)
    await other.dispatcher().run()
    assert len(real.crm.written) == 1


async def test_what_a_person_approved_needs_no_second_word_when_the_policy_becomes_stricter(real: World):
    await real.propose(policy="mail", **task())
    await real.decide("approve")
    stricter = Policy(name="mail", approvers=Approvers(roles=frozenset({"admin"})))
    other = World(real.store, real.clock, crm=real.crm, policies={**POLICIES, "mail": stricter})
    await other.dispatcher().run()
    assert len(real.crm.written) == 1


async def test_a_dead_letter_that_was_rebuilt_since_it_was_approved_goes_to_the_inbox_without_an_alarm(real: World):
    await real.propose(policy="undo", group="letters", root="customer:C-p1")
    await real.decide("approve")
    async with real.store.transaction() as tx:
        broken = decision("p1", policy="undo", group="letters", root="customer:C-p1", inputs={}, draft="", at=START)
        again = await real.proposing.rebuild(tx, await real.action(), broken, real.clock.now(), "joined")
    assert again.state == "failed"
    async with real.store.transaction() as tx:
        assert isinstance(await real.aftercare.retry(tx, "p1", AYSE, real.clock.now()), Decided)
        assert await tx.switches() == {}
    assert await real.state() == "pending"
    await real.dispatcher().run()
    async with real.store.transaction() as tx:
        assert await tx.switches() == {}
