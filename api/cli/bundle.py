"""bundle: revisions of the configuration as archives: built, verified, previewed, put in force."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from api.cli.shell import FAULTS, GOOD, Shell, Undone, leave, shelled
from api.outcomes import Bundle, Refused
from engine.source.counted import counted

if TYPE_CHECKING:
    from engine import bundles as archive
    from engine.source.problem import Problem

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
AS = click.option("--as", "person", envvar="OPSLAYER_PERSON", default="", help="The person who acts.")


@click.group()
def bundle() -> None:
    """Build, verify, preview and activate revisions of the configuration.

    Example: opslayer bundle build --rev main -o spring.tar && opslayer bundle activate spring.tar
    """


@bundle.command()
@click.option("--rev", default="", help="The git revision (default: the files as they are).")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.pass_obj
def build(shell: Shell, rev: str, output: Path) -> None:
    """Build the archive of a revision; the same revision always gives the same bytes.

    Example: opslayer bundle build --rev main -o spring.tar
    """
    from api.bundles.building import from_folder, from_git
    from engine.source.problem import ConfigError
    from evals.diff.git import GitFault, UnknownRevision

    try:
        content = from_git(shell.home, rev) if rev else from_folder(shell.home, "")
    except ConfigError as error:
        _faulty(shell, error.problems)
    except UnknownRevision as error:
        raise click.UsageError(str(error)) from error
    except GitFault as error:
        raise Undone(str(error)) from error
    output.write_bytes(content)
    found = _read(shell, output)
    files = counted(len(found.files), "file")
    shell.say(f"{output}: bundle {found.id[:12]}, revision {found.manifest.revision[:12]}, {files}")
    shell.give({"id": found.id, "file": str(output), "manifest": found.manifest})


@bundle.command()
@FILE
@click.pass_obj
def verify(shell: Shell, file: Path) -> None:
    """Check that a bundle is whole, that its configuration has no fault, and that its examples hold.

    Example: opslayer bundle verify spring.tar
    """
    from api.bundles.trial import Tried, attempt

    found = _read(shell, file)
    tried = attempt(found)
    if not isinstance(tried, Tried):
        _faulty(shell, tried)
    manifest = found.manifest
    shell.say(f"bundle {found.id}\nrevision {manifest.revision}")
    if manifest.commit:
        approvers = ", ".join(manifest.approvers) or "nobody"
        shell.say(f"commit {manifest.commit} by {manifest.author}: {manifest.subject}\napproved by {approvers}")
    shell.say("It is whole, has no fault, and its examples hold.")
    shell.give({"ok": True, "id": found.id, "manifest": manifest})


@bundle.command()
@FILE
@shelled
async def preview(shell: Shell, file: Path) -> None:
    """Tell what would be proposed, remembered as already true, and withdrawn, were it activated at this moment.

    Example: opslayer bundle preview spring.tar
    """
    from api.bootstrap import open_session
    from api.bundles import preview as trying
    from api.bundles.trial import Tried, attempt
    from api.clock import SystemClock

    tried = attempt(_read(shell, file))
    if not isinstance(tried, Tried):
        _faulty(shell, tried)
    async with open_session(shell.home, SystemClock()) as session:
        effects = () if session is None else trying.preview(session, tried.rulebook)
    rows = [(f"{each.rule}/{each.action}", each.proposed, each.seeded, each.withdrawn) for each in effects]
    shell.table(rows, ("RULE", "PROPOSED", "SEEDED", "WITHDRAWN"))
    if not rows:
        shell.say("Nothing would be proposed, remembered or withdrawn.")
    shell.give(effects)


@bundle.command()
@click.argument("what", metavar="FILE_OR_ID")
@AS
@shelled
async def activate(shell: Shell, what: str, person: str) -> None:
    """Put a bundle in force; refused with every reason when it is not whole, faulty, or approved by its author.

    Example: opslayer bundle activate spring.tar --as elif
    """
    async with shell.layer() as layer:
        actor = shell.actor(layer, person)
        id = what
        if Path(what).is_file():  # noqa: ASYNC240  (one look at the local disk)
            kept = await layer.upload_bundle(Path(what).read_bytes(), "", actor)  # noqa: ASYNC240
            id = kept.id if isinstance(kept, Bundle) else ""
            if isinstance(kept, Refused):
                _faulty(shell, kept.problems)
        result = await layer.activate_bundle(id, actor)
    if result is None:
        raise click.UsageError(f"There is no bundle {what!r}.")
    _told(shell, result)


@bundle.command()
@AS
@shelled
async def rollback(shell: Shell, person: str) -> None:
    """Put the revision in force that was so before the present one.

    Example: opslayer bundle rollback
    """
    async with shell.layer() as layer:
        result = await layer.rollback_bundle(shell.actor(layer, person))
    _told(shell, result)


@bundle.command()
@AS
@shelled
async def release(shell: Shell, person: str) -> None:
    """Let the files in the folder rule again instead of a bundle, from now on and after each start.

    Example: opslayer bundle release --as elif
    """
    async with shell.layer() as layer:
        result = await layer.release_bundle(shell.actor(layer, person))
    if isinstance(result, Bundle):
        shell.say("No bundle rules any more: the files in the folder do.")
    _told(shell, result)


@bundle.command()
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="How many entries.")
@shelled
async def history(shell: Shell, limit: int) -> None:
    """Tell what took over, by whose word, and what was refused and why; newest first.

    Example: opslayer bundle history
    """
    async with shell.layer() as layer:
        found = await layer.config_history(limit)
        followed = await layer.followed()
    for each in found:
        name = each.bundle[:12] or each.revision[:12] or "-"
        of = f" commit {each.commit[:12]} of {each.author}" if each.commit else ""
        by = f"by {each.by or 'the folder'}{of}"
        shell.say(f"{each.at:%Y-%m-%d %H:%M}  {each.kind:9}  {name}  {by}  {each.note}".rstrip())
        for line in each.why:
            shell.say("\n".join(f"    {part}" for part in line.splitlines()))
    if followed is not None:
        told = f"cannot be read: {followed.unreachable}" if followed.unreachable else followed.state
        shell.say(f"follows {followed.branch}: commit {followed.commit[:12] or 'none yet'} {told}")
    shell.give({"history": found, "followed": followed})


@bundle.command("list")
@shelled
async def list_bundles(shell: Shell) -> None:
    """List the bundles, newest first.

    Example: opslayer bundle list
    """
    async with shell.layer() as layer:
        known = await layer.bundles()
    rows = [
        (each.id[:12], "active" if each.active else "", f"{each.created_at:%Y-%m-%d %H:%M}", each.author, each.note)
        for each in known
    ]
    shell.table(rows, ("ID", "", "SINCE", "AUTHOR", "NOTE"))
    shell.give(known)


def _read(shell: Shell, file: Path) -> "archive.Bundle":
    from engine.bundles import Bundle as Archive
    from engine.bundles import unpack

    found = unpack(file.read_bytes(), str(file))
    return found if isinstance(found, Archive) else _faulty(shell, found)


def _faulty(shell: Shell, problems: "Sequence[Problem]") -> NoReturn:
    from api.faults import problem_out

    shell.problems(problems)
    shell.give({"ok": False, "problems": [problem_out(each) for each in problems]})
    leave(FAULTS)


def _told(shell: Shell, result: Bundle | Refused) -> None:
    if isinstance(result, Refused):
        shell.say("Refused; what was in force stays so.")
        _faulty(shell, result.problems)
    shell.say(f"{result.id[:12]} is in force (revision {result.revision[:12]}).")
    shell.give(result)
    leave(GOOD)
