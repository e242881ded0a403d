"""autonomy: where each action stands, and the steps from stage to stage."""

from typing import Literal

import click

from api.cli.shell import FAULTS, GOOD, Shell, Undone, leave, shelled
from api.outcomes import Autonomy, Refused
from engine.source.counted import counted
from evals.autonomy.samples import Sample

AS = click.option("--as", "person", envvar="OPSLAYER_PERSON", default="", help="The person who acts.")


@click.group()
def autonomy() -> None:
    """Tell, ask for, grant and take back what goes without a person.

    Example: opslayer autonomy status
    """


@autonomy.command()
@shelled
async def status(shell: Shell) -> None:
    """List every action with its stage and what is missing for the next.

    Example: opslayer autonomy status
    """
    async with shell.layer() as layer:
        rows = await layer.autonomy()
    shell.table([_line(each) for each in rows], ("ACTION", "STAGE", "POLICY", "CORRECT", "MISSING"))
    shell.give(rows)


@autonomy.command()
@click.argument("action", metavar="RULESET/RULE/ACTION")
@click.option(
    "--samples", type=click.IntRange(0, 10_000), default=20, show_default=True, help="How many labels to list."
)
@shelled
async def explain(shell: Shell, action: str, samples: int) -> None:
    """Tell where an action stands: every check with its figure and source, its labels, its history.

    Example: opslayer autonomy explain collections/overdue_account/follow_up
    """
    ruleset, rule, name = _parts(action)
    async with shell.layer() as layer:
        found = await layer.stage(ruleset, rule, name)
    if isinstance(found, Refused):
        raise click.UsageError(found.problems[0].message)
    row = found.row
    since = f" since {row.since:%Y-%m-%d}" if row.since else ""
    shell.say(f"{action}: {row.stage}{since}" + (f" ({row.because})" if row.because else ""))
    checks = [("yes" if each.met else "no", each.name, each.found, each.source) for each in row.checks]
    shell.table(checks, ("MET", "CHECK", "FOUND", "SOURCE"))
    for reason, count in row.left_out.items():
        shell.say(f"not counted, {counted(count, 'label')}: {reason}")
    labels = [_label(each) for each in found.samples[-samples:]] if samples else []
    shell.table(labels, ("WHEN", "LABEL", "FROM", "BY", "SUBJECT", "NOTE"))
    for step in found.history:
        told = f"{step['at']:%Y-%m-%d %H:%M} {step['does']} by {step['by']}: {step['stage']} {step.get('reason', '')}"
        shell.say(told.rstrip())
    shell.give(found)


def _step(step: Literal["request", "promote", "demote"], text: str) -> None:
    @autonomy.command(
        name=step, help=f"{text}\n\nExample: opslayer autonomy {step} collections/overdue_account/follow_up --as elif"
    )
    @click.argument("action", metavar="RULESET/RULE/ACTION")
    @AS
    @shelled
    async def command(shell: Shell, action: str, person: str) -> None:
        ruleset, rule, name = _parts(action)
        async with shell.layer() as layer:
            result = await layer.change_autonomy(ruleset, rule, name, step, shell.actor(layer, person))
        _answer(shell, action, result)


_step("request", "Freeze the evidence as it stands and judge it for the next stage.")
_step("promote", "Grant the next stage; takes an admin who did not write the rule.")
_step("demote", "Take a stage back at once; what waits to go by itself returns to the inbox.")


@autonomy.command()
@click.argument("action", metavar="RULESET/RULE/ACTION")
@AS
@shelled
async def carry(shell: Shell, action: str, person: str) -> None:
    """Carry stage and evidence over the last change; refused unless history would have been decided alike.

    Example: opslayer autonomy carry collections/overdue_account/follow_up --as elif
    """
    ruleset, rule, name = _parts(action)
    async with shell.layer() as layer:
        result = await layer.carry_autonomy(ruleset, rule, name, shell.actor(layer, person))
    _answer(shell, action, result)


