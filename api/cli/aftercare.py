"""actions, further: what went wrong settled, approvals taken back, remarks, and the end of care after a backup."""

from typing import get_args

import click

from api.cli.actions import AS, actions, answer
from api.cli.shell import FAULTS, Shell, leave, shelled
from api.outcomes import Settling

__all__ = ["actions"]


@actions.command()
@click.argument("id")
@click.argument("word", type=click.Choice(get_args(Settling)))
@click.option("--reason", default="", help="How it is known.")
@click.option("--to", default="", help="The colleague, for hand-over.")
@AS
@shelled
async def settle(shell: Shell, id: str, word: Settling, reason: str, to: str, person: str) -> None:
    """Say what became of an unknown action (happened, missed), or what becomes of a failed one (retry, drop).

    Example: opslayer actions settle act-7f3a happened --reason "it is in the Sent folder" --as ayse
    """
    async with shell.layer() as layer:
        answer(shell, await layer.settle(id, word, shell.actor(layer, person), reason, to))


@actions.command()
@click.argument("id")
@click.option("--reason", default="")
@AS
@shelled
async def undo(shell: Shell, id: str, reason: str, person: str) -> None:
    """Bring an approved action back into the inbox, as long as its sending has not begun.

    Example: opslayer actions undo act-7f3a --as ayse
    """
    async with shell.layer() as layer:
        answer(shell, await layer.undo(id, shell.actor(layer, person), reason))


@actions.command()
@click.argument("id")
@AS
@shelled
async def claim(shell: Shell, id: str, person: str) -> None:
    """Tell the others who looks after a pending action.

    Example: opslayer actions claim act-7f3a --as ayse
    """
    async with shell.layer() as layer:
        answer(shell, await layer.claim(id, shell.actor(layer, person)))


@actions.command()
@click.argument("id")
@click.argument("text")
@AS
@shelled
async def comment(shell: Shell, id: str, text: str, person: str) -> None:
    """Leave a remark beside an action.

    Example: opslayer actions comment act-7f3a "they call back on Friday" --as ayse
    """
    async with shell.layer() as layer:
        answer(shell, await layer.comment(id, text, shell.actor(layer, person)))


@actions.command()
@AS
@shelled
async def trust(shell: Shell, person: str) -> None:
    """End the care taken after a restored backup: send again without looking up first.

    Example: opslayer actions trust --as elif
    """
    async with shell.layer() as layer:
        actor = shell.actor(layer, person)
        if "admin" not in actor.roles:
            await layer.denied(actor, "trust dispatch", "needs admin")
            shell.say("Only an admin ends it.")
            leave(FAULTS)
        ended = await layer.trust(actor)
    shell.say("Dispatch sends without looking up first." if ended else "No backup was restored.")
    shell.give({"ended": ended})
