"""Faults as workflow commands, which GitHub shows at the lines of a pull request.

Source: GitHub Docs, "Workflow commands for GitHub Actions", setting an error or warning message.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from api.outcomes import Checked
from engine.rules.codes import page_of
from engine.source.problem import Problem


def github(checked: Checked, home: Path) -> Iterator[str]:
    """Yield one command a fault; files are named from the workspace on, as GitHub knows them."""
    workspace = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd())
    for kind, problems in (("error", checked.problems), ("warning", checked.warnings)):
        for problem in problems:
            yield f"::{kind} {','.join(_properties(problem, home, workspace))}::{_data(_message(problem))}"


def _properties(problem: Problem, home: Path, workspace: Path) -> Iterator[str]:
    if problem.place is not None:
        yield f"file={_property(Path(os.path.relpath(home / problem.place.file, workspace)).as_posix())}"
        if problem.place.line:
            yield f"line={problem.place.line},col={problem.place.column}"
    yield f"title={_property(problem.code)}"


def _message(problem: Problem) -> str:
    page = page_of(problem.code)
    parts = (problem.message, problem.hint, f"See {page}" if page else "")
    return "\n".join(part for part in parts if part)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
