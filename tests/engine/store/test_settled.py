"""Quarantine, keys, snapshots and settings."""

from datetime import timedelta

import msgspec

from engine.ports import Rejected
from engine.source.problem import Place, Problem

REJECTED = Rejected(
    source="erp", stream="invoices", key="17", raw="17;no date",
    problem=Problem("no-date", "no date at all", Place("invoices.csv", 17)),
)  # fmt: skip


def but(rejected, **changes):
    return msgspec.structs.replace(rejected, **changes)


async def quarantined(store, rejected, at):
    async with store.transaction() as tx:
        return await tx.quarantine(rejected, at)


async def test_the_same_record_with_the_same_fault_is_one_item(store, clock):
    one = await quarantined(store, REJECTED, clock.now())
    later = clock.now() + timedelta(hours=1)
    assert await quarantined(store, but(REJECTED, raw="17;none"), later) == one
    (item,) = await store.quarantine()
    assert (item.times, item.first_at, item.last_at, item.raw) == (2, clock.now(), later, "17;none")
    assert item.problem == REJECTED.problem
    other = but(REJECTED, problem=Problem("no-customer", "unknown customer"))
    assert await quarantined(store, other, later) != one


async def test_rows_without_a_key_are_told_apart_by_their_text(store, clock):
    ids = {await quarantined(store, but(REJECTED, key="", raw=raw), clock.now()) for raw in ("a", "b", "a")}
    assert len(ids) == 2


async def test_whatever_a_source_sent_can_be_kept(store, clock):
    await quarantined(store, but(REJECTED, key="\0", raw="\ud800 and \0"), clock.now())
    assert [each.raw for each in await store.quarantine()] == ["? and \u2400"]


async def test_a_dropped_item_stays_dropped_until_its_text_changes(store, clock):
    id = await quarantined(store, REJECTED, clock.now())
    async with store.transaction() as tx:
        assert await tx.set_quarantine(id, "dropped")
        assert not await tx.set_quarantine("unknown", "dropped")
    await quarantined(store, REJECTED, clock.now())
    assert await store.quarantine() == []
    assert [each.id for each in await store.quarantine(state="dropped", source="erp")] == [id]
    await quarantined(store, but(REJECTED, raw="17;2026-99-99"), clock.now())
    assert [each.id for each in await store.quarantine()] == [id]


async def test_a_retried_item_that_fails_again_waits_again(store, clock):
    id = await quarantined(store, REJECTED, clock.now())
    async with store.transaction() as tx:
        await tx.set_quarantine(id, "retried")
        assert (await tx.quarantined(id)).state == "retried"
        assert await tx.quarantined("unknown") is None
    await quarantined(store, REJECTED, clock.now())
    assert [each.state for each in await store.quarantine()] == ["waiting"]


async def test_a_key_opens_until_it_is_revoked_and_its_text_is_not_kept(store, clock, raw):
    async with store.transaction() as tx:
        key, text = await tx.create_key("bot", "operator", clock.now())
    assert await store.key(text) == key
    assert await store.key(text + "x") is None
    assert text not in str(await raw("SELECT * FROM api_keys"))
    async with store.transaction() as tx:
        assert await tx.revoke_key(key.id, clock.now())
        assert not await tx.revoke_key(key.id, clock.now())
    assert await store.key(text) is None
    assert [each.revoked_at for each in await store.keys()] == [clock.now()]


async def test_the_latest_snapshots_are_kept(store, raw):
    assert await store.latest_snapshot() is None
    for seq in (10, 20, 30, 40):
        async with store.transaction() as tx:
            await tx.save_snapshot(seq, b"state %d" % seq)
    latest = await store.latest_snapshot()
    assert (latest.seq, latest.content) == (40, b"state 40")
    assert [seq for (seq,) in await raw("SELECT seq FROM snapshots ORDER BY seq")] == [20, 30, 40]


async def test_a_setting_is_the_last_value(store):
    assert await store.setting("clock") is None
    for value in ("a", "b"):
        async with store.transaction() as tx:
            await tx.set_setting("clock", value)
            assert await tx.setting("clock") == value
    assert await store.setting("clock") == "b"
