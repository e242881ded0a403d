"""Who let a change onto a branch: nobody's own change comes in by their own word."""

from collections.abc import Iterator
from email.utils import parseaddr

from engine.source.problem import Problem
from evals.diff.git import GitFault, Landed, Repository

HINT = (
    "let another person approve it (`Reviewed-by: Name <address>` in the commit, or a merge that they make), or write "
    "`review: trusted` under `follow` when the branch is protected elsewhere"
)


def unreviewed(repository: Repository, base: str, tip: str) -> Iterator[Problem]:
    """Yield each change on the way from `base` ("": the last one alone) to `tip` that only its authors answer for."""
    try:
        found = repository.landed(base, tip)
    except GitFault:  # the base is gone, or of another history: the last change speaks for all
        found = repository.landed("", tip)
    for each in found:
        if not _others(each):
            wrote = " and ".join(sorted(each.authors))
            message = f"commit {each.commit.id[:12]} “{each.commit.subject}” of {wrote} was let in by nobody else"
            yield Problem("own-approval" if each.approvers else "no-approval", message, hint=HINT)


def _others(each: Landed) -> set[str]:
    return {_address(person) for person in each.approvers} - {_address(person) for person in each.authors} - {""}


def _address(person: str) -> str:
    return parseaddr(person)[1].casefold()
