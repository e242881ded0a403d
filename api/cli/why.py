"""explain, timeline and show: what is known, and why."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from api.cli.shell import Shell, shelled
from api.outcomes import Refused

if TYPE_CHECKING:
    from api.views import SourcePart
    from api.words import Words


@click.command()
@click.argument("id", required=False)
@click.option(
    "--why-not", "why_not", nargs=2, metavar="RULE SUBJECT", help="Why RULESET/RULE does not hold for TYPE:ID."
)
@click.option("--funnel", metavar="RULE", help="How many subjects pass each part of RULESET/RULE.")
@click.option("--all", "whole", is_flag=True, help="Show every step, however long the reason is.")
@shelled
async def explain(
    shell: Shell, id: str | None, why_not: tuple[str, str] | None, funnel: str | None, whole: bool
) -> None:
    """Tell why a decision or an action exists, down to the source records; or why a rule does not fire.

    Example: opslayer explain act-7f3a; opslayer explain --why-not collections/overdue_account customer:C-1042
    """
    if sum(each is not None for each in (id, why_not, funnel)) != 1:
        raise click.UsageError("Give an ID, --why-not RULE SUBJECT, or --funnel RULE.")
    if why_not is not None:
        await _why_not(shell, *why_not)
    elif funnel is not None:
        await _funnel(shell, funnel)
    else:
        await _explain(shell, id or "", whole=whole)


async def _explain(shell: Shell, id: str, *, whole: bool) -> None:
    from api.prooftext import LIMIT, proof_lines
    from api.routes.shapes import action_out, decision_out
    from api.words import Words

    async with shell.layer() as layer:
        found = await layer.explain(id)
        words = Words(layer.timezone)
    if found is None:
        raise click.UsageError(f"There is no decision or action {id!r}.")
    decision = found.decision
    shell.say(f"{decision.key} at {words.moment(decision.at)}: {decision.because}")
    for line in proof_lines(words.proof(decision.proof), words, decision.at, None if whole else LIMIT):
        shell.say(line)
    action = action_out(found.action) if found.action else None
    if action is not None and len(action.joined) > 1:
        shell.say(f"Action {action.id} carries out {len(action.joined)} decisions of the group {action.group}:")
        for each in action.joined:
            shell.say(f"  {each.key.rule}/{each.key.action} for {each.key.subject}: {each.because}")
    shell.give({"id": found.id, "decision": decision_out(decision, with_proof=True), "action": action})


async def _why_not(shell: Shell, rule: str, subject: str) -> None:
    from api.words import Words

    async with shell.layer() as layer:
        found = await layer.why_not(rule, subject)
        words = Words(layer.timezone)
    if isinstance(found, Refused):
        raise click.UsageError("\n".join(each.message for each in found.problems))
    shell.say(f"{rule} for {subject} is {found.truth}: {found.sentence}")
    for each in found.conjuncts:
        seen = ", ".join(f"{name} is {words.value(value)}" for name, value in each.values.items())
        details = "; ".join(filter(None, (seen, each.reason, each.advice)))
        shell.say(f"  {each.truth:<10} {' '.join(each.text.split())}{f'  ({details})' if details else ''}")
    for standing in found.actions:
        shell.say(f"  action {standing.action}: {standing.reason}")
    shell.give(found)


async def _funnel(shell: Shell, rule: str) -> None:
    async with shell.layer() as layer:
        found = await layer.funnel(rule)
    if isinstance(found, Refused):
        raise click.UsageError("\n".join(each.message for each in found.problems))
    shell.say(f"{found.rule} looks at {found.subjects} of {found.subject}; alone, and after what stands above:")
    for each in found.stages:
        shell.say(f"  {each.passing:>8} {each.left:>8}  {' '.join(each.text.split())}")
    shell.give(found)


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
        late = {part.source for part in view.sources if part.live == "late"} if view else set()
        told = [part async for part in layer.customer_parts(id, late)] if late else []
        words = Words(layer.timezone)
    if entity is None:
        raise click.UsageError(f"There is no {type} {id!r}.")
    shell.say(f"{entity.label} ({subject})")
    for name, field in entity.fields.items():
        sources = ", ".join(each.record or each.rule for each in field.sources) or field.kind
        shell.say(f"  {name}: {field.unresolved or words.value(field.value)}  [{sources}]")
    for part in (*(view.sources if view else ()), *told):
        shell.say("\n".join(_part(part, words)))
    for name, items in (view.related if view else {}).items():
        shell.say(f"  {name}: {len(items)}")
    shell.give(customer_out(view) if view else entity_out(entity))


def _part(part: "SourcePart", words: "Words") -> Iterator[str]:
    """Yield the lines of one source: how fresh it is, its records with their links, and what they say now."""
    age = f", {words.age(part.age)} old" if part.age else ""
    yield f"  {part.source}: {part.live}{age}{', ' + part.detail if part.detail else ''}"
    for line in part.records:
        yield f"    {line.address}{'  gone' if line.gone else ''}{'  ' + line.link if line.link else ''}"
        for name, value in line.fields.items():
            yield f"      {name}: {words.value(value)}"


def _subject(subject: str) -> tuple[str, str]:
    type, colon, id = subject.partition(":")
    if not (type and colon and id):
        raise click.UsageError("A subject is TYPE:ID, e.g. customer:C-1042.")
    return type, id
