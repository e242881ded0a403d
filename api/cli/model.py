"""model: the unified model as this home has it, and who reads it."""

import random
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.shell import FAULTS, GOOD, Shell, leave, shelled

if TYPE_CHECKING:
    from api.validation.sample import Answers, Validating


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
    from api.checks import model_fields

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


@model.command()
@click.argument("entity", default="customer")
@click.option("--sample", "count", type=click.IntRange(1, 200), default=10, show_default=True, help="How many.")
@click.option("--seed", type=click.IntRange(min=0), default=None, help="Draw the same again (default: at random).")
@click.option("--to", "file", type=click.Path(dir_okay=False, path_type=Path), help="Where the page is written.")
@click.option("--answers", type=click.Path(dir_okay=False, path_type=Path), help="Record these answers.")
@click.option("--as", "by", envvar="OPSLAYER_PERSON", default="", help="Who has answered.")
@shelled
async def validate(
    shell: Shell, entity: str, count: int, seed: int | None, file: Path | None, answers: Path | None, by: str
) -> None:
    """Write a page on which the business owner says of a sample whether it is right; record what they said.

    Example: opslayer model validate customer --sample 10 --to validate.html
    """
    from api.bootstrap import open_layer
    from api.clock import SystemClock
    from api.validation.page import page
    from api.validation.sample import Validating

    if (answers is None) == (file is None):
        raise click.UsageError("Write a page with --to FILE, or record what was answered with --answers FILE.")
    async with open_layer(shell.home, SystemClock()) as layer:
        validating, home = Validating(layer.parts), layer.parts.home
        if answers is not None:
            await _answered(shell, validating, answers, shell.actor(layer, by).id)
        if entity not in home.model.entities:
            raise click.UsageError(f"There is no entity type {entity!r}.")
        drawn = validating.draw(entity, count, random.randrange(1_000_000) if seed is None else seed)  # noqa: S311
        text = page(drawn, home.app.company, home.app.timezone)
    assert file is not None
    _write(file, text)
    shell.say(f"{file}: {len(drawn.items)} of {drawn.of}, seed {drawn.seed}. It holds personal data.")
    shell.give(drawn)


def _write(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")


def _read(file: Path) -> "Answers":
    import msgspec

    from api.validation.sample import Answers

    try:
        return msgspec.json.decode(file.read_bytes(), type=Answers)
    except OSError as fault:
        raise click.UsageError(f"{file} cannot be read: {fault.strerror}") from fault
    except msgspec.MsgspecError as fault:
        raise click.UsageError(f"{file} is not what the page saves: {fault}") from fault


async def _answered(shell: Shell, validating: "Validating", file: Path, by: str) -> None:
    found = _read(file)
    if found.entity not in validating.parts.home.model.entities:
        raise click.UsageError(f"There is no entity type {found.entity!r}.")
    moved = await validating.record(found, by)
    wrong = [each for each in found.answers if not each.right]
    shell.say(f"{len(found.answers) - len(wrong)} of {len(found.answers)} are right; it is in the journal.")
    for each in wrong:
        shell.say(f"  not right: {found.entity}:{each.id} {each.note}".rstrip())
    if moved:
        shell.say(f"Other values by now than were shown: {', '.join(moved)}.")
    shell.give({"right": len(found.answers) - len(wrong), "answers": found.answers, "moved": moved})
    leave(FAULTS if wrong else GOOD)
