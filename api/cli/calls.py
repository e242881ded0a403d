"""calls: what was asked of language models and what they said, listed, shown, and taken again without any of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from api.cli.shell import FAULTS, GOOD, Shell, leave, shelled
from engine.source.counted import counted

if TYPE_CHECKING:
    from approvals.models.recorded import Recorded, Replayed
    from engine.ports import Database

_ABOUT = click.option("--about", default="", help="A subject, such as action:ID or customer:C1.")
_STEP = click.option("--step", default="", help="One step alone: draft, read or judge.")


@click.group()
def calls() -> None:
    """List, show and replay the calls of language models that the journal holds.

    Example: opslayer calls replay --step draft
    """


@calls.command("list")
@_ABOUT
@_STEP
@click.option("--limit", default=50, show_default=True, help="The newest so many.")
@shelled
async def list_(shell: Shell, about: str, step: str, limit: int) -> None:
    """List calls, newest first: model, tokens, cost, time, and how they ended.

    Example: opslayer calls list --about action:5d1f0c
    """
    from approvals.models.recorded import calls as of

    async with _journal(shell) as journal:
        found = [each async for each in of(journal, about=about, step=step)][::-1][:limit]
    rows = [
        (each.seq, f"{each.at:%Y-%m-%d %H:%M}", each.step, each.model or each.provider, each.result or "erased",
         f"{each.tokens_in}+{each.tokens_out}", each.cost, f"{each.latency_ms} ms")
        for each in found
    ]  # fmt: skip
    shell.table(rows, ("ENTRY", "AT", "STEP", "MODEL", "RESULT", "TOKENS", "COST", "TIME"))
    shell.give(found)
    leave(GOOD)


@calls.command()
@click.argument("entry", type=int)
@shelled
async def show(shell: Shell, entry: int) -> None:
    """Show one call by its entry of the journal: what was asked, what came back.

    Example: opslayer calls show 1042
    """
    async with _journal(shell) as journal:
        call = await _one(journal, entry)
    if call.ask:
        shell.say(f"{call.ask.instructions}\n\n{call.ask.question}\n")
    shell.say(f"{call.model or call.provider}, {call.result or 'erased'}: {call.answer or call.detail}")
    shell.give(call)
    leave(GOOD)


@calls.command()
@click.argument("entries", type=int, nargs=-1)
@_ABOUT
@_STEP
@shelled
async def replay(shell: Shell, entries: tuple[int, ...], about: str, step: str) -> None:
    """Answer recorded calls again from the journal, without any provider, and compare with what came of them then.

    Exit code 1 when one does not come out as it did.

    Example: opslayer calls replay --step draft
    """
    from approvals.models.recorded import calls as of
    from approvals.models.recorded import replayed

    async with _journal(shell) as journal:
        known = [await _one(journal, each) for each in entries]
        found = [replayed(each) for each in known] or [
            replayed(each) async for each in of(journal, about=about, step=step)
        ]
    _tell(shell, found)
    leave(FAULTS if any(not each.same for each in found) else GOOD)


def _tell(shell: Shell, found: "list[Replayed]") -> None:
    for each in found:
        if not each.same:
            shell.say(f"{each.call.seq}: {each.call.result} then, {each.now or 'unknown'} now: {each.why}")
    same = sum(each.same for each in found)
    shell.say(f"{counted(len(found), 'call')} taken again without a provider, {same} the same.")
    shell.give(found)


@asynccontextmanager
async def _journal(shell: Shell) -> "AsyncIterator[Database]":
    from api.bootstrap import open_journal
    from api.clock import SystemClock

    async with open_journal(shell.home, SystemClock()) as journal:
        if journal is None:
            raise click.UsageError("There is no journal yet: run `opslayer sync` or `opslayer serve` first.")
        yield journal


async def _one(journal: "Database", seq: int) -> "Recorded":
    from approvals.models.recorded import recorded

    for entry in await journal.entries(seq - 1, limit=1):
        if (entry.seq, entry.kind) == (seq, "llm"):
            return recorded(entry)
    raise click.UsageError(f"Entry {seq} of the journal is no call of a model.")
