"""backup and restore."""

from pathlib import Path

import click

from api.cli.shell import FAULTS, GOOD, Shell, leave, shelled


def _fresh(_context: click.Context, _argument: click.Parameter, file: Path) -> Path:
    if file.exists():
        raise click.UsageError(f"{file} exists; a backup is never overwritten.")
    return file


@click.command()
@click.argument("file", type=click.Path(path_type=Path), callback=_fresh)
@shelled
async def backup(shell: Shell, file: Path) -> None:
    """Write the whole memory into one file, also while it is served; the secret key is kept elsewhere.

    Example: opslayer --home acme backup /backups/acme-2026-01-05.opslayer
    """
    from api.backups import back_up
    from api.clock import SystemClock

    made = await back_up(shell.home, file, SystemClock())
    shell.say(f"{file}: {made.database}, up to journal entry {made.head}, {made.size:,} bytes unpacked.")
    shell.say("It cannot be read without the secret key: keep that too, and elsewhere.")
    shell.give(made)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Replace what is there; without it, only tell what the file holds.")
@shelled
async def restore(shell: Shell, file: Path, *, yes: bool) -> None:
    """Put a backup in the place of the memory; stop `serve` and `worker` first.

    What was there is kept beside it. Nothing is sent from a restored memory before it was looked up at its target,
    until an admin trusts it again: opslayer actions trust.

    Example: opslayer --home acme restore /backups/acme-2026-01-05.opslayer --yes
    """
    from api.backups import manifest_of, put_back
    from api.clock import SystemClock

    if not yes:
        held = manifest_of(file)
        shell.say(f"{file}: {held.database}, made {held.made_at:%Y-%m-%d %H:%M %Z}, up to journal entry {held.head}.")
        shell.say("Nothing was changed; --yes puts it in the place of what is there.")
        shell.give(held)
        return
    result = await put_back(shell.home, file, SystemClock())
    for path in result.aside:
        shell.say(f"kept: {path}")
    if result.erased:
        shell.say(f"{result.erased} names that were erased since the backup are erased again.")
    shell.problems(result.verified.problems)
    state = "does not match" if result.verified.problems else "matches"
    shell.say(f"Restored up to entry {result.manifest.head}; the journal {state} its chain and anchors.")
    shell.say("What is due is looked up at its target before it is sent, until: opslayer actions trust")
    shell.give({"ok": not result.verified.problems, "result": result})
    leave(FAULTS if result.verified.problems else GOOD)
