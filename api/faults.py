"""A fault as RFC 9457 problem details, for the API and for the command line, which needs no server for it."""

from typing import Final

import msgspec

from engine.rules.codes import page_of
from engine.source.problem import Problem

PREFIX: Final = "urn:opslayer:problem:"


class ProblemOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fault as RFC 9457 problem details; `where` is `file:line:column`, `docs` the page of a configuration fault."""

    type: str
    title: str
    detail: str
    status: int = 0
    where: str = ""
    hint: str = ""
    docs: str = ""


def problem_out(problem: Problem, status: int = 0) -> ProblemOut:
    """Return one of our problems in its outside form."""
    return ProblemOut(
        type=PREFIX + problem.code,
        title=problem.code.replace("-", " ").capitalize(),
        detail=problem.message,
        status=status,
        where=str(problem.place) if problem.place else "",
        hint=problem.hint,
        docs=page_of(problem.code),
    )
