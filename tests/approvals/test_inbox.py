import pytest

from approvals.results import (
    AlreadyDecided,
    BadVerdict,
    Decided,
    Difference,
    NotEditable,
    NotThisPerson,
    StaleDigest,
    UnknownAction,
)
from tests.approvals.world import AYSE, CLERK, MEHMET, SALES, VIEWER, World, decision, task, words


async def test_an_approval_lets_the_action_go(world: World):
    await world.propose()
    result = await world.decide("approve", reason="fine")
    assert isinstance(result, Decided)
    assert result.action.state == "approved"
    assert result.action.history[-1].by == "ayse"
    assert await world.memory.approved("p1") == result.action.digest


async def test_through_an_assistant_only_what_has_low_consequence_is_approved(world: World):
    await world.propose()
    refused = await world.decide("approve", channel="mcp")
    assert isinstance(refused, NotThisPerson)
    assert refused.reason == "an assistant approves only what has low consequence, a person approves what has medium"
    assert isinstance(await world.decide("snooze", channel="mcp", to="P1D"), Decided)
    await world.propose("p2", **task())
    assert isinstance(await world.decide("approve", id="p2", channel="mcp"), Decided)


async def test_an_assistant_is_none_of_the_people_that_a_policy_counts(world: World):
    await world.propose(policy="eyes", **task())
    refused = await world.decide("approve", MEHMET, channel="mcp")
    assert isinstance(refused, NotThisPerson)
    assert refused.reason == "eyes counts people, and an assistant is none"


async def test_with_an_undo_window_the_action_is_scheduled_and_can_be_taken_back(world: World):
    await world.propose(policy="undo")
    result = await world.decide("approve")
    assert isinstance(result, Decided)
    assert result.action.state == "scheduled"
    async with world.store.transaction() as tx:
        back = await world.inbox.undo(tx, "p1", AYSE, world.clock.now())
    assert isinstance(back, Decided)
    assert back.action.state == "pending"
    assert await world.memory.approved("p1") == ""


async def test_the_second_verdict_is_told_who_decided_and_when(world: World):
    await world.propose()
    await world.decide("approve")
    world.clock.advance(minutes=1)
    result = await world.decide("reject", MEHMET)
    assert isinstance(result, AlreadyDecided)
    assert (result.by, result.at) == ("ayse", result.action.history[-1].at)


async def test_an_old_digest_is_refused_with_the_difference(world: World):
    old = (await world.propose()).digest
    await world.decide("edit", edit={"text": "Dear Acme, kindly pay."})
    result = await world.decide("approve", digest=old)
    assert isinstance(result, StaleDigest)
    assert result.differences == (Difference("text", "Dear Acme, please pay what is open.", "Dear Acme, kindly pay."),)
    assert await world.state() == "pending"


async def test_an_edit_is_a_new_version_that_needs_its_own_verdict(world: World):
    first = await world.propose()
    result = await world.decide("edit", edit={"text": "Dear Acme, kindly pay."})
    assert isinstance(result, Decided)
    assert (result.action.version, result.action.state) == (2, "pending")
    assert result.action.digest != first.digest
    assert result.action.draft is not None
    assert result.action.draft.origin == "person:ayse"


async def test_what_an_edit_says_that_no_fact_does_travels_with_its_version(world: World):
    await world.propose()
    number, address = (
        "edited by ayse: new-number: text says 9,999, which no fact does",
        "edited by ayse: new-address: text says http://pay.example, which no fact does",
    )
    await world.decide("edit", edit={"text": "Dear Acme, please pay 9,999 at http://pay.example"})
    assert (await guards(world)) == (number, address)
    await world.decide("edit", MEHMET, edit={"text": "Dear Acme, please pay soon at http://pay.example"})
    assert (await guards(world)) == (address,)
    await world.decide("edit", MEHMET, edit={"text": "Dear Acme, please pay."})
    assert (await guards(world)) == ()


async def guards(world: World) -> tuple[str, ...]:
    draft = (await world.action()).draft
    assert draft is not None
    return draft.guards


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        ({"to": "evil@example.org"}, "not-editable"),
        ({"text": 7}, "wrong-type"),
        ({}, "empty-edit"),
        ({"text": ""}, "missing-payload-key"),
        ({"text": "Pay \u202enow"}, "control-character"),
        ({"subject": "Hello\nBcc: evil@example.org"}, "control-character"),
        ({"text": "Dear {customer}, pay"}, "open-slot"),
    ],
)
async def test_an_edit_keeps_within_what_may_be_edited(world: World, edit, code):
    await world.propose()
    result = await world.decide("edit", edit=edit)
    assert isinstance(result, NotEditable)
    assert code in [problem.code for problem in result.problems]
    assert (await world.action()).version == 1


@pytest.mark.parametrize("person", [VIEWER, SALES])
async def test_whoever_has_no_right_is_refused_and_the_try_is_journaled(world: World, person):
    await world.propose()
    result = await world.decide("approve", person)
    assert isinstance(result, NotThisPerson)
    [denied] = await world.journal("denied")
    assert denied["why"] == "NotThisPerson"
    assert await world.state() == "pending"


async def test_an_amount_limit_binds_the_person(world: World):
    await world.propose(inputs={"to": "info@acme.example", "amount": 501})
    assert isinstance(await world.decide("approve", CLERK), NotThisPerson)
    assert isinstance(await world.decide("approve", AYSE), Decided)


