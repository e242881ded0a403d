"""eval label, harvest and drift: cases from the past, and whether the present still looks like it."""

from datetime import datetime
from getpass import getuser
from typing import TYPE_CHECKING

import click

from api.cli.shell import FAULTS, GOOD, Shell, leave, shelled
from engine.source.counted import counted

if TYPE_CHECKING:
    from engine.rules.cases import Case
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
    shell.say(f"{counted(len(moments), 'moment')} to label")
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
    shell.say(f"{counted(added, 'case')} added to evals/cases/{workflow}.jsonl")
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
    from api.outcomes import Refused

    async with shell.layer() as layer:
        found = await layer.harvest(workflow)
        waiting = await layer.candidates(workflow)
    if isinstance(found, Refused) or isinstance(waiting, Refused):
        shell.problems(found.problems if isinstance(found, Refused) else ())
        leave(FAULTS)
    shell.table(
        [(each.case.id, each.case.label.source, each.case.label.by, each.case.label.note) for each in found],
        ("CASE", "FROM", "BY", "NOTE"),
    )
    for each in found:
        if each.difference:
            shell.say(f"\n{each.case.id}\n{each.difference}")
    shell.say(f"{counted(len(waiting), 'candidate')} to be judged: opslayer eval accept {workflow} CASE")
    shell.give(found)


@click.command()
@click.argument("workflow")
@click.argument("cases", metavar="CASE...", nargs=-1)
@click.option("--all", "whole", is_flag=True, help="All that wait.")
@click.option("--drop", is_flag=True, help="Leave them out, now and when they are found again.")
@click.option("--as", "person", envvar="OPSLAYER_PERSON", default="", help="Who says so.")
@click.pass_obj
def accept(shell: Shell, workflow: str, cases: tuple[str, ...], *, whole: bool, drop: bool, person: str) -> None:
    """Make labelled cases of harvested candidates, or drop them; without a CASE, list what waits.

    Example: opslayer eval accept collections seen_4f1c9a02d5e7b833
    """
    from evals.labelled import candidates

    found = candidates.waiting(shell.home, workflow)
    chosen = [each.id for each in found if whole or each.id in cases]
    if strange := sorted(set(cases) - {each.id for each in found}):
        raise click.UsageError(f"no candidate of {workflow}, or no more: {', '.join(strange)}")
    if not chosen:
        rows = [(each.id, (each.should or each.should_not)[0], _asked(each), each.label.note) for each in found]
        shell.table(rows, ("CASE", "OF", "SHOULD", "NOTE"))
        shell.give(found)
        return
    if drop:
        candidates.drop(shell.home, workflow, chosen)
    else:
        candidates.accept(shell.home, workflow, chosen, by=person or getuser())
    left = len(candidates.waiting(shell.home, workflow))
    shell.say(f"{len(chosen)} {'dropped' if drop else f'kept in evals/cases/{workflow}.jsonl'}, {left} left")
    shell.give({"dropped" if drop else "kept": chosen, "left": left})


def _asked(case: "Case") -> str:
    return "be proposed" if case.should else "not be proposed"


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
