"""feel: evaluate one expression, or talk with a prompt."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from api.cli.feeling import Answer, over_context, over_entity
from api.cli.shell import GOOD, Shell, leave, shelled
from api.render import literal

Ask = Callable[[str], Awaitable[Answer]]


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("expression", metavar="[EXPR]", required=False)
@click.option("--context", "-c", metavar="FILE|FEEL", help="A .json, .yaml or FEEL file (or @FILE), or a FEEL context.")
@click.option("--entity", "-e", metavar="TYPE:ID", help="Evaluate over this entity of the live model.")
@shelled
async def feel(shell: Shell, expression: str | None, context: str | None, entity: str | None) -> None:
    """Evaluate a FEEL expression and tell its value, type and reads; without EXPR, talk with a prompt.

    Example: opslayer feel 'sum(amounts[item > 10])' --context '{amounts: [5, 20, 30]}'
    """
    if context is not None and entity is not None:
        raise click.UsageError("Give --context or --entity, not both.")
    if expression is None and not sys.stdin.isatty():
        raise click.UsageError("Missing argument 'EXPR'; the prompt needs a terminal.")
    if entity is None:
        await _serve(shell, expression, over_context(_text(context or "{}")))
        return
    async with shell.layer() as layer:
        await _serve(shell, expression, over_entity(layer, entity))


async def _serve(shell: Shell, expression: str | None, ask: Ask) -> None:
    if expression is None:
        from api.cli.prompt import talk

        await talk(ask, shell.home)
        leave(GOOD)
    answer = await ask(expression)
    if answer.refused:
        raise click.UsageError(answer.refused)
    tell(shell, answer)
    leave(GOOD)


def tell(shell: Shell, answer: Answer) -> None:
    """Print the value on stdout; what it is and why it is null on stderr."""
    if shell.as_json:
        from engine.feel import to_json

        shell.give(to_json(answer.value))
    else:
        click.echo(literal(answer.value))
    for line in answer.about():
        click.echo(line, err=True)


def _text(context: str) -> tuple[str, str]:
    """Return the text of a context and the ending of the file that it stands in."""
    path = Path(context.removeprefix("@"))
    named = context.startswith("@") or path.suffix in (".json", ".yaml", ".yml", ".feel")
    if not named:
        return context, ""
    if not path.is_file():
        raise click.UsageError(f"There is no file {path}.")
    return path.read_text(encoding="utf-8"), path.suffix
