"""check and test: faults of the configuration, and the examples of the rulesets."""

import click

from api.cli.shell import FAULTS, GOOD, Shell, leave


@click.command()
@click.pass_obj
def check(shell: Shell) -> None:
    """Find all faults of the configuration, each with file, line and column.

    Example: opslayer --home acme check
    """
    from api.bootstrap import check_home
    from api.routes.shapes import check_out

    checked = check_home(shell.home)
    shell.problems(checked.problems)
    for warning in checked.warnings:
        shell.say(f"warning: {warning}")
    if checked.ok:
        shell.say(f"{checked.rulesets} rulesets with {checked.rules} rules, no fault.")
    else:
        shell.say(f"{len(checked.problems)} fault(s).")
    shell.give(check_out(checked))
    leave(GOOD if checked.ok else FAULTS)


@click.command()
@click.argument("workflows", metavar="[WORKFLOW]...", nargs=-1)
@click.pass_obj
def test(shell: Shell, workflows: tuple[str, ...]) -> None:
    """Run rules/*/examples.yaml: what is given, what must follow.

    Example: opslayer --home acme test collections
    """
    from api.problems import problem_out
    from engine.source.problem import ConfigError
    from evals.examples import run

    try:
        results = run(shell.home, workflows)
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
    shell.give({"passed": len(results) - len(failed), "failed": len(failed), "examples": results})
    leave(FAULTS if failed else GOOD)
