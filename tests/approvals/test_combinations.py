"""What happens when two things happen at once, or one after the other as nobody meant it; on SQLite and PostgreSQL."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from approvals.asking import Asking, present
from approvals.dispatch.ports import Checked, Moved
from approvals.links import Issued, Links
from approvals.results import AlreadyDecided, BadVerdict, Decided, NotThisPerson, StaleDigest
from approvals.structs import Caps, Count, Policy
from engine.events import Receipt
from tests.approvals.world import (
    AYSE,
    CLERK,
    MEHMET,
    PEOPLE,
    POLICIES,
    SALES,
    START,
    TASK,
    UPSERT,
    Target,
    World,
    decision,
    echoed,
    task,
)

ISTANBUL, BERLIN = ZoneInfo("Europe/Istanbul"), ZoneInfo("Europe/Berlin")


async def undo(world: World, id: str = "p1"):
    async with world.store.transaction() as tx:
        return await world.inbox.undo(tx, id, AYSE, world.clock.now())


async def linked(world: World, person=AYSE) -> Issued:
    async with world.store.transaction() as tx:
        action = await tx.action("p1")
        assert action is not None
        issued = await Links(world.inbox, PEOPLE, world.store).issue(tx, action, person, world.clock.now())
    assert issued is not None
    return issued


async def by_link(world: World, link: Issued, choice: str = "approve"):
    links = Links(world.inbox, PEOPLE, world.store)
    async with world.store.transaction() as tx:
        return await links.decide(tx, link.token, choice, world.clock.now(), code=link.code)


async def settle(world: World, word: str, *more):
    async with world.store.transaction() as tx:
        return await getattr(world.aftercare, word)(tx, "p1", AYSE, world.clock.now(), *more)


# --- who decides -------------------------------------------------------------------------------------------------


async def test_of_a_quorum_whoever_left_the_company_meanwhile_counts_no_more(real: World):
    await real.propose(policy="two")
    await real.decide("approve", MEHMET)
    people = dict(PEOPLE)
    del people["mehmet"]
    real.inbox._verdicts._people = people
    await real.decide("approve", AYSE)
    assert await real.state() == "pending"
    await real.decide("approve", CLERK)
    assert await real.state() == "approved"
    assert [each.by for each in (await real.action()).history if each.state == "approved"] == ["clerk"]


async def test_delegating_to_oneself_or_in_a_circle_changes_nothing(real: World):
    real.authors = lambda _key, _revision: frozenset({"ayse"})
    await real.propose(policy="eyes")
    for giver, taker in ((AYSE, "ayse"), (AYSE, "mehmet"), (MEHMET, "ayse"), (AYSE, "ayse")):
        assert isinstance(await real.decide("delegate", giver, to=taker), Decided)
        assert isinstance(await real.decide("approve", AYSE), NotThisPerson)
    assert isinstance(await real.decide("approve", MEHMET), Decided)


def test_two_who_stand_in_for_each_other_and_are_both_away_leave_nobody():
    away = (date(2026, 1, 1), date(2026, 1, 9))
    people = {each.id: msgspec.structs.replace(each, away=away) for each in (AYSE, MEHMET)}
    assert present(people["ayse"], people, date(2026, 1, 5)) is None


@pytest.mark.parametrize("away", [False, True], ids=["holds it", "stands in"])
async def test_where_the_one_who_looks_after_it_may_not_approve_the_others_are_asked(real: World, away):
    """Given to the author of the rule under four eyes, or to somebody whose stand-in is."""
    real.authors = lambda _key, _revision: frozenset({"mehmet"})
    await real.propose(policy="eyes")
    await real.decide("delegate", CLERK, to="ayse" if away else "mehmet")
    days = (START.date(), START.date())
    people = PEOPLE | ({"ayse": msgspec.structs.replace(AYSE, away=days)} if away else {})
    asking = Asking(real.outbox(1), real.store, people, Links(real.inbox, people, real.store), zone=UTC)
    asked = {each.id for each in asking._approvers(await real.action(), real.clock.now())}
    assert asked == ({"clerk"} if away else {"ayse", "clerk"})


async def test_an_amount_limit_binds_each_item_of_a_bulk_by_its_own_amount(real: World):
    for id, amount in (("p1", 499), ("p2", 501), ("p3", 500)):
        await real.propose(id, policy="mail", operation="mail.send", inputs={"to": "a@b.example", "amount": amount})
    results = [type(await real.decide("approve", CLERK, id=id, channel="bulk")) for id in ("p1", "p2", "p3")]
    assert results == [Decided, NotThisPerson, Decided]


async def test_two_people_at_once_by_session_and_by_link_give_one_verdict(real: World):
    await real.propose()
    link = await linked(real, MEHMET)
    digest = (await real.action()).digest
    results = await asyncio.gather(
        real.decide("reject", AYSE, digest=digest, channel="web"), by_link(real, link), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in results) == ["AlreadyDecided", "Decided"]
    [loser] = [each for each in results if isinstance(each, AlreadyDecided)]
    assert loser.by in ("ayse", "mehmet")
    assert len(await real.journal("verdict")) == 1
    await real.dispatcher().run()
    assert len(real.mail.written) == ((await real.state()) == "sent")


# --- links -------------------------------------------------------------------------------------------------------


async def test_a_link_of_before_a_delegation_is_still_its_owners_word_and_counts_once(real: World):
    await real.propose()
    link = await linked(real)
    await real.decide("delegate", AYSE, to="mehmet")
    assert isinstance(await by_link(real, link), Decided)
    told = await real.decide("approve", MEHMET)
    assert isinstance(told, AlreadyDecided)
    assert told.by == "ayse"


async def test_a_link_of_somebody_who_lost_their_right_meanwhile_decides_nothing(real: World):
    await real.propose()
    link = await linked(real)
    people = PEOPLE | {"ayse": msgspec.structs.replace(AYSE, rulesets=SALES.rulesets)}
    links = Links(real.inbox, people, real.store)
    async with real.store.transaction() as tx:
        assert isinstance(await links.decide(tx, link.token, "approve", real.clock.now()), NotThisPerson)
    del people["ayse"]
    async with real.store.transaction() as tx:
        assert isinstance(await links.decide(tx, link.token, "approve", real.clock.now()), NotThisPerson)
    assert await real.state() == "pending"


async def test_edited_then_moved_then_approved_by_a_link_of_each_version(real: World):
    """Only the newest link counts; each older one is told what is different since it was shown."""
    await real.propose(inputs={"to": "info@acme.example", "amount": 100})
    first = await linked(real)
    await real.decide("edit", MEHMET, edit={"text": "Dear Acme, kindly pay."})
    second = await linked(real)
    assert isinstance(await by_link(real, first), StaleDigest)
    assert isinstance(await by_link(real, second), Decided)
    checks: list[Checked] = [Moved("the balance changed", inputs={"to": "info@acme.example", "amount": 40})]

    async def moved(_action):
        return checks[0]

    real.check = moved
    await real.dispatcher().run()
    action = await real.action()
    assert (action.state, action.payload["text"], action.payload["amount"]) == ("pending", "Dear Acme, kindly pay.", 40)
    [ways] = [body["moved"] for body in await real.journal("action") if "moved" in body]
    assert ways == [{"key": "amount", "proposed": 100, "approved": 100, "current": 40}]
    third = await linked(real)
    for old in (first, second):
        assert isinstance(await by_link(real, old), NotThisPerson)
    assert isinstance(await by_link(real, third), Decided)
    await real.dispatcher().run()
    assert [payload["amount"] for _, payload in real.mail.written] == [40]


# --- when --------------------------------------------------------------------------------------------------------


async def test_what_is_put_off_expires_when_it_would_have(real: World):
    await real.propose()
    expires = (await real.action()).expires_at
    assert expires is not None
    beyond = await real.decide("snooze", to=(expires - real.clock.now() + timedelta(hours=1)).__str__())
    assert isinstance(beyond, BadVerdict)
    assert isinstance(await real.decide("snooze", to=(expires - timedelta(minutes=1)).isoformat()), Decided)
    real.clock.time = expires
    late = await real.decide("approve")
    assert isinstance(late, AlreadyDecided)
    assert await real.state() == "expired"


async def test_what_is_put_off_may_be_decided_before_and_is_sent_at_once(real: World):
    await real.propose()
    await real.decide("snooze", to="P2D")
    assert isinstance(await real.decide("approve", MEHMET), Decided)
    await real.dispatcher().run()
    assert await real.state() == "sent"


@pytest.mark.parametrize(
    ("start", "zone"),
    [
        ("2026-01-05T23:30:00+03:00", ISTANBUL),
        ("2026-03-29T01:30:00+01:00", BERLIN),
        ("2026-10-25T02:30:00+02:00", BERLIN),
    ],
    ids=["midnight", "an hour lost", "an hour twice"],
)
async def test_a_cap_counts_hours_that_pass_whatever_the_clock_on_the_wall_says(real: World, start, zone):
    """Several workers over midnight, and over the night on which clocks change."""
    real.policies = {**POLICIES, "few": Policy(name="few", approval="never", caps=Caps(per_hour=3))}
    world = World(real.store, real.clock, crm=real.crm, policies=real.policies)
    world.clock.time = datetime.fromisoformat(start).astimezone(UTC)
    for number in range(9):
        await world.propose(f"p{number}", policy="few", at=world.clock.now(), **task())
    begun: list[datetime] = []
    for _ in range(16):
        before = len(world.crm.written)
        await asyncio.gather(*(world.dispatcher(f"w{number}").run() for number in range(4)))
        begun += [world.clock.now()] * (len(world.crm.written) - before)
        world.clock.advance(minutes=15)
    assert len(begun) == 9, f"from {start} in {zone}"
    for moment in begun:
        assert sum(moment <= each < moment + timedelta(hours=1) for each in begun) <= 3


async def test_a_cap_of_days_is_so_many_times_24_hours(real: World):
    policies = {
        **POLICIES,
        "once": Policy(name="once", approval="never", caps=Caps(per_customer=Count(1, timedelta(days=1)))),
    }
    world = World(real.store, real.clock, crm=real.crm, policies=policies)
    world.clock.time = datetime.fromisoformat("2026-03-28T12:00:00+01:00").astimezone(UTC)
    for id in ("p1", "p2"):
        await world.propose(id, policy="once", key=decision().key, at=world.clock.now(), **task())
    await world.dispatcher().run()
    world.clock.advance(hours=23, minutes=59)  # 12:59 on the wall of the next day
    await world.dispatcher().run()
    assert len(world.crm.written) == 1
    world.clock.advance(minutes=2)
    await world.dispatcher().run()
    assert len(world.crm.written) == 2


# --- while it is sent --------------------------------------------------------------------------------------------


async def test_an_undo_after_the_claim_comes_too_late_and_says_who_decided(real: World):
    await real.propose(policy="undo")
    await real.decide("approve", MEHMET)
    real.clock.advance(minutes=2)
    perform, answers = real.mail.perform, []

    async def and_undo(operation, payload, key):
        answers.append(await undo(real))
        return await perform(operation, payload, key)

    real.mail.perform = and_undo  # type: ignore[method-assign]
    await real.dispatcher().run()
    [answer] = answers
    assert isinstance(answer, AlreadyDecided)
    assert (answer.by, answer.action.state) == ("mehmet", "sending")
    assert await real.state() == "sent"
    assert isinstance(await undo(real), AlreadyDecided)


async def test_the_switch_pulled_after_a_claim_stops_what_was_not_begun_and_nothing_is_lost(real: World):
    """What was claimed before is out; its receipt is kept. Nothing that comes after it starts."""
    for number in range(5):
        await real.propose(f"p{number}", policy="tasks", **task())
    perform = real.crm.perform

    async def and_pull(operation, payload, key):
        async with real.store.transaction() as tx:
            await tx.set_switch("all", True, "stop", "ada")
        return await perform(operation, payload, key)

    real.crm.perform = and_pull  # type: ignore[method-assign]
    real.settings = msgspec.structs.replace(real.settings, parallel=1)
    await real.dispatcher().run()
    states = [await real.state(f"p{number}") for number in range(5)]
    assert sorted(states) == ["scheduled"] * 4 + ["sent"]
    assert len(real.crm.written) == 1


@pytest.mark.parametrize("there", [True, False], ids=["found later", "really absent"])
async def test_a_person_says_not_done_and_the_target_is_asked_once_more_before_it_is_sent_again(real: World, there):
    real.crm = Target("crm", TASK)
    await real.propose(policy="tasks", **task())
    real.crm.answers, real.crm.down = [Receipt(result="uncertain")], True
    await real.dispatcher().run()
    assert await real.state() == "unknown"
    assert isinstance(await settle(real, "missed", "I do not see it"), Decided)
    real.crm.down = False
    if there:
        real.crm.written.append(("p1", {}))  # it was on its way all the time
    await real.dispatcher().run()
    assert await real.state() == "sent"
    assert len(real.crm.written) == 1
    assert ("sending" in [each.state for each in (await real.action()).history[-2:]]) is not there


async def test_a_person_says_not_done_and_a_target_that_cannot_be_asked_does_not_stop_it(real: World):
    real.crm = Target("crm", TASK)
    await real.propose(policy="tasks", **task())
    real.crm.answers, real.crm.down = [Receipt(result="uncertain")], True
    await real.dispatcher().run()
    await settle(real, "missed", "I called them")
    await real.dispatcher().run()
    assert await real.state() == "sent"


async def test_a_dead_letter_is_handed_over_and_the_other_sends_it_or_drops_it(real: World):
    await real.propose()
    await real.decide("approve")
    real.mail.answers = [Receipt(result="rejected", detail="no such mailbox")]
    await real.dispatcher().run()
    async with real.store.transaction() as tx:
        wrong = await real.aftercare.hand_over(tx, "p1", AYSE, real.clock.now(), SALES)
        assert isinstance(wrong, NotThisPerson)
        given = await real.aftercare.hand_over(tx, "p1", AYSE, real.clock.now(), MEHMET)
        assert isinstance(given, Decided)
    async with real.store.transaction() as tx:
        assert isinstance(await real.aftercare.retry(tx, "p1", MEHMET, real.clock.now()), Decided)
    await real.dispatcher().run()
    assert await real.state() == "sent"
    async with real.store.transaction() as tx:
        assert isinstance(await real.aftercare.drop(tx, "p1", AYSE, real.clock.now()), AlreadyDecided)


# --- our own write comes back ------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["ok", "uncertain"])
@pytest.mark.parametrize("by", ["record", "key"])
async def test_our_own_write_that_comes_back_before_the_answer_is_known(real: World, answer, by):
    """A webhook overtakes the answer, or comes in its place; what is heard after that is news."""
    real.crm = Target("crm", msgspec.structs.replace(UPSERT, record="assignee"))
    await real.propose(policy="tasks", operation="crm.upsert", inputs={"assignee": "C7"})
    key, data = ("C7", {}) if by == "record" else ("crm-p1", {"external": "p1"})
    heard = []

    async def overtaken(_operation, _payload, _key):
        heard.append(await echoed(real, "C8"))
        heard.append(await echoed(real, key, **data))
        heard.append(await echoed(real, key, **data))
        return Receipt(result=answer, reference=key if answer == "ok" else "")

    real.crm.perform = overtaken  # type: ignore[method-assign]
    await real.dispatcher().run()
    assert heard == ["", "p1", ""]
    assert await echoed(real, key, **data) == "", "the receipt that came after it awaits nothing"


async def test_the_echo_of_what_is_unknown_is_known(real: World):
    await real.propose(policy="tasks", **task())
    real.crm.answers = [Receipt(result="uncertain")]
    await real.dispatcher().run()
    assert await echoed(real, "crm-p1") == "", "nothing tells whose it is"
    assert await echoed(real, "crm-p1", external="p1") == "p1"
