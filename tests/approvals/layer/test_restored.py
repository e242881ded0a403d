"""Scenario 14 through the real layer: yesterday's database is put back, the peers kept what they were sent since."""

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.cli.root import opslayer
from api.cli.shell import run
from tests.approvals.layer.company import Company

Call = Callable[[Company, Path], Awaitable[None]]


async def command(company: Company, *arguments: str) -> Any:
    out = StringIO()
    with redirect_stdout(out):
        code = await asyncio.to_thread(run, opslayer, ["--home", str(company.home), "--json", *arguments])
    assert code == 0
    return json.loads(out.getvalue())


async def copied(company: Company, to: Path) -> None:
    """Copy the files of a closed layer, as an administrator's own backup would."""
    shutil.copytree(company.home / ".opslayer", to, ignore=shutil.ignore_patterns("anchor.log"))


async def put_back(company: Company, backup: Path) -> None:
    for file in (company.home / ".opslayer").glob("opslayer.db*"):
        file.unlink()
    shutil.copytree(backup, company.home / ".opslayer", dirs_exist_ok=True)


async def by_command(company: Company, to: Path) -> None:
    await command(company, "backup", str(to))


async def restored_by_command(company: Company, backup: Path) -> None:
    told = await command(company, "restore", str(backup), "--yes")
    assert told["ok"]
    assert len(told["result"]["aside"]) == (1 if "postgresql" in (company.home / "config/app.yaml").read_text() else 2)
    assert (await command(company, "verify"))["ok"]


async def unsent(company: Company) -> None:
    """Leave one task and one letter approved and unsent."""
    async with company.open():
        await company.tell("C1", status="late")
        await company.tell("C2", status="due")
        await company.decide(await company.only("due"), "approve")


async def at_the_target(company: Company, action: str) -> int:
    """Ask the CRM how often it has what an action wrote."""
    async with httpx.AsyncClient() as client:
        return len((await client.get(f"{company.crm.url}/tasks", params={"key": action})).json()["items"])


COPIED, COMMANDS = (copied, put_back), (by_command, restored_by_command)


@pytest.mark.parametrize(
    ("url", "back_up", "restore"),
    [("sqlite", *COPIED), ("sqlite", *COMMANDS), ("postgresql", *COMMANDS)],
    ids=["files", "commands", "commands-postgresql"],
    indirect=["url"],
)
async def test_14_after_yesterdays_backup_nothing_already_done_is_done_again(
    closed: Company, tmp_path: Path, url: str, back_up: Call, restore: Call
):
    if not url.startswith("sqlite"):
        settings = closed.home / "config/app.yaml"
        settings.write_text(f'{settings.read_text()}database: "{url}"\n')
    await unsent(closed)
    await back_up(closed, tmp_path / "backup")
    async with closed.open() as layer:
        await closed.rest()
        await closed.tell("C3", status="late")
        await closed.rest()
        done = {action.key.subject: action.id for action in await layer.actions()}
        assert {action.state for action in await layer.actions()} == {"sent"}
        assert (await layer.ready()).reasons == ()
    assert (len(closed.crm.records), len(closed.box.mails)) == (2, 1)

    await restore(closed, tmp_path / "backup")
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
    assert [await at_the_target(closed, done[f"customer:{id}"]) for id in ("C1", "C3")] == [1, 1]
    titles = sorted(record["body"]["title"] for record in closed.crm.records)
    assert titles == ["Call Acme C1", "Call Acme C3", "Call Acme C4"]
    assert len(closed.box.mails) == 1


async def test_an_orderly_restart_is_not_careful(closed: Company):
    for _ in range(3):
        async with closed.open() as layer:
            await closed.tell("C1", status="late")
            await closed.rest()
            assert (await layer.ready()).reasons == ()
