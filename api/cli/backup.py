"""backup and restore, and another secret key."""

from pathlib import Path

import click

from api.cli.shell import FAULTS, GOOD, Shell, leave, shelled
from engine.source.counted import counted


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


def _secrets(_context: click.Context, _option: click.Parameter, files: tuple[Path, ...]) -> tuple[bytes, ...]:
    """Read secret keys; one that is text also without the end of line that an editor leaves."""
    found = [file.read_bytes() for file in files]
    return tuple(dict.fromkeys(each for key in found for each in (key, key.rstrip(b"\r\n") if key.isascii() else key)))


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@click.option(
    "--former", multiple=True, type=_FILE, callback=_secrets,
    help="File with a secret key that was in use since the backup; may be repeated.",
)  # fmt: skip
@click.option("--yes", is_flag=True, help="Replace what is there; without it, only tell what the file holds.")
@shelled
async def restore(shell: Shell, file: Path, former: tuple[bytes, ...], *, yes: bool) -> None:
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
    result = await put_back(shell.home, file, SystemClock(), former)
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


@click.command()
@click.option(
    "--former", multiple=True, required=True, type=_FILE, callback=_secrets,
    help="File with the secret key until now; may be repeated where it is not known which.",
)  # fmt: skip
@shelled
async def rewrap(shell: Shell, former: tuple[bytes, ...]) -> None:
    """Go on under another secret key; stop `serve` and `worker` first.

    The persons' keys, wrapped under the former secret key, are wrapped under the one that the settings hold, or under
    a new one where `.opslayer/secret.key` is gone. Backups from before open with the former alone: restore --former.

    Example: opslayer --home acme rewrap --former /safe/former.key
    """
    from api.backups import rewrap
    from api.clock import SystemClock

    count = await rewrap(shell.home, SystemClock(), former)
    if count is None:
        shell.say("All is under this secret key already; nothing was changed.")
    else:
        shell.say(f"Under the new secret key: the keys of {counted(count, 'person')}.")
        shell.say("Make a backup now: those from before open with the former secret key alone.")
    shell.give({"changed": count is not None, "keys": count or 0})
