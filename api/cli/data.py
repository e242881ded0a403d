"""sync and quarantine: what comes in, and what waits because it could not be used."""

from collections.abc import Sequence

import click

from api.cli.shell import FAULTS, GOOD, UNDONE, Shell, leave, shelled
from api.received import SourceStatus
from engine.source.counted import counted


@click.command()
@click.argument("source", required=False, default="")
@click.option("--status", is_flag=True, help="Read nothing; tell how far each source has told, and its lag.")
@shelled
async def sync(shell: Shell, source: str, *, status: bool) -> None:
    """Read one source system, or all in order, from where the last sync ended.

    Example: opslayer --home acme sync erp
    """
    async with shell.layer() as layer:
        known = {each.name for each in await layer.sources()}
        if source and source not in known:
            raise click.UsageError(f"There is no source {source!r}; there are {', '.join(sorted(known))}.")
        if status:
            _status(shell, [each for each in await layer.sources() if source in {"", each.name}])
        results = await layer.sync(source)
    for each in results:
        shell.say(f"{each.source}: {counted(each.records, 'record')}, {each.rejected} into quarantine")
        if each.problem:
            shell.say(f"  {each.problem}")
    shell.give(results)
    if any(each.problem for each in results):
        leave(UNDONE)
    leave(FAULTS if any(each.rejected for each in results) else GOOD)


def _status(shell: Shell, found: Sequence[SourceStatus]) -> None:
    rows = [
        (
            each.name,
            each.state,
            each.fresh_at.isoformat(" ", "seconds") if each.fresh_at else "-",
            *(str(span).partition(".")[0] if span is not None else "-" for span in (each.lag, each.limit, each.every)),
            each.detail,
        )
        for each in found
    ]
    shell.table(rows, ("SOURCE", "STATE", "TOLD ALL UNTIL", "LAG", "STALE AFTER", "READ EVERY", ""))
    shell.give(found)
    leave(FAULTS if any(each.state in {"stale", "down"} for each in found) else GOOD)


@click.group()
def quarantine() -> None:
    """List, retry or drop what came in and could not be used.

    Example: opslayer quarantine list
    """


@quarantine.command("list")
@shelled
async def list_waiting(shell: Shell) -> None:
    """List what waits, oldest first.

    Example: opslayer quarantine list
    """
    async with shell.layer() as layer:
        items = await layer.quarantine()
    rows = [(each.id, f"{each.source}/{each.stream}/{each.key}", each.times, each.problem.message) for each in items]
    shell.table(rows, ("ID", "RECORD", "TIMES", "PROBLEM"))
    shell.give(items)


@quarantine.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every record that waits.")
@shelled
async def retry(shell: Shell, ids: tuple[str, ...], *, everything: bool) -> None:
    """Try quarantined records again, e.g. after a mapping was corrected.

    Example: opslayer quarantine retry --all
    """
    if everything == bool(ids):
        raise click.UsageError("Name one or more IDs, or say --all.")
    results = {}
    async with shell.layer() as layer:
        for id in [each.id for each in await layer.quarantine()] if everything else ids:
            result = await layer.retry(id, shell.actor(layer))
            if result is None:
                raise click.UsageError(f"Nothing waits under {id!r}.")
            results[id] = result
            shell.say(f"{id}: {result.status}{f' ({result.problem.message})' if result.problem else ''}")
    shell.give(results)
    leave(FAULTS if any(each.status == "rejected" for each in results.values()) else GOOD)


@quarantine.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--reason", default="", help="Why, for the journal.")
@shelled
async def drop(shell: Shell, ids: tuple[str, ...], reason: str) -> None:
    """Give quarantined records up; the journal keeps that they were dropped, by whom and why.

    Example: opslayer quarantine drop q-17 --reason "test record"
    """
    async with shell.layer() as layer:
        for id in ids:
            if not await layer.drop(id, shell.actor(layer), reason):
                raise click.UsageError(f"Nothing waits under {id!r}.")
            shell.say(f"{id}: dropped")
    shell.give({"dropped": ids})
