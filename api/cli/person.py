"""person: what is kept about somebody, and destroying it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.shell import Shell, shelled

if TYPE_CHECKING:
    from api.layer.persons import Persons
    from engine.inference.state import Entity


@click.group()
def person() -> None:
    """Export or erase what is kept about one person.

    Example: opslayer person export customer:C-1042
    """


@person.command()
@click.argument("subject")
@click.option("--to", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the JSON into this file.")
@shelled
async def export(shell: Shell, subject: str, file: Path | None) -> None:
    """Give all that is kept about SUBJECT (`type:id`, or `type:` and any of its keys) as JSON.

    Example: opslayer person export customer:C-1042 --to ada.json
    """
    from api.bootstrap import open_layer
    from api.clock import SystemClock
    from api.layer.persons import Persons
    from api.render import to_bytes

    async with open_layer(shell.home, SystemClock()) as layer:
        persons = Persons(layer.parts)
        found = await persons.export(_found(persons, subject))
    content = to_bytes(found)
    if file is not None:
        _write(file, content)
        shell.say(f"{file}: {_count(found.journal, 'journal entry', 'journal entries')}, of {found.person}.")
    elif not shell.as_json:
        shell.say(content.decode())
    shell.give(found)


@person.command()
@click.argument("subject")
@click.option("--because", required=True, help="Why, for the journal; name no person in it.")
@click.option("--yes", is_flag=True, help="Destroy it; without it, only tell what would be.")
@click.option("--as", "by", envvar="OPSLAYER_PERSON", default="", help="The person who acts.")
@shelled
async def erase(shell: Shell, subject: str, because: str, by: str, *, yes: bool) -> None:
    """Destroy what is kept about SUBJECT and the keys it was encrypted with; nothing brings it back.

    The journal still verifies, and says that something was erased. Erase the person in the source systems first: what
    these tell from now on is kept anew. A backup from before that is restored is erased again.

    Example: opslayer person erase customer:C-1042 --because "request of 5 January" --yes
    """
    from functools import partial

    from api.bootstrap import open_layer
    from api.clock import SystemClock
    from api.erasures import file_of, note
    from api.layer.persons import Persons
    from api.places import anchor_of, secret_of

    async with open_layer(shell.home, SystemClock()) as layer:
        persons, actor = Persons(layer.parts), shell.actor(layer, by)
        if "admin" not in actor.roles:
            raise click.UsageError(f"{actor.id} is no admin.")
        found = _found(persons, subject)
        if not yes:
            kept = await persons.export(found)
            journal, actions = _count(kept.journal, "journal entry", "journal entries"), _count(kept.actions, "action")
            shell.say(f"{found.ref}: {journal} and {actions} speak of it.")
            shell.say("Nothing was changed; --yes destroys it.")
            return
        home = layer.parts.home
        told = partial(note, file_of(anchor_of(shell.home, home)), secret_of(shell.home, home), at=SystemClock().now())
        result = await persons.erase(found, actor.id, because, told)
    shell.say(f"{result.person}: {result.entries} bodies and the words of {result.actions} actions are erased.")
    if result.live:
        shell.say(f"Still alive, with their words: {', '.join(result.live)}. Reject them, then erase again.")
    shell.give(result)


def _write(file: Path, content: bytes) -> None:
    file.touch(mode=0o600)
    file.write_bytes(content)


def _found(persons: "Persons", subject: str) -> "Entity":
    found = persons.find(subject)
    if found is None:
        message = f"There is no person {subject!r}; write TYPE:ID, e.g. customer:C-1042."
        raise click.UsageError(f"{message} Persons are what the model marks with personal fields.")
    return found


def _count(items: tuple[object, ...], one: str, many: str = "") -> str:
    return f"{len(items)} {one if len(items) == 1 else many or f'{one}s'}"
