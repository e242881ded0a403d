"""diff: what a change of the configuration means, in words and in decisions."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from api.cli.shell import FAULTS, GOOD, Shell, Undone, leave

if TYPE_CHECKING:
    from engine.ports import Stored
    from engine.rules import Home
    from engine.rules.examples import Example
    from evals.diff.structs import Behaviour


@click.command()
@click.argument("base")
@click.argument("head", required=False, default="")
@click.option("--period", metavar="A..B", default="", help="Compare decisions from day A to day B only.")
@click.option(
    "--cases", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Compare over the cases of a file like rules/*/examples.yaml instead of the journal; repeat for several.",
)  # fmt: skip
@click.option("--examples", type=click.IntRange(0, 100), default=5, show_default=True, help="How many to explain.")
@click.option("--format", "form", type=click.Choice(["text", "markdown", "html"]), default="text", show_default=True)
@click.pass_obj
def diff(shell: Shell, base: str, head: str, period: str, cases: tuple[Path, ...], examples: int, form: str) -> None:
    """Compare the revision BASE with HEAD (default: the files as they are), over the journal's history.

    A revision is one of git, `bundle:ID`, or `in-force` for what rules now.

    Example: opslayer diff main --period 2026-01-01..2026-03-31 --format markdown
    """
    from evals.diff.page import html
    from evals.diff.render import markdown, text
    from evals.diff.semantic import changes
    from evals.diff.structs import Report

    inside = _period(period)
    before, after = _home(shell, base), _home(shell, head)
    label = head or "the files as they are"
    problems = (*before.problems, *after.problems)
    report = Report(base=base, head=label, changes=changes(before, after), problems=problems)
    if not problems:
        found = _over_cases(shell, before, after, cases, examples) if cases else None
        found = found or _over_journal(shell, before, after, inside, examples)
        report = Report(base=base, head=label, changes=report.changes, behaviour=found)
    shell.say({"text": text, "markdown": markdown, "html": html}[form](report).rstrip())
    shell.give(report)
    differs = report.behaviour is not None and report.behaviour.differs
    leave(FAULTS if problems or differs else GOOD)


def _home(shell: Shell, revision: str) -> "Home":
    from api.bundles.naming import home_named
    from evals.diff.git import GitFault, UnknownRevision

    try:
        return asyncio.run(home_named(shell.home, revision))
    except UnknownRevision as error:
        raise click.UsageError(str(error)) from error
    except GitFault as error:
        raise Undone(str(error)) from error


def _period(text: str) -> Callable[[datetime, ZoneInfo], bool]:
    if not text:
        return lambda _at, _zone: True
    first, dots, last = text.partition("..")
    try:
        days = [datetime.fromisoformat(day).date() if day else None for day in (first, last)]
    except ValueError as error:
        raise click.UsageError(f"--period takes DAY..DAY, e.g. 2026-01-01..2026-03-31: {error}") from error
    if not dots:
        raise click.UsageError("--period takes DAY..DAY; either may be left out.")

    def inside(at: datetime, zone: ZoneInfo) -> bool:
        start = datetime.combine(days[0], time(), zone) if days[0] else at
        end = datetime.combine(days[1] + timedelta(days=1), time(), zone) if days[1] else at + timedelta(1)
        return start <= at < end

    return inside


def _over_cases(shell: Shell, before: "Home", after: "Home", files: Sequence[Path], examples: int) -> "Behaviour":
    from evals.diff.cases import compare_cases, read_cases

    cases: list[Example] = []
    for file in files:
        found, problems = read_cases(file.read_bytes(), str(file))
        if problems:
            shell.problems(problems)
            leave(FAULTS)
        cases += found
    return compare_cases(before, after, cases, examples=examples)


def _over_journal(
    shell: Shell, before: "Home", after: "Home", inside: Callable[[datetime, ZoneInfo], bool], examples: int
) -> "Behaviour":
    from evals.diff.behaviour import compare

    shell.progress("reading the journal ...")
    inputs, coverage = asyncio.run(_history(shell))
    shell.progress("")
    zone = ZoneInfo(after.app.timezone)
    return compare(before, after, inputs, coverage, inside=lambda at: inside(at, zone), examples=examples)


async def _history(shell: Shell) -> tuple[list["Stored"], list["Stored"]]:
    from api.bootstrap import open_journal
    from api.clock import SystemClock
    from evals.diff.runs import history

    async with open_journal(shell.home, SystemClock()) as reader:
        return ([], []) if reader is None else await history(reader)
