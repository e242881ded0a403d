"""kill and verify."""

import click

from api.cli.shell import FAULTS, GOOD, Shell, leave, shelled
from api.outcomes import Refused


@click.command()
@click.argument("scope", required=False)
@click.option("--release", is_flag=True, help="Release the switch instead of pulling it.")
@click.option("--reason", default="", help="Why, for the journal and for everybody who waits.")
@click.option("--as", "person", envvar="OPSLAYER_PERSON", default="", help="The person who acts.")
@shelled
async def kill(shell: Shell, scope: str | None, reason: str, person: str, *, release: bool) -> None:
    """Pull or release a kill switch: all, ruleset:X, rule:X/Y or source:X; without a scope, list the pulled ones.

    Example: opslayer kill ruleset:collections --reason "wrong balances"
    """
    async with shell.layer() as layer:
        if scope is None:
            switches = await layer.switches()
            shell.table([(each.scope, each.by, each.reason) for each in switches], ("PULLED", "BY", "REASON"))
            shell.give(switches)
            return
        result = await layer.set_switch(scope, not release, reason, shell.actor(layer, person))
    if isinstance(result, Refused):
        raise click.UsageError("\n".join(each.message for each in result.problems))
    shell.say(f"{result.scope}: {'pulled' if result.on else 'released'}")
    shell.give(result)


@click.command()
@shelled
async def verify(shell: Shell) -> None:
    """Check the journal against its hash chain and its anchor.

    Example: opslayer --home acme verify
    """
    async with shell.layer() as layer:
        result = await layer.verify()
    shell.problems(result.problems)
    state = "does not match" if result.problems else "matches"
    shell.say(f"{result.entries} entries, {result.erased} erased; the journal {state} its chain and anchor.")
    if result.anchored_from:
        shell.say(
            f"The anchor file tells of entry {result.anchored_from} and later ones alone: what was before rests on the "
            "chain. If nobody began it anew, put its copy back and verify again."
        )
    shell.give({"ok": not result.problems, "result": result})
    leave(FAULTS if result.problems else GOOD)
