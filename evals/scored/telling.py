"""A run as text for a terminal, as Markdown for a review, and as JUnit XML for a build server."""

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from evals.report import aligned, bounds, share
from evals.scored.scoring import accuracy, majority
from evals.scored.structs import EvalRun, Group, Tried
from evals.scoring import wilson

HEADER = ("", "decisions", "accuracy", "95 %", "majority", "precision", "recall", "F1", "specificity", "errors")


def figures(group: Group) -> tuple[str, ...]:
    """Return one line of figures."""
    found = group.confusion
    right, total = found.hits + found.rejections, found.total + group.errors
    return (
        group.name, str(total), share(accuracy(group)), bounds(right, total), share(majority(group)),
        share(found.precision), share(found.recall), share(found.f1), share(found.specificity), str(group.errors),
    )  # fmt: skip


def text(run: EvalRun) -> str:
    """Return the run for a terminal."""
    lines = [f"{run.workflow}: {run.passed} of {len(run.cases)} cases passed ({run.revision[:12]}, {run.route})", ""]
    lines += aligned([HEADER, *(figures(each) for each in run.groups)])
    lines += ["", *_matrix(run.overall), ""]
    lines += [line for case in run.cases if not case.passed for line in _failed(case)]
    lines += beside(run)
    return "\n".join([*lines, *(f"FAILS: {each}" for each in run.reasons())]).rstrip()


def markdown(run: EvalRun) -> str:
    """Return the run as Markdown."""
    lines = [f"# {run.workflow}: {run.passed} of {len(run.cases)} cases passed", ""]
    lines += [f"{run.at:%Y-%m-%d %H:%M}, revision {run.revision[:12]}, {run.route}.", ""]
    lines += [f"| {' | '.join(HEADER)} |", "|---" * len(HEADER) + "|"]
    lines += [f"| {' | '.join(figures(each))} |" for each in run.groups]
    failed = [case for case in run.cases if not case.passed]
    lines += ["", "## Failed", ""] if failed else []
    lines += [f"- **{case.id}** {case.name}: {'; '.join(case.faults) or case.error}" for case in failed]
    lines += ["", *beside(run)]
    return "\n".join([*lines, *(f"- FAILS: {each}" for each in run.reasons())]).rstrip() + "\n"


def junit(run: EvalRun) -> str:
    """Return the run as JUnit XML (the form that Jenkins, GitLab and GitHub actions read)."""
    failures, errors = (
        sum(not each.passed and not each.error for each in run.cases),
        sum(bool(each.error) for each in run.cases),
    )
    suite = ET.Element(
        "testsuite", name=f"opslayer eval {run.workflow}", tests=str(len(run.cases)), failures=str(failures),
        errors=str(errors), timestamp=run.at.isoformat(), time=f"{sum(each.seconds for each in run.cases):.3f}",
    )  # fmt: skip
    for case in run.cases:
        one = ET.SubElement(suite, "testcase", classname=run.workflow, name=case.id, time=f"{case.seconds:.3f}")
        if case.error:
            ET.SubElement(one, "error", message=case.error)
        elif not case.passed:
            ET.SubElement(one, "failure", message="; ".join(case.faults) or "flaky")
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _matrix(group: Group) -> Iterator[str]:
    found = group.confusion
    yield from aligned(
        [
            ("", "proposed", "not proposed"),
            ("should be", str(found.hits), str(found.misses)),
            ("should not be", str(found.false_alarms), str(found.rejections)),
        ]
    )


def _failed(case: Tried) -> Iterator[str]:
    marks = "".join((" pinned" if case.pinned else "", " flaky" if case.flaky else ""))
    yield f"{case.id}{marks}: {case.name}".rstrip(": ")
    yield from (f"  {fault}" for fault in case.faults or (case.error,))


def beside(run: EvalRun) -> list[str]:
    """Return what else is told of a run: comparisons, flaky cases, drafts, the judging model, time and cost."""
    lines = [
        f"Against {each.against}: {len(each.broken)} broken, {len(each.mended)} mended of {each.cases} cases"
        f" (exact McNemar p = {each.p:.3f})." + (f" Broken: {', '.join(each.broken)}." if each.broken else "")
        for each in run.comparisons
    ]
    flaky = [each.id for each in run.cases if each.flaky]
    lines += [f"Flaky, so failed: {', '.join(flaky)}."] if flaky else []
    words = [each for case in run.cases for each in case.words]
    likes = [each.similarity for each in words if each.similarity is not None]
    lines += [f"Drafts: {sum(not each.faults for each in words)} of {len(words)} as wanted."] if words else []
    lines += [f"Likeness to what was sent: {sum(likes) / len(likes):.2f} over {len(likes)} drafts."] if likes else []
    judged = [each for each in words if each.judged]
    told = "no drafts that people judged too" if run.kappa is None else f"kappa with people {run.kappa:.2f}"
    lines += (
        [f"Judged good by the model: {sum(each.judged == 'good' for each in judged)} of {len(judged)}; {told}."]
        if judged
        else []
    )
    seconds, tokens = sum(each.seconds for each in run.cases), sum(each.tokens for each in run.cases)
    cost = sum(float(each.cost) for each in run.cases)
    lines += [f"{seconds:.1f} s, {tokens:,} tokens, cost {cost:.4f}."]
    return [*lines, *run.notes]


def interval(group: Group) -> tuple[float, float]:
    """Return the Wilson interval of a group's accuracy."""
    found = group.confusion
    return wilson(found.hits + found.rejections, found.total + group.errors)


def over_time(runs: Sequence[EvalRun]) -> str:
    """Return runs side by side, oldest first."""
    rows = [_summary(each) for each in runs]
    return "\n".join(aligned([("when", "revision", "route", "passed", "accuracy"), *rows]))


def _summary(run: EvalRun) -> tuple[str, ...]:
    passed = f"{run.passed}/{len(run.cases)}"
    return f"{run.at:%Y-%m-%d %H:%M}", run.revision[:12], run.route, passed, share(accuracy(run.overall))
