"""From tried cases to figures: by action, by segment, against other runs."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from evals.scored.structs import Comparison, EvalRun, Group, Tried
from evals.scoring import Confusion
from evals.statistics.paired import kappa, mcnemar, worse

ALL = "all decisions"


def run_of(
    workflow: str, tried: Sequence[Tried], *, at: datetime, revision: str, route: str, repeat: int,
    notes: Iterable[str] = (),
) -> EvalRun:  # fmt: skip
    """Return a run with its figures."""
    return EvalRun(
        workflow=workflow, at=at, revision=revision, route=route, repeat=repeat, cases=tuple(tried),
        groups=tuple(groups(tried)), kappa=agreement(tried), notes=tuple(notes),
    )  # fmt: skip


def groups(tried: Sequence[Tried]) -> list[Group]:
    """Return the figures of all decisions, of each action, and of each segment."""
    found: dict[str, Group] = {ALL: Group(name=ALL, confusion=Confusion())}
    for case in tried:
        segments = [f"{name}: {value}" for name, value in sorted(case.segment.items())]
        for name, (expected, predicted) in case.decided.items():
            for group in (ALL, name.partition(" for ")[0], *segments):
                found[group] = _with(
                    found.get(group) or Group(name=group, confusion=Confusion()), case, expected, predicted
                )
    return sorted(found.values(), key=lambda each: (each.name != ALL, ": " in each.name))


def _with(group: Group, case: Tried, expected: bool, predicted: bool) -> Group:
    if case.error:
        return Group(name=group.name, confusion=group.confusion, errors=group.errors + 1)
    return Group(name=group.name, confusion=group.confusion.add(predicted, expected), errors=group.errors)


def agreement(tried: Sequence[Tried]) -> float | None:
    """Return the judging model's agreement with people on the same drafts."""
    both = [(each.judged, each.person) for case in tried for each in case.words if each.judged and each.person]
    return kappa([judged for judged, _ in both], [person for _, person in both])


def compare(now: EvalRun, before: EvalRun, against: str) -> Comparison:
    """Compare on the cases of both; flaky ones say nothing and are left out."""
    earlier = {each.id: each for each in before.cases}
    both = [
        (earlier[each.id], each)
        for each in now.cases
        if each.id in earlier and not (each.flaky or earlier[each.id].flaky)
    ]
    broken = tuple(new.id for old, new in both if old.passed and not new.passed)
    mended = tuple(new.id for old, new in both if new.passed and not old.passed)
    return Comparison(
        against=against, cases=len(both), broken=broken, mended=mended, p=mcnemar(len(broken), len(mended)),
        worse=worse(len(broken), len(mended)),
    )  # fmt: skip


def majority(group: Group) -> float:
    """Return the accuracy of always answering with the more frequent class."""
    total = group.confusion.total + group.errors
    return max(group.confusion.true, group.confusion.total - group.confusion.true) / total if total else 0.0


def accuracy(group: Group) -> float:
    """Return the share of right decisions; what could not be run is wrong."""
    total = group.confusion.total + group.errors
    return (group.confusion.hits + group.confusion.rejections) / total if total else 0.0
