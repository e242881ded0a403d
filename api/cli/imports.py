"""import: tables that a company has already."""

import re
from pathlib import Path

import click

from api.cli.shell import FAULTS, GOOD, Shell, leave
from engine.source.counted import counted

_FOLDER = re.compile(r"(?!rules$)(rules/)?[A-Za-z_][A-Za-z0-9_-]*")


@click.group(name="import")
def import_() -> None:
    """Bring along what a company has in other tools.

    Example: opslayer import dmn pricing.dmn
    """


@import_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--into", metavar="rules/NAME", help="The ruleset's folder (default: rules/, and the file's name).")
@click.option("--force", is_flag=True, help="Overwrite tables that are there already.")
@click.pass_obj
def dmn(shell: Shell, file: Path, into: str | None, *, force: bool) -> None:
    """Carry the decisions of a DMN file (1.1 to 1.5) over into tables, and report what has no form here.

    Example: opslayer import dmn pricing.dmn --into rules/pricing
    """
    from engine.rules.reference import modeline
    from engine.tables.dmn import DmnError, carry, read_dmn, report

    folder = (into or re.sub(r"[^A-Za-z0-9_-]+", "_", file.stem)).rstrip("/")
    if not _FOLDER.fullmatch(folder):
        raise click.UsageError(f"{folder!r} is no folder of a ruleset; write --into rules/NAME.")
    target = shell.home / "rules" / folder.removeprefix("rules/")
    try:
        carried = carry(read_dmn(file.read_bytes()))
    except DmnError as error:
        raise click.UsageError(f"{file}: {error}") from error
    files = {**carried.files(), "imported.md": report(carried, file.name)}
    present = [name for name in files if (target / name).exists()]
    if present and not force:
        raise click.UsageError(
            f"{', '.join(present)} in {target} would be overwritten; say --force, or another --into."
        )
    for name, text in files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        first = modeline(f"rules/{target.name}/{name}")
        (target / name).write_text(f"{first}\n{text}" if first else text, encoding="utf-8")
    _tell(shell, [f"rules/{target.name}/{name}" for name in files], carried.calls, carried.left_out)


def _tell(shell: Shell, files: list[str], calls: object, left_out: tuple[str, ...]) -> None:
    for name in files:
        shell.say(f"wrote {name}")
    for each in left_out:
        shell.say(f"not carried over: {each}")
    shell.say("Next: opslayer check" if not left_out else f"Not carried over: {counted(len(left_out), 'part')}.")
    shell.give({"files": files, "calls": calls, "left_out": list(left_out)})
    leave(FAULTS if left_out else GOOD)
