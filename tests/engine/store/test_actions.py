"""Actions: nobody overwrites what he has not seen, a lease is one worker's, caps see what began."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from engine.canonical import action_digest
from engine.events import ActionKey


async def put(store, action, version=None, state=None):
    async with store.transaction() as tx:
        return await tx.put_action(action, version, state)


def but(action, **changes):
    return msgspec.structs.replace(action, **changes)


def edited(action, **payload):
    digest = action_digest(action.id, action.operation, payload)
    return but(action, version=action.version + 1, payload=payload, digest=digest)


async def test_an_action_is_inserted_once(store, make):
    assert await put(store, make.action())
    assert not await put(store, make.action(state="approved"))
    assert await store.action("a1") == make.action()


async def test_it_is_replaced_only_when_version_and_state_are_as_expected(store, make):
    first = make.action()
    await put(store, first)
    assert not await put(store, but(first, state="approved"), 1, "proposed")
    assert not await put(store, but(first, state="approved"), 2, "pending")
    assert await put(store, but(first, state="approved"), 1, "pending")
    assert (await store.action("a1")).state == "approved"


async def test_a_payload_does_not_change_under_its_version(store, make):
    first = make.action()
    await put(store, first)
    assert not await put(store, but(edited(first, title="Other"), version=1), 1, "pending")
    assert await put(store, edited(first, title="Other"), 1, "pending")
    assert [each.payload["title"] for each in await store.action_versions("a1")] == ["Call", "Other"]


async def test_of_two_who_race_one_wins(store, make):
    await put(store, make.action())
    tries = (put(store, make.action(state=state), 1, "pending") for state in ("approved", "rejected"))
    assert sorted(await asyncio.gather(*tries)) == [False, True]


async def test_due_are_released_actions_whose_time_has_come_longest_first(store, make, clock):
    now = clock.now()
    late, soon, later = now - timedelta(hours=1), now, now + timedelta(seconds=1)
    for id, state, at in [
        ("a", "scheduled", soon), ("b", "approved", late), ("c", "scheduled", later), ("d", "pending", late),
        ("e", "sent", late),
    ]:  # fmt: skip
        await put(store, make.action(id, state=state, not_before=at))
    async with store.transaction() as tx:
        assert [each.id for each in await tx.due_actions(now, 10)] == ["b", "a"]
        assert [each.id for each in await tx.due_actions(now, 1)] == ["b"]


async def test_a_claimed_action_is_one_workers_until_its_lease_ends(store, make, clock):
    action = make.action(state="approved")
    await put(store, action)
    until = clock.now() + timedelta(minutes=5)

    async def claim(worker, action=action):
        async with store.transaction() as tx:
            return bool(await tx.claim(action, worker, until))

    assert sorted(await asyncio.gather(*(claim(f"w{number}") for number in range(5)))) == [False] * 4 + [True]
    held = await store.action("a1")
    assert (held.state, held.version, held.history[-1].state) == ("sending", 1, "sending")
    assert not await claim("other", held)
    clock.advance(minutes=5)
    async with store.transaction() as tx:
        assert [each.id for each in await tx.due_actions(clock.now(), 10)] == ["a1"]
        assert await tx.claim(held, "other", clock.now() + timedelta(minutes=5))
        assert await tx.due_actions(clock.now(), 10) == []


async def test_an_action_that_was_sent_is_not_due_again(store, make, clock):
    await put(store, make.action(state="approved"))
    async with store.transaction() as tx:
        assert await tx.claim(make.action(state="approved"), "w", clock.now())
        assert await tx.put_action(make.action(state="sent"), 1, "sending")
        assert await tx.due_actions(clock.now() + timedelta(days=9), 10) == []


async def test_caps_see_what_began_by_policy_and_recipient(store, make, clock):
    for id, policy, recipient in [("a", "mail", "x@y"), ("b", "mail", "z@y"), ("c", "task", "")]:
        action = make.action(id, state="approved", policy=policy, recipient=recipient)
        await put(store, action)
        async with store.transaction() as tx:
            await tx.claim(action, "w", clock.now())
        clock.advance(hours=1)

    async def started(hours, **filters):
        async with store.transaction() as tx:
            found = await tx.started(clock.now() - timedelta(hours=hours), **filters)
            return [each.id for each in found]

    assert await started(3) == ["a", "b", "c"]
    assert await started(2) == ["b", "c"]
    assert await started(3, policy="mail") == ["a", "b"]
    assert await started(3, policy="mail", recipient="z@y") == ["b"]


async def test_live_actions_are_found_by_proposal_subject_and_group(store, make):
    other = ActionKey("collections", "overdue", "follow_up", "customer:C2")
    await put(store, make.action("d1"))
    await put(store, make.action("d2", key=other, state="unknown"))
    await put(store, make.action("d3", state="withdrawn"))
    async with store.transaction() as tx:
        await tx.put_decision(make.decision("d1", group="g"), 1)
        await tx.put_decision(make.decision("d3", group="g"), 1)
        assert [each.id for each in await tx.live_actions()] == ["d1", "d2"]
        assert [each.id for each in await tx.live_actions(proposal="d2")] == ["d2"]
        assert [each.id for each in await tx.live_actions(subject="customer:C1")] == ["d1"]
        assert [each.id for each in await tx.live_actions(beside="d3")] == ["d1"]


async def test_lists_go_newest_first_and_on_behind_an_id(store, make):
    for number in range(7):
        state = "sent" if number % 2 else "pending"
        await put(store, make.action(f"a{number}", state=state))
        async with store.transaction() as tx:
            await tx.put_decision(make.decision(f"d{number}"), number)
            await tx.put_decision(make.decision(f"d{number}"), number)

    async def ids(of, **filters):
        return [each.id for each in await of(**filters)]

    assert await ids(store.actions, limit=3) == ["a6", "a5", "a4"]
    assert await ids(store.actions, after="a4", limit=3) == ["a3", "a2", "a1"]
    assert await ids(store.actions, state="sent") == ["a5", "a3", "a1"]
    assert await ids(store.actions, subject="customer:C2") == []
    assert await ids(store.decisions, ruleset="collections", rule="overdue", after="d5", limit=2) == ["d4", "d3"]
    assert await ids(store.decisions, rule="other") == []
    assert await store.decision("d3") == make.decision("d3")
    assert await store.decision("none") is None


async def test_decisions_of_several_rulesets_are_merged_newest_first_page_by_page(store, make):
    of = ("rare", "collections", "sales")
    async with store.transaction() as tx:
        for number in range(12):
            key = msgspec.structs.replace(make.decision().key, ruleset=of[number % 3], rule=f"r{number % 2}")
            await tx.put_decision(make.decision(f"d{number}", key=key), number)

    async def ids(*rulesets, **filters):
        return [each.id for each in await store.decisions(rulesets=frozenset(rulesets), **filters)]

    assert await ids("rare", "sales") == ["d11", "d9", "d8", "d6", "d5", "d3", "d2", "d0"]
    assert await ids("rare", "sales", limit=3) == ["d11", "d9", "d8"]
    assert await ids("rare", "sales", after="d8", limit=3) == ["d6", "d5", "d3"]
    assert await ids("rare", "sales", after="d10", rule="r0") == ["d8", "d6", "d2", "d0"]
    assert await ids("rare", "sales", ruleset="sales") == ["d11", "d8", "d5", "d2"]
    assert await ids("rare", ruleset="sales") == []
    assert await ids() == []


@pytest.mark.parametrize(
    "change",
    [
        """UPDATE actions SET document = replace(document, '"Call"', '"Pay"')""",
        "UPDATE actions SET state = 'approved'",
        "UPDATE actions SET digest = 'other'",
        "UPDATE action_versions SET digest = 'other'",
        "DELETE FROM action_versions",
        "UPDATE actions SET document = '{}'",
    ],
)
async def test_a_tampered_action_is_found(store, make, raw, change):
    await put(store, make.action())
    assert (await store.verify()).problems == ()
    await raw(change)
    assert [each.code for each in (await store.verify()).problems] == ["action-altered"]


async def test_an_action_replaced_with_its_digest_is_found_by_the_journal(store, make, raw):
    action = make.action()
    await put(store, action)
    async with store.transaction() as tx:
        await tx.append(make.entry(kind="action", body={"action": "a1", "digest": action.digest}))
    forged = edited(action, title="Pay")
    await raw(
        f"UPDATE actions SET digest = '{forged.digest}', "
        f"document = replace(replace(document, '\"Call\"', '\"Pay\"'), '{action.digest}', '{forged.digest}')",
        f"UPDATE action_versions SET digest = '{forged.digest}'",
    )
    (found,) = (await store.verify()).problems
    assert "the journal knows another digest" in found.message


async def test_late_are_undecided_actions_past_their_deadline_and_the_next_moment_is_known(store, make, clock):
    now, soon = clock.now(), clock.now() + timedelta(hours=1)
    for id, state, expires in [("a", "pending", now), ("b", "proposed", soon), ("c", "approved", now)]:
        await put(store, make.action(id, state=state, expires_at=expires, not_before=now + timedelta(hours=2)))
    async with store.transaction() as tx:
        assert [each.id for each in await tx.late_actions(now)] == ["a"]
    assert await store.next_due(now) == soon
    assert await store.next_due(soon) == now + timedelta(hours=2)
    assert await store.next_due(soon + timedelta(hours=9)) is None
