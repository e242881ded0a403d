"""check and test: faults of the configuration, and the examples of the rulesets."""

import click

from api.cli.shell import FAULTS, GOOD, Shell, leave
from engine.source.counted import counted


@click.command()
@click.option(
    "--annotations", type=click.Choice(["github"]), help="Print faults as commands that show them at their lines."
)
@click.pass_obj
def check(shell: Shell, annotations: str | None) -> None:
    """Find all faults of the configuration, each with file, line and column.

    Example: opslayer --home acme check
    """
    from api.annotations import github
    from api.checks import check_home
    from api.routes.shapes import check_out
    from engine.rules.codes import page_of

    checked = check_home(shell.home)
    for problem in (*checked.problems, *checked.warnings):
        mark = "warning: " if problem in checked.warnings else ""
        page = page_of(problem.code)
        shell.say(f"{mark}{problem}" + (f"\n  see {page}" if page else ""))
    for line in github(checked, shell.home) if annotations else ():
        shell.say(line)
    if checked.ok:
        shell.say(f"{counted(checked.rulesets, 'ruleset')} with {counted(checked.rules, 'rule')}, no fault.")
    else:
        shell.say(f"{counted(len(checked.problems), 'fault')}.")
    shell.give(check_out(checked))
    leave(GOOD if checked.ok else FAULTS)


@click.command()
@click.argument("workflows", metavar="[WORKFLOW]...", nargs=-1)
@click.option(
    "--coverage",
    "covered",
    is_flag=True,
    help="Tell which conditions and table rows no example makes true and false.",
)
@click.option("--min", "least", type=click.FloatRange(0, 100), default=None, help="Fail below this percentage.")
@click.pass_obj
def test(shell: Shell, workflows: tuple[str, ...], *, covered: bool, least: float | None) -> None:
    """Run rules/*/examples.yaml: what is given, what must follow.

    Example: opslayer --home acme test collections --coverage --min 90
    """
    from api.faults import problem_out
    from engine.source.problem import ConfigError
    from evals import coverage, examples

    found: coverage.Coverage | None = None
    try:
        if covered or least is not None:
            results, found = coverage.run(shell.home, workflows)
        else:
            results = examples.run(shell.home, workflows)
    except ConfigError as error:
        shell.problems(error.problems)
        shell.say("The examples were not run: the configuration has faults.")
        shell.give(
            {"passed": 0, "failed": 0, "examples": [], "problems": [problem_out(each) for each in error.problems]}
        )
        leave(FAULTS)
    failed = [each for each in results if not each.passed]
    for each in failed:
        shell.say(f"FAILED {each.workflow}: {each.name}")
        for line in each.differences:
            shell.say(f"  {line}")
    shell.say(f"{len(results) - len(failed)} passed, {len(failed)} failed.")
    answer = {"passed": len(results) - len(failed), "failed": len(failed), "examples": results}
    if found is not None:
        shell.say(found.text())
        answer["coverage"] = {"percent": round(found.percent, 1), "rules": found.rules, "tables": found.tables}
    shell.give(answer)
    short = found is not None and least is not None and found.percent < least
    if short:
        shell.say(f"That is below {least:g} %.")
    leave(FAULTS if failed or short else GOOD)
