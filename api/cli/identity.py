"""identity: who is who, and a person's word on doubtful pairs."""

import click

from api.cli.shell import Shell, shelled
from api.outcomes import Refused
from api.views import Joined, Review

_PERSON = click.option("--as", "person", envvar="OPSLAYER_PERSON", default="", help="The person who acts.")
_REASON = click.option("--reason", default="", help="Why, for the journal.")
_TYPE = click.option("--type", "type_", default="customer", show_default=True, help="The entity type.")


@click.group()
def identity() -> None:
    """Look at pairs that may be one, merge them, keep them apart, and undo merges.

    Example: opslayer identity review
    """


@identity.command()
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many pairs are shown.")
@shelled
async def review(shell: Shell, limit: int) -> None:
    """Show the doubtful pairs with their evidence side by side: first where an action is open, then the likeliest.

    Example: opslayer identity review
    """
    async with shell.layer() as layer:
        await layer.resolve()
        found = await layer.reviews(most=limit)
    for each in found.shown:
        _show(shell, each)
    shell.say(f"{found.total} pair{'' if found.total == 1 else 's'} to look at.")
    shell.give(found.shown)


def _show(shell: Shell, pair: Review) -> None:
    shell.say(f"{pair.left.type} {pair.left.id} and {pair.right.id}: {pair.bits:g} bits for one")
    rows = [
        (each.what, each.left, each.right, f"{each.bits:+g}", each.note + (" (!)" if each.contradicts else ""))
        for each in pair.evidence
    ]
    shell.table(rows, ("", pair.left.label, pair.right.label, "BITS", ""))


@identity.command()
@click.argument("id")
@click.argument("other")
@_TYPE
@_REASON
@_PERSON
@shelled
async def merge(shell: Shell, id: str, other: str, type_: str, reason: str, person: str) -> None:
    """Let OTHER be the same as ID; everything is derived anew, and nothing is proposed twice.

    Example: opslayer identity merge C-1042 crm-accounts-77 --reason "same tax office letter"
    """
    async with shell.layer() as layer:
        result = await layer.merge(type_, id, other, shell.actor(layer, person), reason)
    _told(shell, result, "is now part of")


@identity.command()
@click.argument("id")
@click.argument("other")
@click.option("--record", "records", multiple=True, help="A record that leaves; default: those a merge had brought.")
@_TYPE
@_REASON
@_PERSON
@shelled
async def split(
    shell: Shell, id: str, other: str, records: tuple[str, ...], type_: str, reason: str, person: str
) -> None:
    """Let records leave ID and be OTHER; without --record, undo the merge that brought OTHER.

    Example: opslayer identity split C-1042 crm-accounts-77
    """
    async with shell.layer() as layer:
        result = await layer.split(type_, id, other, shell.actor(layer, person), records, reason)
    _told(shell, result, "has left")


@identity.command()
@click.argument("id")
@click.argument("other")
@_TYPE
@_REASON
@_PERSON
@shelled
async def apart(shell: Shell, id: str, other: str, type_: str, reason: str, person: str) -> None:
    """Let a doubtful pair be two, so that nobody is asked again.

    Example: opslayer identity apart C-1042 C-2077 --reason "sister companies"
    """
    async with shell.layer() as layer:
        result = await layer.keep_apart(type_, id, other, shell.actor(layer, person), reason)
    _told(shell, result, "")


def _told(shell: Shell, result: Joined | Refused | None, verb: str) -> None:
    if isinstance(result, Refused):
        raise click.UsageError("\n".join(f"{each.message}. {each.hint}".strip() for each in result.problems))
    if result is None:
        shell.say("They are two.")
    else:
        shell.say(f"{result.other} {verb} {result.kept.id}: {', '.join(result.records)}")
    shell.give(result)
