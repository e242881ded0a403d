"""actions, further: the queue, several at once, the dossier."""

from pathlib import Path
from typing import Literal, get_args

import click

from api.cli.actions import AS
from api.cli.aftercare import actions
from api.cli.shell import FAULTS, Shell, leave, shelled
from api.outcomes import Decided, Refused
from engine.events import Verdict

__all__ = ["actions"]

Bulk = Literal["approve", "reject", "snooze"]


@actions.command()
@click.option("--everything", is_flag=True, help="Also what others look after, what is put off, and what is not yours.")
@AS
@shelled
async def inbox(shell: Shell, everything: bool, person: str) -> None:
    """Show what waits for your word: one conversation for each account, the most urgent first.

    Example: opslayer actions inbox --as ayse
    """
    from api.render import plain

    async with shell.layer() as layer:
        found = await layer.queue(shell.actor(layer, person), mine=not everything)
    for conversation in found:
        shell.say(f"{conversation.label}  ({conversation.account}, {conversation.points} points)")
        for each in conversation.waiting:
            hands = f", {each.in_hands} looks after it" if each.in_hands else ""
            shell.say(f"  {each.action.id}  {each.action.operation}: {each.action.because}")
            shell.say(f"    {', '.join(each.why) or 'no hurry'}{hands}{f'; {each.refusal}' if each.refusal else ''}")
    if not found:
        shell.say("Nothing waits for your word.")
    shell.give(plain(found))


@actions.command()
@click.argument("verdict", type=click.Choice(get_args(Bulk)))
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--reason", default="")
@click.option("--code", default="", help="Why it is rejected, e.g. wrong_time or never.")
@click.option("--for", "span", default="", metavar="DURATION", help="For snooze: ISO 8601, or a moment.")
@AS
@shelled
async def bulk(
    shell: Shell, verdict: Bulk, ids: tuple[str, ...], reason: str, code: str, span: str, person: str
) -> None:
    """Let one word count for several actions, each checked by itself; high consequence is approved one by one.

    Example: opslayer actions bulk approve act-7f3a act-81bc --as ayse
    """
    async with shell.layer() as layer:
        actor = shell.actor(layer, person)
        known = [(id, await layer.action(id)) for id in ids]
        words = [
            Verdict(
                action=id, verdict=verdict, digest=action.digest if action else "", by=actor.id, channel="bulk",
                at=layer.clock.now(), reason=reason, code=code, to=span,
            )
            for id, action in known
        ]  # fmt: skip
        outcomes = await layer.decide_many(words, actor)
    rows = [
        (id, outcome.action.state if isinstance(outcome, Decided) else f"refused: {type(outcome).__name__}")
        for id, outcome in zip(ids, outcomes, strict=True)
    ]
    shell.table(rows, ("ID", "STATE"))
    shell.give([{"id": id, "state": state} for id, state in rows])
    if not all(isinstance(outcome, Decided) for outcome in outcomes):
        leave(FAULTS)


@actions.command("dossier")
@click.argument("id")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write here instead of ID.html.")
@shelled
async def action_dossier(shell: Shell, id: str, out: Path | None) -> None:
    """Write everything about one action as an HTML page that stands alone.

    Example: opslayer actions dossier act-7f3a --out act-7f3a.html
    """
    from api.dossier.page import page
    from api.words import Words

    async with shell.layer() as layer:
        found = await layer.dossier(id)
        if found is None:
            raise click.UsageError(f"There is no action {id!r}.")
        text = page(found, layer.company, Words(layer.timezone))
    file = out or Path(f"{id}.html")
    file.write_text(text, encoding="utf-8")
    shell.say(f"Wrote {file}.")
    shell.give({"file": str(file), "entries": len(found.entries)})


@actions.command()
@click.option("--lift", default="", metavar="ID", help="Let it be proposed again.")
@AS
@shelled
async def standing(shell: Shell, lift: str, person: str) -> None:
    """Show what is never to be proposed for which customer, or lift one of these words.

    Example: opslayer actions standing
    """
    from api.render import plain

    async with shell.layer() as layer:
        lifted = await layer.lift(lift, shell.actor(layer, person)) if lift else True
        if isinstance(lifted, Refused):
            raise click.UsageError("\n".join(each.message for each in lifted.problems))
        if not lifted:
            raise click.UsageError(f"Nothing called {lift!r} stands.")
        found = await layer.standing()
    shell.table([(each.id, each.by, each.at.date().isoformat()) for each in found], ("ID", "BY", "SINCE"))
    shell.give(plain(found))
