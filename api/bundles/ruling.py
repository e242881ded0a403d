"""Which configuration rules: the bundle that was activated last, else the files in the folder."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from api.bundles.library import Library
from engine.bundles import Bundle
from engine.ports import Database, Stored
from engine.revisions import REVISION
from engine.rules import Home, load_home
from engine.source import Memory

BUNDLE: Final = "bundle"
"""The setting that names the bundle in force; unset while the files in the folder rule."""


async def ruling(folder: Path, store: Database) -> Home | None:
    """Return the home of the bundle in force, None while the files in the folder rule; its archive may be lost."""
    id = await store.setting(BUNDLE)
    if not id:
        return None
    bundle = Library(folder).get(id)
    if isinstance(bundle, Bundle):
        return load_home(Memory(bundle.files))
    revision = await store.setting(REVISION)
    stored = await entry_of(store, revision or "")
    return None if stored is None else journaled(stored)


async def entry_of(store: Database, revision: str) -> Stored | None:
    """Return the last journal entry that put a revision in force."""
    return next((each for each in reversed(await activations(store)) if each.revision == revision), None)


async def activations(store: Database) -> list[Stored]:
    """Return every journal entry that put a revision in force, oldest first."""
    found: list[Stored] = []
    while page := await store.entries(found[-1].seq if found else 0, kinds=("bundle",), limit=1000):
        found += page
    return found


def journaled(stored: Stored) -> Home:
    """Return the home of a revision from the texts that the journal holds."""
    return replace(load_home(Memory((stored.body or {}).get("files", {}))), revision=stored.revision)
