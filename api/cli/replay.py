"""replay, backtest and demo: history played as if it were live, and the sample company."""

import asyncio
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from zoneinfo import ZoneInfo

import click

from api.cli.shell import FAULTS, GOOD, Shell, leave
from engine.source.counted import counted

if TYPE_CHECKING:
    from engine.rules import Home
    from evals.history import Moment


@click.command()
@click.option("--source", "sources", metavar="NAME=PATH", multiple=True, help="Files instead of the journal; repeat.")
@click.option("--from", "start", metavar="DATE", default="", help="First day of the files to play.")
@click.option("--to", "end", metavar="DATE", default="", help="Last day of the files to play.")
@click.pass_obj
def replay(shell: Shell, sources: tuple[str, ...], start: str, end: str) -> None:
    """Decide again all that the journal holds, in another process, and compare; or play files of history day by day.

    What was derived is left out and derived anew, under the rules in force at each input. Exit code 1 when a decision
    is not the same, byte for byte.

    Example: opslayer replay --home examples/csv-ledger --source ledger=invoices.csv
    """
    if not sources and (start or end):
        raise click.UsageError("--from and --to go with --source; the journal is played whole.")
    if not sources:
        _again(shell)
    from evals.replay import run

    report = run(shell.home, _paths(sources), start=_day(start), end=_day(end), progress=shell.progress)
    shell.say(report.text())
    shell.give(report)
    leave(FAULTS if report.rejected else GOOD)


def _again(shell: Shell) -> NoReturn:
    from api.again import decide_again

    found = asyncio.run(decide_again(shell.home))
    if found is None:
        raise click.UsageError("There is no journal yet: run `opslayer sync` or `opslayer serve` first.")
    for each in found.differences:
        shell.say(f"{each.what}: {each.id} {each.subject}".rstrip())
        for path, then, now in each.parts:
            shell.say(f"  {path}: {then} then, {now} now")
    if found.erased:
        shell.say(f"{counted(found.erased, 'decision')} about people who were erased: erased, not compared.")
    for parts in found.made_with:
        if parts != found.now:
            told = ", ".join(f"{name} {value} (now {found.now.get(name)})" for name, value in parts.items())
            shell.say(f"Decided with other versions: {told}.")
    said = "the same, byte for byte" if found.same else "NOT the same"
    shell.say(f"{counted(found.inputs, 'input')} decided again: {counted(found.decisions, 'decision')}, {said}.")
    shell.give(found)
    leave(GOOD if found.same else FAULTS)


@click.command()
@click.option(
    "--from", "start", metavar="DATE", default="", help="First day that counts (default: the first there is)."
)
@click.option("--to", "end", metavar="DATE", default="", help="Last day that counts.")
@click.option("--rules", "revision", metavar="REV", default="", help="A git revision (default: the files as they are).")
@click.option("--source", "sources", metavar="NAME=PATH", multiple=True, help="Files instead of the journal; repeat.")
@click.pass_obj
def backtest(shell: Shell, start: str, end: str, revision: str, sources: tuple[str, ...]) -> None:
    """Tell what rules would have decided in the past, each fact known from its moment on and not before.

    Example: opslayer backtest --from 2026-01-01 --to 2026-03-31 --rules main
    """
    from api.cli.diff import _history, _home
    from evals.backtest import over_files, over_journal
    from evals.plan import load_plan

    home = _home(shell, revision).sound()
    zone, first, last = ZoneInfo(home.app.timezone), _day(start) or date.min, _day(end) or date.max
    ahead = frozenset(load_plan(shell.home).ahead)

    def inside(at: datetime) -> bool:
        return first <= at.astimezone(zone).date() <= last

    if sources:
        found = over_files(home, _moments(shell, home, _paths(sources)), inside=inside, ahead=ahead)
    else:
        inputs, coverage = asyncio.run(_history(shell))
        found = over_journal(home, inputs, coverage, inside=inside, ahead=ahead)
    shell.say(found.text())
    shell.give(found)
    leave(FAULTS if found.leaks or found.faults else GOOD)


def _moments(shell: Shell, home: "Home", paths: dict[str, Path]) -> "list[Moment]":
    from engine.inference.clock import HeldClock
    from evals.history import read_history

    moments, _ = asyncio.run(read_history(shell.home, home, paths, HeldClock(datetime.now().astimezone())))
    return moments


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise click.UsageError(f"{text!r} is no date; write 2013-01-31.") from error


def _paths(sources: tuple[str, ...]) -> dict[str, Path]:
    paths = {}
    for each in sources:
        name, sign, path = each.partition("=")
        if not (name and sign and path):
            raise click.UsageError("--source takes NAME=PATH.")
        if not Path(path).is_file():
            raise click.UsageError(f"There is no file {path}.")
        paths[name] = Path(path)
    return paths


@click.command()
@click.option("--seed", type=int, default=1, show_default=True, help="Another number makes another company.")
@click.option("--days", type=click.IntRange(1, 84), default=84, show_default=True, help="Play fewer than twelve weeks.")
@click.option("--no-serve", is_flag=True, help="End after the last day instead of serving the web page.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), default=None, help="Where to build it.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.pass_obj
def demo(shell: Shell, seed: int, days: int, folder: Path | None, port: int, *, no_serve: bool) -> None:
    """Build the sample company's systems, run the layer over twelve weeks of them, and serve the web page.

    Example: opslayer demo --seed 7 --no-serve
    """
    from api.demo import run

    leave(run(shell, seed=seed, days=days, serve=not no_serve, folder=folder, port=port))