@autonomy.command()
@click.argument("action", required=False, default="")
@click.option("--right", "said", flag_value="right", help="It was right.")
@click.option("--wrong", "said", flag_value="wrong", help="It was wrong.")
@click.option("--critical", is_flag=True, help="It was wrong and must never happen.")
@click.option("--reason", default="", help="Why.")
@AS
@shelled
async def audit(shell: Shell, action: str, said: str | None, reason: str, person: str, *, critical: bool) -> None:
    """List what went by itself and waits for a look, or say of one ACTION whether it was right.

    Example: opslayer autonomy audit 4f2a --wrong --reason "already paid" --as ayse
    """
    async with shell.layer() as layer:
        waiting = await layer.audits()
        if not action:
            shell.table(
                [(each.action, each.unit, each.subject, f"{each.at:%Y-%m-%d %H:%M}") for each in waiting],
                ("ACTION", "WHAT", "SUBJECT", "SENT"),
            )
            shell.give(waiting)
            return
        if said is None and not critical:
            raise click.UsageError("Say --right, --wrong or --critical.")
        found = [each.action for each in waiting if each.action.startswith(action)]
        id = found[0] if len(found) == 1 else action
        correct = said == "right" and not critical
        result = await layer.audit(id, shell.actor(layer, person), correct=correct, reason=reason, critical=critical)
    _answer(shell, id, result)


@autonomy.command()
@click.argument("action", required=False, default="")
@click.option("--right", "said", flag_value="right", help="It was right.")
@click.option("--wrong", "said", flag_value="wrong", help="It was wrong.")
@click.option("--reason", default="", help="Why.")
@AS
@shelled
async def second(shell: Shell, action: str, said: str | None, reason: str, person: str) -> None:
    """List what another person decided and you should look at without knowing how, or say of one ACTION what you think.

    Example: opslayer autonomy second 4f2a --right --as mehmet
    """
    async with shell.layer() as layer:
        actor = shell.actor(layer, person)
        waiting = await layer.seconds(actor)
        if not action:
            shell.table([(each.action, each.unit, each.subject) for each in waiting], ("ACTION", "WHAT", "SUBJECT"))
            shell.give(waiting)
            return
        found = [each.action for each in waiting if each.action.startswith(action)]
        id = found[0] if len(found) == 1 else action
        if said is None:
            known = await layer.action(id) if found else None
            if known is None:
                raise click.UsageError(f"Nobody asks you for a second look at {action}.")
            shell.say(f"{known.because}\n\n" + "\n".join(f"{name}: {value}" for name, value in known.payload.items()))
            shell.give({"because": known.because, "payload": known.payload})
            return
        result = await layer.second(id, actor, correct=said == "right", reason=reason)
    _answer(shell, id, result)


@autonomy.command()
@click.option(
    "--runs", type=click.IntRange(100, 100_000), default=2000, show_default=True, help="Rules of each quality."
)
@click.option(
    "--asks", type=click.IntRange(1, 1000), default=40, show_default=True, help="How often a persistent asker asks."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another number draws other rules.")
@click.pass_obj
def simulate(shell: Shell, runs: int, asks: int, seed: int) -> None:
    """Tell what the home's policy means: chances to promote good and bad rules, and how soon errors are found.

    Example: opslayer autonomy simulate --runs 1000
    """
    from engine.rules import load_home

    try:
        from evals.autonomy.simulate import simulate as run
        from evals.autonomy.simulate import tables
    except ImportError as error:
        raise Undone("it needs numpy: pip install opslayer[simulate]") from error
    found = run(load_home(shell.home).sound().autonomy.earned, runs=runs, asks=asks, seed=seed)
    shell.say(tables(found))
    shell.give(found)


def _line(row: Autonomy) -> tuple[str, ...]:
    name = f"{row.ruleset}/{row.rule}/{row.action}"
    return name, row.stage, row.policy, f"{row.correct}/{row.labelled}", "; ".join(row.missing[:2])


def _label(each: Sample) -> tuple[str, ...]:
    said = "right" if each.correct else "wrong"
    return f"{each.at:%Y-%m-%d %H:%M}", said, each.source, each.by, each.subject, each.why or each.reason


def _parts(action: str) -> tuple[str, str, str]:
    parts = action.split("/")
    if len(parts) != 3:
        raise click.UsageError("Name it as RULESET/RULE/ACTION.")
    return parts[0], parts[1], parts[2]


def _answer(shell: Shell, action: str, result: Autonomy | Refused) -> None:
    shell.give(result)
    if isinstance(result, Refused):
        for each in result.problems:
            shell.say(each.message)
        leave(FAULTS)
    shell.say(f"{action}: {result.stage}" + (f" ({result.because})" if result.because else ""))
    leave(GOOD)
