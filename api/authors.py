"""Who wrote a ruleset: the authors of its file in the home folder's git history."""

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from approvals.policy import Authors
from approvals.structs import Person
from engine.events import ActionKey

_SECONDS = 20


def authors_of(folder: Path, rulesets: Iterable[str], people: Mapping[str, Person]) -> Authors:
    """Return who wrote each ruleset, as people's ids by e-mail; nobody where the home is no git checkout."""
    by_email = {person.email.casefold(): person.id for person in people.values() if person.email}
    found = {
        ruleset: frozenset(
            by_email[email] for email in _emails(folder, f"rules/{ruleset}/ruleset.yaml") if email in by_email
        )
        for ruleset in rulesets
    }

    def authors(key: ActionKey, revision: str) -> frozenset[str]:
        del revision  # whoever changed the file at any time has a hand in what it says
        return found.get(key.ruleset, frozenset())

    return authors


def under_review(folder: Path, rulesets: Iterable[str]) -> bool:
    """Whether the home's rules are in a git history, so that commits tell who wrote them."""
    return any(_emails(folder, f"rules/{ruleset}/ruleset.yaml") for ruleset in rulesets)


def _emails(folder: Path, file: str) -> frozenset[str]:
    """Return the e-mail addresses of a file's authors, through renames and by .mailmap (git-log(1), %aE)."""
    command = ["git", "-C", str(folder), "log", "--follow", "--format=%aE", "--", file]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        told = subprocess.run(  # noqa: S603  (a fixed command over the operator's own folder)
            command, env=plain, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    return (
        frozenset(line.strip().casefold() for line in told.stdout.splitlines()) if told.returncode == 0 else frozenset()
    )
