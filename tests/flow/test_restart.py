"""A session made from the journal is the one that was live, whatever came in; the rules may change in between."""

import asyncio
from datetime import UTC, date, datetime

import msgspec
import pytest

from approvals.results import Decided
from engine.events import Merge, Split
from engine.inference.clock import HeldClock
from engine.replay import History
from engine.store import StoreUnavailable

START = datetime.fromisoformat("2026-03-02T09:00:00+03:00")


async def rebuilt(company, every=1_000_000):
    """Return the session as another process would make it."""
    clock = HeldClock(company.clock.now())
    return await History(company.layer.parts.store, company.session.rulebook, every=every).rebuild(clock)


def written(content):
    """Return a snapshot's parts as text, so that a failing test shows what differs."""
    memory = msgspec.msgpack.decode(content)
    return msgspec.yaml.encode(memory).decode().splitlines()


async def told(company):
    await company.customer("C1")


async def proposed(company):
    await company.customer("C1")
    await company.invoice("I1", "C1")


async def worded(company):
    await proposed(company)
    assert (await company.action()).state == "pending"


async def edited(company):
    await proposed(company)
    action = await company.action()
    assert (await company.say("edit", action, edit={"subject": "Kindly"})).action.version == 2


async def approved(company):
    await proposed(company)
    assert (await company.say("approve", await company.action())).action.state == "scheduled"


async def rejected(company):
    await proposed(company)
    assert isinstance(await company.say("reject", await company.action(), reason="spoke to them"), Decided)


async def snoozed(company):
    await proposed(company)
    assert isinstance(await company.say("snooze", await company.action(), to="PT4H"), Decided)


async def sent(company):
    await approved(company)
    await company.wait(minutes=3)
    assert (await company.action()).state == "sent"


async def expired(company):
    await proposed(company)
    await company.action()
    await company.wait(days=8)
    assert (await company.action()).state == "expired"


async def due_by_time_alone(company):
    await company.customer("C1")
    await company.invoice("I1", "C1", due="2026-02-27")
    await company.wait(days=5)
    assert await company.entries("tick")
    assert (await company.action()).state == "pending"


async def withdrawn(company):
    await proposed(company)
    await company.action()
    await company.invoice("I1", "C1", paid="2026-03-02")
    assert (await company.action()).state == "withdrawn"


async def approved_then_withdrawn(company):
    await approved(company)
    await company.invoice("I1", "C1", paid="2026-03-02")
    assert (await company.action()).state == "withdrawn"


async def armed_again(company):
    await withdrawn(company)
    await company.wait(days=3)
    await company.invoice("I1", "C1")
    assert (await company.action()).state == "pending"


async def deleted(company):
    await proposed(company)
    await company.action()
    await company.tell("invoices", "I1", deleted=True)
    assert (await company.action()).state == "withdrawn"


async def corrected(company):
    await company.customer("C1")
    await company.customer("C1", name="Another", email="new@x.example")


async def dangling(company):
    await company.invoice("I1", "C1")


async def resolved(company):
    await company.invoice("I1", "C1")
    await company.customer("C1")
    assert (await company.action()).key.subject == "customer:C1"


async def synced(company):
    await company.layer.sync("ledger")
    assert await company.entries("watermark")


async def merged(company):
    for id in ("C1", "C2"):
        await company.customer(id)
        await company.invoice(f"I-{id}", id)
    await company.action()
    await company.layer.parts.pipeline.join(Merge("customer", "C1", "C2"))


async def split(company):
    await merged(company)
    await company.layer.parts.pipeline.join(Split("customer", "C1", "C2", ("ledger/customers/C2",)))


async def quarantined(company):
    assert (await company.invoice("I1", "C1", due="soon")).status == "rejected"


STORIES = (
    told, proposed, worded, edited, approved, rejected, snoozed, sent, expired, due_by_time_alone, withdrawn,
    approved_then_withdrawn, armed_again, deleted, corrected, dangling, resolved, synced, merged, split, quarantined,
)  # fmt: skip


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_the_session_from_the_journal_is_the_live_one(postoffice, opened, story):
    async with opened() as company:
        await story(company)
        live = company.session.snapshot()
        assert written((await rebuilt(company)).snapshot()) == written(live)
        actions = {action.id: action.state for action in await company.layer.actions()}
    async with opened() as again:
        assert written(again.session.snapshot()) == written(live)
        assert {action.id: action.state for action in await again.layer.actions()} == actions
        assert not (await again.layer.verify()).problems


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_the_session_from_a_snapshot_is_the_one_from_the_whole_journal(postoffice, opened, story):
    async with opened() as company:
        company.layer.parts.pipeline._past._every = 1
        await story(company)
        kept = await company.layer.parts.store.latest_snapshot()
        assert kept is not None
        assert kept.seq > 0
        live = company.session.snapshot()
        assert written((await rebuilt(company)).snapshot()) == written(live)
    async with opened() as again:
        assert written(again.session.snapshot()) == written(live)


