"""explain, timeline and show: what is known, and why."""

from typing import TYPE_CHECKING

import click

from api.cli.shell import Shell, shelled
from api.outcomes import Refused

if TYPE_CHECKING:
    from api.words import Told


@click.command()
@click.argument("id", required=False)
@click.option(
    "--why-not", "why_not", nargs=2, metavar="RULE SUBJECT", help="Why RULESET/RULE does not hold for TYPE:ID."
)
@shelled
async def explain(shell: Shell, id: str | None, why_not: tuple[str, str] | None) -> None:
    """Tell why a decision or an action exists, down to the source records; or why a rule does not fire.

    Example: opslayer explain act-7f3a; opslayer explain --why-not collections/overdue_account customer:C-1042
    """
    if (id is None) == (why_not is None):
        raise click.UsageError("Give an ID, or --why-not RULE SUBJECT.")
    if why_not is not None:
        await _why_not(shell, *why_not)
        return
    from api.routes.shapes import action_out, decision_out
    from api.words import Words

    async with shell.layer() as layer:
        found = await layer.explain(id or "")
        words = Words(layer.timezone)
    if found is None:
        raise click.UsageError(f"There is no decision or action {id!r}.")
    decision = found.decision
    shell.say(f"{decision.key} at {words.moment(decision.at)}: {decision.because}")
    _tell(shell, words.proof(decision.proof), 0)
    action = action_out(found.action) if found.action else None
    shell.give({"id": found.id, "decision": decision_out(decision, with_proof=True), "action": action})


async def _why_not(shell: Shell, rule: str, subject: str) -> None:
    async with shell.layer() as layer:
        found = await layer.why_not(rule, subject)
    if isinstance(found, Refused):
        raise click.UsageError("\n".join(each.message for each in found.problems))
    shell.say(f"{rule} for {subject} is {found.truth}: {found.sentence}")
    for each in found.conjuncts:
        shell.say(f"  {each.truth:<10} {each.text}{f'  ({each.reason})' if each.reason else ''}")
    shell.give(found)


def _tell(shell: Shell, told: "Told", level: int) -> None:
    source = f"  [{told.source}]" if told.source else ""
    code = f"  {' '.join(told.code.split())}" if told.code else ""
    shell.say(f"{'  ' * level}- {told.text}{code}{source}")
    for each in told.reasons:
        _tell(shell, each, level + 1)
    if told.omitted:
        shell.say(f"{'  ' * (level + 1)}- and {told.omitted} more")


@click.command()
@click.argument("subject")
@click.option("--limit", type=click.IntRange(1, 10_000), default=200, show_default=True)
@shelled
async def timeline(shell: Shell, subject: str, limit: int) -> None:
    """Tell what is remembered of TYPE:ID, oldest first.

    Example: opslayer timeline customer:C-1042
    """
    from api.words import Words

    _subject(subject)
    async with shell.layer() as layer:
        items = await layer.timeline(subject, limit=limit)
        words = Words(layer.timezone)
    for item in items:
        shell.say(f"{words.moment(item.at)}  {item.kind:<10} {item.text}  ({item.actor})")
    if not items:
        shell.say(f"Nothing is remembered of {subject}.")
    shell.give(items)


@click.command()
@click.argument("subject")
@shelled
async def show(shell: Shell, subject: str) -> None:
    """Show what is known of TYPE:ID, each field with where it comes from.

    Example: opslayer show customer:C-1042
    """
    from api.routes.shapes import customer_out, entity_out
    from api.words import Words

    type, id = _subject(subject)
    async with shell.layer() as layer:
        view = await layer.customer(id) if type == "customer" else None
        entity = view.customer if view else await layer.entity(type, id)
        words = Words(layer.timezone)
    if entity is None:
        raise click.UsageError(f"There is no {type} {id!r}.")
    shell.say(f"{entity.label} ({subject})")
    for name, field in entity.fields.items():
        sources = ", ".join(each.record or each.rule for each in field.sources) or field.kind
        shell.say(f"  {name}: {field.unresolved or words.value(field.value)}  [{sources}]")
    for name, items in (view.related if view else {}).items():
        shell.say(f"  {name}: {len(items)}")
    shell.give(customer_out(view) if view else entity_out(entity))


def _subject(subject: str) -> tuple[str, str]:
    type, colon, id = subject.partition(":")
    if not (type and colon and id):
        raise click.UsageError("A subject is TYPE:ID, e.g. customer:C-1042.")
    return type, id
