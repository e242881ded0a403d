"""model: the unified model as this home has it, and who reads it."""

import click

from api.cli.shell import Shell, leave


@click.group()
def model() -> None:
    """Look at the unified model.

    Example: opslayer model fields customer
    """


@model.command()
@click.argument("entity", required=False)
@click.option("--read", "only", is_flag=True, help="Only fields that something reads.")
@click.pass_obj
def fields(shell: Shell, entity: str | None, *, only: bool) -> None:
    """List every field: what fills it, who reads it, and whether it is personal.

    Example: opslayer model fields customer --read
    """
    from api.bootstrap import model_fields

    found = model_fields(shell.home)
    if entity is not None and all(each.entity != entity for each in found):
        raise click.UsageError(f"There is no entity type {entity!r}.")
    wanted = [each for each in found if entity in {None, each.entity} and (each.readers or not only)]
    rows = [
        (
            f"{each.entity}.{each.field}",
            each.type,
            "personal" if each.personal else "",
            ", ".join(each.fillers) or each.origin,
            ", ".join(each.readers) or "nobody",
        )
        for each in wanted
    ]
    shell.table(rows, ("FIELD", "TYPE", "", "FILLED BY", "READ BY"))
    shell.give(wanted)
    leave(0)