async def test_two_people_make_a_quorum_and_one_person_twice_does_not(world: World):
    await world.propose(policy="two")
    await world.decide("approve", AYSE)
    await world.decide("approve", AYSE)
    assert await world.state() == "pending"
    await world.decide("approve", MEHMET)
    assert await world.state() == "approved"


async def test_an_edit_ends_the_votes_so_far(world: World):
    await world.propose(policy="two")
    await world.decide("approve", AYSE)
    await world.decide("edit", MEHMET, edit={"text": "Dear Acme, kindly pay."})
    await world.decide("approve", MEHMET)
    assert await world.state() == "pending"


async def test_delegation_asks_somebody_else_and_gives_no_rights(world: World):
    await world.propose()
    result = await world.decide("delegate", to="viewer")
    assert isinstance(result, BadVerdict)
    assert isinstance(await world.decide("delegate", to="mehmet"), Decided)
    assert (await world.action()).history[-1].reason == "mehmet"


async def test_a_snooze_ends_before_the_action_expires(world: World):
    await world.propose()
    assert isinstance(await world.decide("snooze", to="P8D"), BadVerdict)
    assert isinstance(await world.decide("snooze", to="soon"), BadVerdict)
    assert isinstance(await world.decide("snooze", to="PT4H"), Decided)
    assert await world.state() == "pending"


async def test_the_same_idempotency_key_gives_the_same_answer(world: World):
    await world.propose()
    first = await world.decide("approve", key="k1")
    again = await world.decide("approve", key="k1")
    assert isinstance(first, Decided)
    assert again == Decided(first.action, replayed=True)
    assert len(await world.journal("verdict")) == 1


async def test_an_idempotency_key_is_not_used_for_another_verdict(world: World):
    await world.propose()
    await world.decide("snooze", key="k1")
    result = await world.decide("reject", key="k1")
    assert isinstance(result, BadVerdict)
    assert await world.state() == "pending"


async def test_a_denied_try_does_not_use_up_the_key(world: World):
    await world.propose()
    await world.decide("edit", key="k1", edit={"to": "evil@example.org"})
    result = await world.decide("approve", key="k1")
    assert isinstance(result, Decided)
    assert not result.replayed


async def test_an_unknown_action_is_answered_as_such(world: World):
    result = await world.decide("approve", id="nobody", digest="0")
    assert result == UnknownAction("nobody")


async def test_silence_never_approves(world: World):
    await world.propose()
    world.clock.advance(days=7)
    async with world.store.transaction() as tx:
        [gone] = await world.proposing.expire(tx, world.clock.now())
    assert gone.state == "expired"
    assert isinstance(await world.decide("approve"), AlreadyDecided)


async def test_a_verdict_after_the_expiry_comes_too_late_even_before_the_clock_was_looked_at(world: World):
    await world.propose()
    world.clock.advance(days=7)
    result = await world.decide("approve")
    assert isinstance(result, AlreadyDecided)
    assert await world.state() == "expired"


async def test_every_change_of_state_reaches_the_engine_in_journal_order(world: World):
    await world.propose()
    await world.decide("edit", edit={"text": "Dear Acme, kindly pay."})
    await world.decide("approve")
    assert [change.state for change in world.changes] == ["pending", "approved"]


async def test_what_policy_allows_goes_without_a_person(world: World):
    action = await world.propose(policy="tasks", **task())
    assert action.state == "approved"
    assert action.history[-1].by == "policy:tasks"
    assert await world.memory.approved("p1") == action.digest


@pytest.mark.parametrize(
    ("policy", "changes", "reason"),
    [
        ("tasks", {}, "leaves the company"),
        ("hourly", {}, "consequence medium is above low"),
        ("nobody wrote it", {}, "no policy nobody wrote it"),
        ("mail", {}, "asks for approval"),
    ],
)
async def test_what_is_not_allowed_in_so_many_words_needs_a_person(world: World, policy, changes, reason):
    action = await world.propose(policy=policy, **changes)
    assert action.state == "pending"
    assert reason in action.history[-1].reason


async def test_a_pulled_switch_takes_autonomy_away(world: World):
    async with world.store.transaction() as tx:
        await tx.set_switch("ruleset:collections", True, "audit", "ada")
    action = await world.propose(policy="tasks", **task())
    assert action.state == "pending"


async def test_an_incomplete_payload_is_a_dead_letter_at_once(world: World):
    action = await world.propose(inputs={})
    assert action.state == "failed"
    assert "needs to" in action.history[-1].reason


async def test_an_action_waits_for_its_words(world: World):
    async with world.store.transaction() as tx:
        waiting = await world.proposing.propose(tx, decision())
    assert waiting.state == "proposed"
    assert isinstance(await world.decide("approve"), BadVerdict)
    async with world.store.transaction() as tx:
        ready = await world.proposing.words(tx, "p1", words(), world.clock.now())
    assert ready is not None
    assert ready.state == "pending"
    assert ready.payload["text"].startswith("Dear Acme")


async def test_proposing_again_makes_no_second_action(world: World):
    first = await world.propose()
    await world.decide("reject")
    again = await world.propose()
    assert again.state == "rejected"
    assert again.id == first.id
