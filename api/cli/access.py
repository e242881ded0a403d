"""keys and people: who may come in."""

import sys
from datetime import date
from typing import get_args

import click

from api.cli.shell import Shell, shelled
from api.outcomes import Refused
from engine.settings.people import Role


@click.group()
def keys() -> None:
    """Create, list and revoke API keys.

    Example: opslayer keys create --role operator --name crm-bridge
    """


@keys.command()
@click.option("--role", type=click.Choice(get_args(Role)), required=True, help="What the key may do.")
@click.option("--name", required=True, help="What it is for; the name must be free.")
@click.option("--person", default="", help="The person on whose behalf it acts.")
@shelled
async def create(shell: Shell, role: Role, name: str, person: str) -> None:
    """Make a key and print it once; only its hash is kept.

    Example: opslayer keys create --role operator --name crm-bridge
    """
    async with shell.layer() as layer:
        result = await layer.create_key(name, role, shell.actor(layer), person=person)
    if isinstance(result, Refused):
        raise click.UsageError("\n".join(each.message for each in result.problems))
    if shell.as_json:
        shell.give({"key": result.secret, "id": result.info.id, "name": name, "role": role})
    else:
        click.echo(result.secret)
    click.echo("Keep it; it is not shown again.", err=True)


@keys.command("list")
@shelled
async def list_keys(shell: Shell) -> None:
    """List the keys, without their secrets.

    Example: opslayer keys list
    """
    async with shell.layer() as layer:
        known = await layer.keys()
    rows = [
        (
            each.id,
            each.name,
            each.role or "",
            each.person,
            f"{each.created_at:%Y-%m-%d}",
            "revoked" if each.revoked_at else "",
        )
        for each in known
    ]
    shell.table(rows, ("ID", "NAME", "ROLE", "PERSON", "CREATED", ""))
    shell.give(known)


@keys.command()
@click.argument("key", metavar="ID_OR_NAME")
@shelled
async def revoke(shell: Shell, key: str) -> None:
    """Revoke a key; it is refused from the next request on.

    Example: opslayer keys revoke crm-bridge
    """
    async with shell.layer() as layer:
        if not await layer.revoke_key(key, shell.actor(layer)):
            raise click.UsageError(f"There is no live key {key!r}.")
    shell.say(f"{key}: revoked")
    shell.give({"revoked": key})


@click.group()
def people() -> None:
    """List people and set their passwords for the web page.

    Example: opslayer people password ayse
    """


@people.command("list")
@shelled
async def list_people(shell: Shell) -> None:
    """List the people of config/people.yaml.

    Example: opslayer people list
    """
    async with shell.layer() as layer:
        known = await layer.people_now()
    rows = [
        (each.id, each.name, ", ".join(each.roles), each.delegate, " to ".join(map(str, each.away or ())))
        for each in known
    ]
    shell.table(rows, ("ID", "NAME", "ROLES", "STANDS IN", "AWAY"))
    shell.give(known)


@people.command()
@click.argument("person", metavar="ID")
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin instead of asking.")
@shelled
async def password(shell: Shell, person: str, *, password_stdin: bool) -> None:
    """Set a person's password; ends that person's sessions.

    Example: opslayer people password ayse
    """
    from api.passwords import hash_password, too_weak

    if password_stdin:
        word = sys.stdin.readline().rstrip("\n")
    else:
        word = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    weakness = too_weak(word)
    if weakness:
        raise click.UsageError(weakness)
    async with shell.layer() as layer:
        if person not in {each.id for each in layer.people()}:
            raise click.UsageError(f"There is no person {person!r} in config/people.yaml.")
        await layer.set_password_hash(person, hash_password(word), shell.actor(layer))
    shell.say(f"{person}: password set")
    shell.give({"person": person})


@people.command()
@click.argument("person")
@click.argument("first", required=False)
@click.argument("last", required=False)
@shelled
async def away(shell: Shell, person: str, first: str | None, last: str | None) -> None:
    """Say from which to which day a person is out of office; without days, that they are back.

    Example: opslayer people away ayse 2026-07-01 2026-07-14
    """
    try:
        days = (date.fromisoformat(first), date.fromisoformat(last or first)) if first else None
    except ValueError as fault:
        raise click.UsageError(f"A day is written like 2026-07-01: {fault}.") from fault
    async with shell.layer() as layer:
        result = await layer.set_away(person, days, shell.actor(layer))
    if isinstance(result, Refused):
        raise click.UsageError("\n".join(each.message for each in result.problems))
    shell.say(f"{result.name} is away from {days[0]} to {days[1]}." if days else f"{result.name} is back.")
    shell.give({"person": person, "away": [str(day) for day in days] if days else None})
