"""Scenario 14 through the real layer: yesterday's database is put back, the peers kept what they were sent since."""

import shutil
from pathlib import Path

from tests.approvals.layer.company import Company


async def backed_up(company: Company, to: Path) -> None:
    """Leave one task and one letter approved and unsent, and copy the database as it is."""
    async with company.open():
        await company.tell("C1", status="late")
        await company.tell("C2", status="due")
        await company.decide(await company.only("due"), "approve")
    shutil.copytree(company.home / ".opslayer", to, ignore=shutil.ignore_patterns("anchor.log"))


async def test_14_after_yesterdays_backup_nothing_already_done_is_done_again(closed: Company, tmp_path: Path):
    backup = tmp_path / "backup"
    await backed_up(closed, backup)
    async with closed.open() as layer:
        await closed.rest()
        await closed.tell("C3", status="late")
        await closed.rest()
        assert {action.state for action in await layer.actions()} == {"sent"}
        assert (await layer.ready()).reasons == ()
    assert (len(closed.crm.records), len(closed.box.mails)) == (2, 1)

    for file in (closed.home / ".opslayer").glob("opslayer.db*"):
        file.unlink()
    shutil.copytree(backup, closed.home / ".opslayer", dirs_exist_ok=True)
    closed.advance(days=1)
    async with closed.open() as layer:
        await closed.tell("C3", status="late")  # the ERP tells again what the database has forgotten
        await closed.tell("C4", status="late")
        for _ in range(3):
            await closed.rest()
            closed.advance(minutes=5)
        ready = await layer.ready()
        assert ready.ready
        assert "a backup was restored" in ready.reasons[0]
        states = {action.key.subject: action.state for action in await layer.actions()}
        entries = await layer.parts.store.entries(subject="system:dispatch")
        assert [entry.body["dispatch"] for entry in entries if entry.body] == ["careful"]
    assert states == {
        "customer:C1": "sent",
        "customer:C2": "unknown",
        "customer:C3": "sent",
        "customer:C4": "sent",
    }
    titles = sorted(record["body"]["title"] for record in closed.crm.records)
    assert titles == ["Call Acme C1", "Call Acme C3", "Call Acme C4"]
    assert len(closed.box.mails) == 1


async def test_an_orderly_restart_is_not_careful(closed: Company):
    for _ in range(3):
        async with closed.open() as layer:
            await closed.tell("C1", status="late")
            await closed.rest()
            assert (await layer.ready()).reasons == ()