async def test_the_day_of_a_moment_is_the_companys_after_a_restart_too(postoffice, opened):
    """Half past midnight in Istanbul is the day before in UTC, in which the journal keeps its times."""
    when = "date(max(actions.sent_at))"
    async with opened(START.replace(hour=0, minute=30).astimezone(UTC)) as company:
        await sent(company)
        live = company.session.value("customer:C1", when)
        assert live == date(2026, 3, 2)
    async with opened() as again:
        assert again.session.value("customer:C1", when) == live


async def test_a_restart_reads_only_what_came_after_the_snapshot(opened, monkeypatch):
    async with opened() as company:
        company.layer.parts.pipeline._past._every = 50
        for number in range(60):
            await company.customer(f"C{number}")
        kept = await company.layer.parts.store.latest_snapshot()
    seen = []
    apply = History._again
    monkeypatch.setattr(History, "_again", lambda self, *given: seen.append(given[-1].seq) or apply(self, *given))
    async with opened():
        assert min(seen) == kept.seq + 1


async def test_a_snapshot_of_no_known_form_is_left_aside(opened):
    async with opened() as company:
        await proposed(company)
        live = company.session.snapshot()
        async with company.layer.parts.pipeline.transaction() as tx:
            await tx.save_snapshot(await tx.head(), b"\xc1 something else")
    async with opened() as again:
        assert written(again.session.snapshot()) == written(live)


# --- failing commits ----------------------------------------------------------------------------------------------


@pytest.fixture
def full_disk(company):
    """Let the database grow no further, and again."""
    store = company.layer.parts.store

    async def pragma(words):
        def work(connection):
            cursor = connection.connection.cursor()
            row = cursor.execute(f"PRAGMA {words}").fetchone()
            cursor.close()
            return row and row[0]

        return await store._wire.do(work)

    async def fill():
        await pragma(f"max_page_count = {await pragma('page_count')}")

    async def empty():
        await pragma("max_page_count = 1073741823")

    return fill, empty


async def test_what_failed_to_commit_is_neither_remembered_nor_lost(company, full_disk):
    fill, empty = full_disk
    await company.customer("C1")
    await fill()
    with pytest.raises(StoreUnavailable):
        await company.invoice("I1", "C1" + "x" * 2_000_000)
    await empty()
    assert (await company.invoice("I1", "C1")).status == "accepted"
    assert [each.key.subject for each in await company.layer.decisions()] == ["customer:C1"]
    assert written((await rebuilt(company)).snapshot()) == written(company.session.snapshot())


async def test_nothing_runs_on_a_session_that_is_ahead_of_the_journal(company, full_disk):
    """Many at once share a commit; when it fails, the next to come must not see what was lost."""
    fill, empty = full_disk
    await company.customer("C1")
    await fill()
    lost = [company.invoice(f"I{n}", "C1" + "x" * 100_000) for n in range(20)]
    results = await asyncio.gather(*lost, return_exceptions=True)
    assert {type(each) for each in results} == {StoreUnavailable}
    await empty()
    await asyncio.gather(*(company.invoice(f"J{n}", "C1", due="2026-03-01") for n in range(5)))
    assert not await company.layer.actions()
    assert sorted(company.session.state.entities["invoice"]) == [f"J{n}" for n in range(5)]
    assert written((await rebuilt(company)).snapshot()) == written(company.session.snapshot())


async def test_one_that_fails_takes_nothing_from_those_beside_it(company):
    class Broken(Exception):
        """What this test raises."""

    async def failing():
        async with company.layer.parts.pipeline.transaction() as tx:
            await tx.set_setting("x", "y")
            raise Broken

    jobs = [failing() if n % 3 == 1 else company.customer(f"C{n}") for n in range(30)]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert sum(isinstance(each, Broken) for each in results) == 10
    told = sorted(f"C{n}" for n in range(30) if n % 3 != 1)
    assert sorted(company.session.state.entities["customer"]) == told
    assert written((await rebuilt(company)).snapshot()) == written(company.session.snapshot())


async def test_what_another_process_wrote_is_taken_in(opened):
    async with opened() as first, opened() as second:
        await first.customer("C1")
        await second.invoice("I1", "C1")
        assert (await second.action()).key.subject == "customer:C1"
        await first.invoice("I1", "C1", paid="2026-03-02")
        assert (await second.action()).state == "withdrawn"
        await second.customer("C2")
        assert written(second.session.snapshot()) == written((await rebuilt(second)).snapshot())
