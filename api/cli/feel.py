"""feel: evaluate one expression."""

from pathlib import Path

import click

from api.cli.shell import Shell, leave
from api.render import literal


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("expression", metavar="EXPR")
@click.option("--context", "-c", default="{}", help="A FEEL or JSON context, or @FILE that holds one.")
@click.pass_obj
def feel(shell: Shell, expression: str, context: str) -> None:
    """Evaluate a FEEL expression.

    Example: opslayer feel 'sum(amounts[item > 10])' --context '{amounts: [5, 20, 30]}'
    """
    from engine.feel import FeelSyntaxError, evaluate, to_json

    try:
        given = evaluate(_text(context))
    except FeelSyntaxError as error:
        raise click.UsageError(f"--context is no FEEL context: {error}") from error
    if not isinstance(given, dict):
        raise click.UsageError("--context must be a context, e.g. {a: 1}.")
    try:
        value = evaluate(expression, given)
    except FeelSyntaxError as error:
        raise click.UsageError(f"No FEEL expression: {error}") from error
    if shell.as_json:
        shell.give(to_json(value))
    else:
        click.echo(literal(value))
    leave(0)


def _text(context: str) -> str:
    if not context.startswith("@"):
        return context
    path = Path(context[1:])
    if not path.is_file():
        raise click.UsageError(f"There is no file {path}.")
    return path.read_text(encoding="utf-8")
