"""Revisions by the names that people give them: of git, `bundle:ID`, `in-force`, or none for the folder's files."""

from pathlib import Path
from typing import Final

from api.bundles.library import Library
from api.bundles.ruling import ruling
from api.clock import SystemClock
from engine.bundles import Bundle
from engine.rules import Home, load_home
from engine.source import Memory
from engine.source.problem import ConfigError
from evals.diff.git import Repository, UnknownRevision

IN_FORCE: Final = "in-force"
BUNDLE: Final = "bundle:"


async def home_named(folder: Path, name: str) -> Home:
    """Return the home of a revision; raises UnknownRevision, GitFault, ConfigError for a broken bundle."""
    if not name:
        return load_home(folder)
    if name == IN_FORCE:
        return await _in_force(folder)
    if name.startswith(BUNDLE):
        found = Library(folder).get(name.removeprefix(BUNDLE))
        if found is None:
            raise UnknownRevision(f"there is no bundle {name.removeprefix(BUNDLE)!r}")
        if not isinstance(found, Bundle):
            raise ConfigError(found)
        return load_home(Memory(found.files))
    return load_home(Repository(folder).revision(name))


async def _in_force(folder: Path) -> Home:
    from api.bootstrap import open_journal

    async with open_journal(folder, SystemClock()) as store:
        return (None if store is None else await ruling(folder, store)) or load_home(folder)
