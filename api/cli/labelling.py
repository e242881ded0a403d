"""eval label, harvest and drift: cases from the past, and whether the present still looks like it."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click
import msgspec

from api.cli.shell import FAULTS, GOOD, Shell, leave, shelled

if TYPE_CHECKING:
    from api.layer import OpsLayer
    from engine.events import Action
    from evals.labelled.choosing import Moment


@click.command()
@click.argument("workflow")
@click.option(
    "--against", metavar="REV", default="", help="Ask about what the rules of a git revision decide otherwise."
)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many to show.")
@click.option("--as", "person", envvar="OPSLAYER_PERSON", default="", help="Who labels.")
@click.pass_obj
def label(shell: Shell, workflow: str, against: str, limit: int, person: str) -> None:
    """Show informative moments of the past, one after the other, and keep the answers as cases.

    Example: opslayer eval label collections --limit 10 --as zeynep
    """
    import asyncio

    from api.cli.diff import _history, _home
    from api.layer.labelling import labelled
    from evals.labelled.choosing import choose
    from evals.labelled.reading import read_cases
    from evals.labelled.writing import append

    inputs, _ = asyncio.run(_history(shell))
    home = _home(shell, "").sound()
    other = _home(shell, against).sound() if against else None
    known = [each.id for each in read_cases(shell.home, workflow)[0]]
    moments = choose(home, workflow, inputs, other=other, known=known, limit=limit)
    shell.say(f"{len(moments)} moment(s) to label")
    added = 0
    for place, moment in enumerate(moments, 1):
        _show(shell, moment, place, len(moments))
        said = click.prompt(
            f"Should {moment.asked} be proposed?", type=click.Choice(["y", "n", "s", "q"]), default="s", err=True
        )
        if said == "q":
            break
        if said != "s":
            today = f"{datetime.now().astimezone():%Y-%m-%d}"
            case = labelled(moment, should=said == "y", by=person, on=today)
            added += append(shell.home, workflow, [case])
    shell.say(f"{added} case(s) added to evals/cases/{workflow}.jsonl")
    shell.give({"added": added})


def _show(shell: Shell, moment: "Moment", place: int, of: int) -> None:
    shell.say(f"\n{place} of {of}: {moment.case.at}, {moment.why}. {moment.because}".rstrip())
    for type, rows in moment.case.given.items():
        for row in rows:
            shell.say(f"  {type} " + ", ".join(f"{name} {value}" for name, value in row.items()))


@click.command()
@click.argument("workflow")
@shelled
async def harvest(shell: Shell, workflow: str) -> None:
    """Write what people decided and what came of it as candidates into evals/candidates/WORKFLOW.jsonl.

    Example: opslayer eval harvest collections
    """
    from approvals.policy import editors
    from evals.autonomy.evidence import Evidence
    from evals.diff.runs import history
    from evals.labelled.harvest import harvest as gather
    from evals.labelled.harvest import longest
    from evals.labelled.writing import append

    async with shell.layer() as layer:
        parts = layer.parts  # type: ignore[attr-defined]  # the layer that runs here
        evidence = Evidence()
        await evidence.follow(parts.store)
        inputs, _ = await history(parts.store)
        hasty = msgspec.convert(parts.home.autonomy.earned.hasty, timedelta)
        actions = await _actions(layer)  # type: ignore[arg-type]
        edited = {each.id: await parts.memory.proposed(each.id) for each in actions if editors(each)}
        drafted = {id: longest(payload) for id, payload in edited.items() if payload is not None}
        found = gather(parts.home, workflow, inputs, evidence, actions, hasty=hasty, drafted=drafted)
    added = append(shell.home, workflow, [each.case for each in found], into="evals/candidates")
    shell.table(
        [(each.case.id, each.case.label.source, each.case.label.by, each.case.label.note) for each in found],
        ("CASE", "FROM", "BY", "NOTE"),
    )
    for each in found:
        if each.difference:
            shell.say(f"\n{each.case.id}\n{each.difference}")
    shell.say(
        f"{added} candidate(s) added to evals/candidates/{workflow}.jsonl; move those that are right to evals/cases/."
    )
    shell.give(found)


async def _actions(layer: "OpsLayer") -> "list[Action]":
    found: list[Action] = []
    while page := await layer.actions(after=found[-1].id if found else "", limit=500):
        found += page
    return found


@click.command()
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="The present: so many days.")
@shelled
async def drift(shell: Shell, days: int) -> None:
    """Tell whether inputs, verdicts and edits of the last days look like before; exit code 1 when they do not.

    Example: opslayer eval drift --days 30
    """
    async with shell.layer() as layer:
        found = await layer.watch_drift(days)
    shell.table(
        [(each.unit, each.what, each.before, each.now, "ALARM" if each.alarm else "") for each in found],
        ("ACTION", "WHAT", "BEFORE", "NOW", ""),
    )
    shell.give(found)
    leave(FAULTS if any(each.alarm for each in found) else GOOD)
