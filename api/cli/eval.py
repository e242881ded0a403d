"""eval: labelled cases through the code of production, scored; and where cases come from."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.labelling import accept, drift, harvest, label
from api.cli.shell import FAULTS, GOOD, Shell, Undone, leave
from engine.source.counted import counted

if TYPE_CHECKING:
    from engine.rules import Home
    from engine.rules.cases import Case
    from evals.scored.asking import Meter
    from evals.scored.structs import EvalRun


class Workflows(click.Group):
    """Takes the name of a workflow where no sub-command stands."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the sub-command, or the run of a workflow."""
        if args and args[0] not in self.commands:
            return "run", self.commands["run"], args
        return super().resolve_command(ctx, args)


@click.group(cls=Workflows)
def eval() -> None:
    """Score a WORKFLOW on its labelled cases, or work on the cases: run, import, label, harvest.

    Example: opslayer eval collections --against main
    """


@eval.command()
@click.argument("workflow")
@click.option("--against", metavar="REV", default="", help="Compare with a git revision on the same cases.")
@click.option("--repeat", type=click.IntRange(1, 100), default=1, show_default=True, help="Run each case so often.")
@click.option("--route", default="", help="The route of config/models.yaml that writes (default: the templates).")
@click.option("--judge", default="", help="The route whose model judges drafts.")
@click.option(
    "--format", "form", type=click.Choice(["text", "markdown", "html", "junit"]), default="text", show_default=True
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=None, help="Write the report there.")
@click.option("--accept", is_flag=True, help="Let this run be the one that later ones are held against.")
@click.option("--history", is_flag=True, help="List the runs that are kept, and run nothing.")
@click.pass_obj
def run(
    shell: Shell, workflow: str, against: str, repeat: int, route: str, judge: str, form: str, out: Path | None,
    *, accept: bool, history: bool,
) -> None:  # fmt: skip
    """Score a workflow on evals/cases/WORKFLOW.yaml and .jsonl; exit code 1 when it fails.

    Example: opslayer eval collections --repeat 3 --route draft --format html --out eval.html
    """
    from evals import kept
    from evals.scored import page, telling

    if history:
        found = kept.runs(shell.home, workflow)
        shell.say(telling.over_time(found))
        shell.give(found)
        return
    done = _run(shell, workflow, against, repeat, route, judge)
    earlier = kept.runs(shell.home, workflow)
    kept.keep(shell.home, done)
    if accept:
        shell.say(f"accepted: {kept.accept(shell.home, done)}")
    told = {"text": telling.text, "markdown": telling.markdown, "junit": telling.junit}
    report = page.html(done, earlier) if form == "html" else told[form](done)
    if out is not None:
        out.write_text(report, encoding="utf-8")
    shell.say(telling.text(done) if out is not None else report)
    shell.give(done)
    leave(FAULTS if done.reasons() or done.passed < len(done.cases) else GOOD)


def _run(shell: Shell, workflow: str, against: str, repeat: int, route: str, judge: str) -> "EvalRun":
    """Run the cases under the files as they are, and hold the result against what is to be compared."""
    import msgspec

    from evals import kept
    from evals.labelled.reading import cases_of
    from evals.scored.scoring import compare

    home = _home(shell, "")
    cases = cases_of(shell.home, home, workflow)
    if not cases:
        raise click.UsageError(f"There are no cases: write evals/cases/{workflow}.yaml.")
    done = _scored(shell, home, workflow, cases, repeat, route, judge)
    comparisons = []
    baseline = kept.accepted(shell.home, workflow)
    if baseline is not None:
        comparisons.append(compare(done, baseline, "the accepted run"))
    if against:
        other = _scored(shell, _home(shell, against), workflow, cases, repeat, route, judge)
        comparisons.append(compare(done, other, against))
    _remember(shell, home, done)
    return msgspec.structs.replace(done, comparisons=tuple(comparisons))


def _scored(
    shell: Shell, home: "Home", workflow: str, cases: "tuple[Case, ...]", repeat: int, route: str, judge: str
) -> "EvalRun":
    from evals.scored.running import Runner
    from evals.scored.scoring import run_of
    from evals.scored.words import Judge

    meter, judging = _meter(home, route), _meter(home, judge)
    runner = Runner(home, workflow, meter, Judge(judging, judging.models[0]) if judging.models else None)
    tried = runner.run(cases, repeat, lambda done, of: shell.progress(f"{workflow}: {_bar(done, of)} {done}/{of}"))
    shell.progress("")
    at = datetime.now().astimezone()
    told = f"route {route}" if route else "templates"
    return run_of(workflow, tried, at=at, revision=home.revision, route=told, repeat=repeat)


def _bar(done: int, of: int, width: int = 24) -> str:
    filled = width * done // of
    return "█" * filled + "░" * (width - filled)


def _meter(home: "Home", route: str) -> "Meter":
    from api.opening import open_models
    from approvals import configured
    from approvals.models.structs import TEMPLATE
    from evals.scored.asking import Meter

    if not route:
        return Meter()
    if route not in home.models.routes:
        raise click.UsageError(f"There is no route {route!r}; routes are {', '.join(home.models.routes) or 'none'}.")
    models = open_models(home)
    names = home.models.route(route).providers
    return Meter([models[name] for name in names if name != TEMPLATE], configured.limits(home.models))


def _home(shell: Shell, revision: str) -> "Home":
    from engine.rules import load_home
    from evals.diff.git import GitFault, Repository, UnknownRevision

    if not revision:
        return load_home(shell.home).sound()
    try:
        return load_home(Repository(shell.home).revision(revision)).sound()
    except UnknownRevision as error:
        raise click.UsageError(str(error)) from error
    except GitFault as error:
        raise Undone(str(error)) from error


def _remember(shell: Shell, home: "Home", done: "EvalRun") -> None:
    """Keep the figures of each action beside its fingerprint, for the go-live gate."""
    from api.layer.standings import models_in_use
    from engine.inference.rulebook import Rulebook
    from evals.autonomy.fingerprints import fingerprints
    from evals.kept import Figures, remember

    digests = fingerprints(home, Rulebook.of(home), models_in_use(home))
    found = {
        f"{done.workflow}/{each.name}": Figures(
            fingerprint=digests[f"{done.workflow}/{each.name}"].digest, confusion=each.confusion, errors=each.errors
        )
        for each in done.groups
        if f"{done.workflow}/{each.name}" in digests
    }
    if found:
        remember(shell.home, found)


@eval.command(name="import")
@click.argument("workflow")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def import_(shell: Shell, workflow: str, file: Path) -> None:
    """Append the cases of a CSV FILE to evals/cases/WORKFLOW.jsonl.

    Example: opslayer eval import collections cases.csv
    """
    from evals.labelled.csvform import read_csv
    from evals.labelled.writing import append

    cases, problems = read_csv(file.read_text(encoding="utf-8"), file.name)
    if problems:
        shell.problems(problems)
        leave(FAULTS)
    added = append(shell.home, workflow, cases)
    shell.say(f"{counted(added, 'case')} added to evals/cases/{workflow}.jsonl")
    shell.give({"added": added})


eval.add_command(label)
eval.add_command(harvest)
eval.add_command(accept)
eval.add_command(drift)
