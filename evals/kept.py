"""Runs of evals, kept below the home folder so that they can be compared over time."""

from pathlib import Path

import msgspec

from evals.scoring import Confusion

FOLDER = ".opslayer/evals"


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """How one action's decisions did in a run: against which fingerprint, and how many cases could not be run."""

    fingerprint: str
    confusion: Confusion
    errors: int = 0


def latest(folder: Path, name: str, fingerprint: str) -> tuple[Confusion, int] | None:
    """Return the newest figures of `ruleset/rule/action` that belong to a fingerprint, None when there are none."""
    file = folder / FOLDER / "actions.json"
    if not file.is_file():
        return None
    kept = msgspec.json.decode(file.read_bytes(), type=dict[str, Figures])
    found = kept.get(name)
    return (found.confusion, found.errors) if found and found.fingerprint == fingerprint else None


def remember(folder: Path, figures: dict[str, Figures]) -> None:
    """Keep the newest figures of actions; those of other actions stay."""
    file = folder / FOLDER / "actions.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    known = msgspec.json.decode(file.read_bytes(), type=dict[str, Figures]) if file.is_file() else {}
    whole = file.with_suffix(".tmp")
    whole.write_bytes(msgspec.json.encode(known | figures))
    whole.replace(file)
