"""The home changes while nobody runs: what had fired does not fire again, and each stretch keeps its own rules."""

import pytest

from engine.inference.clock import HeldClock
from engine.replay import History
from engine.source.folder import Memory
from engine.source.problem import ConfigError

WEEK = 'duration("P7D")'


@pytest.fixture
def home(home):
    (home / "rules/reminders/examples.yaml").unlink()
    for file in (home / "data").glob("*.csv"):
        file.write_text(file.read_text().partition("\n")[0] + "\n")
    return home


@pytest.fixture
def change(home):
    file = home / "rules/reminders/ruleset.yaml"

    def replace(*pairs):
        text = file.read_text()
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        file.write_text(text)

    return replace


async def overdue(company, days=10):
    await company.customer("C1")
    await company.invoice("I1", "C1", due=f"2026-02-{30 - days}")
    return await company.layer.decisions()


async def decided(company):
    return [(each.kind, each.key.rule) for each in reversed(await company.layer.decisions())]


async def again(opened):
    """Start once more and return what is decided and where it leads."""
    async with opened() as company:
        history = History(company.layer.parts.store, company.session.rulebook)
        rebuilt = await history.rebuild(HeldClock(company.clock.now()))
        assert rebuilt.snapshot() == company.session.snapshot()
        return await decided(company), [each.state for each in await company.layer.actions()]


async def test_starting_again_under_the_same_rules_changes_nothing(opened):
    async with opened() as company:
        await overdue(company)
        await company.action()
    for _ in range(2):
        async with opened() as company:
            assert len(await company.entries("bundle")) == len(await company.entries("coverage")) == 1
    assert await again(opened) == ([("propose", "late")], ["pending"])


async def test_what_was_true_and_still_is_does_not_fire(opened, change):
    async with opened() as company:
        await overdue(company)
        await company.action()
    change((WEEK, 'duration("P5D")'))
    assert await again(opened) == ([("propose", "late")], ["pending"])
    async with opened() as company:
        assert len(await company.entries("bundle")) == 2


async def test_what_is_true_no_more_is_withdrawn_when_the_rules_change(opened, change):
    async with opened() as company:
        await overdue(company)
        await company.action()
    change((WEEK, 'duration("P30D")'))
    async with opened() as company:
        withdrawal = (await company.layer.decisions())[0]
        assert (withdrawal.kind, withdrawal.revision) == ("withdraw", company.layer.parts.home.revision)
        last = (await company.layer.actions())[0].history[-1]
        assert (last.state, "no longer true" in last.reason) == ("withdrawn", True)
    assert await again(opened) == ([("propose", "late"), ("withdraw", "late")], ["withdrawn"])


@pytest.mark.parametrize(("existing", "found"), [("seed", []), ("propose", [("propose", "late")])])
async def test_what_the_change_makes_true_follows_existing(opened, change, existing, found):
    change(("existing: propose", f"existing: {existing}"))
    async with opened() as company:
        assert not await overdue(company, days=5)
    change((WEEK, 'duration("P3D")'))
    assert (await again(opened))[0] == found
    assert (await again(opened))[0] == found


async def test_what_becomes_true_by_time_under_the_new_rules_fires_as_ever(opened, change):
    change(("existing: propose", "existing: seed"))
    async with opened() as company:
        await overdue(company, days=5)
        later = company.clock.now().replace(day=8)
    change((WEEK, 'duration("P8D")'))
    async with opened(later) as company:
        await company.layer.sync("ledger")  # nothing was paid meanwhile, says the ledger
        assert await decided(company) == [("propose", "late")]


async def test_a_renamed_rule_goes_on_where_the_old_one_was(opened, change):
    async with opened() as company:
        await overdue(company)
        await company.action()
    change(("- id: late", "- id: overdue\n    was: late"))
    assert await again(opened) == ([("propose", "late")], ["pending"])
    async with opened() as company:
        await company.invoice("I1", "C1", paid="2026-03-02")
        assert (await company.action()).state == "withdrawn"


async def test_a_rule_that_is_gone_takes_its_proposals_with_it(opened, change):
    async with opened() as company:
        await overdue(company)
        await company.action()
    change(("- id: late", "- id: other"), ("oldest_due != null", "oldest_due = null"))
    assert await again(opened) == ([("propose", "late"), ("withdraw", "late")], ["withdrawn"])


async def test_an_approval_does_not_survive_the_rule_that_asked_for_it(postoffice, opened, change):
    async with opened() as company:
        await overdue(company)
        assert (await company.say("approve", await company.action())).action.state == "scheduled"
    change((WEEK, 'duration("P30D")'))
    async with opened() as company:
        await company.wait(hours=1)
        assert (await company.action()).state == "withdrawn"
    assert not list(postoffice.customers.files())


async def test_former_rules_run_their_own_stretch_and_back_again(opened, change):
    async with opened() as company:
        await overdue(company, days=5)
    change((WEEK, 'duration("P3D")'))
    async with opened() as company:
        await company.customer("C2")
        await company.invoice("I2", "C2", due="2026-02-25")
        assert await decided(company) == [("propose", "late")] * 2
    change(('duration("P3D")', WEEK))
    found, states = await again(opened)
    assert found == [("propose", "late")] * 2 + [("withdraw", "late")] * 2
    assert states == ["withdrawn"] * 2


async def test_a_snapshot_is_read_under_the_rules_it_was_kept_under(opened, change):
    async with opened() as company:
        company.layer.parts.pipeline._past._every = 1
        await overdue(company)
        kept = await company.layer.parts.store.latest_snapshot()
    change((WEEK, 'duration("P30D")'))
    async with opened() as company:
        assert await decided(company) == [("propose", "late"), ("withdraw", "late")]
        history = History(company.layer.parts.store, company.session.rulebook)
        assert (await history._restored(kept, HeldClock(company.clock.now()))).snapshot() == kept.content


async def test_a_running_process_follows_rules_that_another_one_brings(opened, change):
    async with opened() as first:
        await overdue(first)
        change((WEEK, 'duration("P30D")'))
        async with opened() as second:
            assert await decided(second) == [("propose", "late"), ("withdraw", "late")]
        await first.customer("C2")
        assert first.session.rulebook.settings.revision == second.layer.parts.home.revision
        assert await decided(first) == [("propose", "late"), ("withdraw", "late")]


async def test_former_rules_that_cannot_be_read_are_named_with_their_date(opened, change, monkeypatch):
    async with opened() as company:
        await overdue(company)
    change((WEEK, 'duration("P8D")'))
    broken = Memory({"config/app.yaml": "format: 99"})
    monkeypatch.setattr("engine.replay.Memory", lambda _: broken)
    with pytest.raises(ConfigError, match="since 2026-03-02 cannot be read by this version"):
        async with opened():
            pass
