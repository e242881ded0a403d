"""actions: listed, shown, decided."""

from typing import Literal, get_args

import click

from api import outcomes
from api.cli.shell import FAULTS, Shell, leave, shelled
from approvals.reasons import REASONS
from engine.events import Action, ActionState, Verdict

AS = click.option("--as", "person", envvar="OPSLAYER_PERSON", default="", help="The person who decides.")
Word = Literal["approve", "edit", "reject", "delegate", "snooze"]
DIGEST = click.option("--digest", default="", help="Decide only if this is still what will be done.")


@click.group(invoke_without_command=True)
@click.pass_context
def actions(ctx: click.Context) -> None:
    """List, show and decide actions.

    Example: opslayer actions list --state pending
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_actions, state=None, subject="", limit=50)


@actions.command("list")
@click.option("--state", type=click.Choice(get_args(ActionState)), default=None)
@click.option("--subject", default="", help="TYPE:ID")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@shelled
async def list_actions(shell: Shell, state: str | None, subject: str, limit: int) -> None:
    """List actions, newest first.

    Example: opslayer actions list --state pending
    """
    from api.routes.shapes import action_out

    async with shell.layer() as layer:
        found = await layer.actions(state=state or "", subject=subject, limit=limit)
    rows = [(each.id, each.state, each.operation, each.key.subject, each.because) for each in found]
    shell.table(rows, ("ID", "STATE", "OPERATION", "SUBJECT", "BECAUSE"))
    shell.give([action_out(each) for each in found])


@actions.command("show")
@click.argument("id")
@shelled
async def show_action(shell: Shell, id: str) -> None:
    """Show one action: what it will do, with which words, and why.

    Example: opslayer actions show act-7f3a
    """
    from api.routes.shapes import action_out
    from api.words import Words

    async with shell.layer() as layer:
        found = await layer.action(id)
        words = Words(layer.timezone)
    if found is None:
        raise click.UsageError(f"There is no action {id!r}.")
    shell.say(
        f"{found.id}  {found.state}  version {found.version}  {found.operation} ({found.consequence} consequence)"
    )
    shell.say(f"because {found.because}\ndigest {found.digest}\n")
    for key, value in found.payload.items():
        shell.say(f"{key}: {words.value(value)}")
    for step in found.history:
        shell.say(f"{words.moment(step.at)}  {step.state} by {step.by}  {step.reason}".rstrip())
    shell.give(action_out(found))


@actions.command()
@click.argument("id")
@DIGEST
@AS
@click.option("--reason", default="")
@shelled
async def approve(shell: Shell, id: str, digest: str, person: str, reason: str) -> None:
    """Approve an action as it is shown.

    Example: opslayer actions approve act-7f3a --as ayse
    """
    await _decide(shell, id, "approve", person, digest=digest, reason=reason)


@actions.command()
@click.argument("id")
@click.option("--set", "changes", metavar="KEY=VALUE", multiple=True, required=True, help="Repeat for several keys.")
@DIGEST
@AS
@click.option("--reason", default="")
@shelled
async def edit(shell: Shell, id: str, changes: tuple[str, ...], digest: str, person: str, reason: str) -> None:
    """Change what may be changed, e.g. the words; the result is a new version.

    Example: opslayer actions edit act-7f3a --set subject="A friendly reminder" --as ayse
    """
    parts = [change.partition("=") for change in changes]
    if any(not key or not sign for key, sign, _ in parts):
        raise click.UsageError("--set takes KEY=VALUE.")
    changed = {key: value for key, _, value in parts}
    await _decide(shell, id, "edit", person, digest=digest, reason=reason, edit=changed)


@actions.command()
@click.argument("id")
@click.option("--reason", required=True, help="Why; it is remembered and counts as evidence.")
@click.option("--code", type=click.Choice(list(REASONS)), default="other", help="never: not for this customer again.")
@DIGEST
@AS
@shelled
async def reject(shell: Shell, id: str, reason: str, code: str, digest: str, person: str) -> None:
    """Reject an action.

    Example: opslayer actions reject act-7f3a --reason "paid by phone yesterday" --code already_done --as ayse
    """
    await _decide(shell, id, "reject", person, digest=digest, reason=reason, code=code)


@actions.command()
@click.argument("id")
@click.option("--to", required=True, help="The person who shall decide.")
@click.option("--reason", default="")
@DIGEST
@AS
@shelled
async def delegate(shell: Shell, id: str, to: str, reason: str, digest: str, person: str) -> None:
    """Give an action to a colleague; it gives no rights that the colleague lacks.

    Example: opslayer actions delegate act-7f3a --to mehmet --as ayse
    """
    await _decide(shell, id, "delegate", person, digest=digest, reason=reason, to=to)


@actions.command()
@click.argument("id")
@click.option("--for", "span", default="", metavar="DURATION", help="ISO 8601, e.g. PT4H, or a moment; else a day.")
@click.option("--reason", default="")
@DIGEST
@AS
@shelled
async def snooze(shell: Shell, id: str, span: str, reason: str, digest: str, person: str) -> None:
    """Put an action off.

    Example: opslayer actions snooze act-7f3a --for PT4H --as ayse
    """
    await _decide(shell, id, "snooze", person, digest=digest, reason=reason, to=span)


async def _decide(shell: Shell, id: str, verdict: Word, person: str, *, digest: str, **more: object) -> None:
    async with shell.layer() as layer:
        actor = shell.actor(layer, person)
        action = await layer.action(id)
        if action is None:
            raise click.UsageError(f"There is no action {id!r}.")
        word = Verdict(
            action=id,
            verdict=verdict,
            digest=digest or action.digest,
            by=actor.id,
            channel="cli",
            at=layer.clock.now(),
            **more,  # type: ignore[arg-type]  # reason, edit and to, as Verdict names them
        )
        answer(shell, await layer.decide(word, actor))


def answer(shell: Shell, outcome: outcomes.DecideOutcome) -> None:
    """Tell what a word came to; one that did not count ends the command with 1."""
    from api.routes.shapes import action_out

    if isinstance(outcome, outcomes.Decided):
        shell.say(f"{outcome.action.id} is {outcome.action.state}.")
        shell.give(action_out(outcome.action))
        return
    action: Action | None = getattr(outcome, "action", None)
    shell.say(_refusal(outcome))
    shell.give(
        {"refused": type(outcome).__name__, "detail": _refusal(outcome), "action": action and action_out(action)}
    )
    leave(FAULTS)


def _refusal(outcome: outcomes.DecideOutcome) -> str:
    match outcome:
        case outcomes.AlreadyDecided(action=action, by=by, at=at):
            return f"Already decided by {by} at {at.isoformat()}: {action.state}."
        case outcomes.StaleDigest(differences=differences):
            changed = ", ".join(each.key for each in differences)
            return f"Not what was shown any more ({changed or 'a new version'}); look again and decide again."
        case outcomes.NotThisPerson(reason=reason):
            return reason
        case outcomes.NotEditable(problems=problems) | outcomes.BadVerdict(problems=problems):
            return "\n".join(each.message for each in problems)
        case outcomes.UnknownAction(id=id):
            return f"There is no action {id!r}."
        case _:
            return ""
