"""Runs of evals, kept below the home folder so that they can be compared over time."""

import re
from pathlib import Path

import msgspec

from evals.scored.structs import EvalRun
from evals.scoring import Confusion

FOLDER = ".opslayer/evals"
ACCEPTED = "evals/accepted"
"""Accepted runs belong to the configuration: they are reviewed with it."""


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
    known = msgspec.json.decode(file.read_bytes(), type=dict[str, Figures]) if file.is_file() else {}
    _write(file, msgspec.json.encode(known | figures))


def keep(folder: Path, run: EvalRun) -> Path:
    """Keep a run; returns its file."""
    name = re.sub(r"[^0-9T]", "", run.at.isoformat())
    file = folder / FOLDER / run.workflow / f"{name}.json"
    _write(file, msgspec.json.format(msgspec.json.encode(run), indent=1))
    return file


def accept(folder: Path, run: EvalRun) -> Path:
    """Let a run be the one that later ones are held against; without texts, which may be personal."""
    bare = [
        msgspec.structs.replace(each, words=tuple(msgspec.structs.replace(word, text="") for word in each.words))
        for each in run.cases
    ]
    file = folder / ACCEPTED / f"{run.workflow}.json"
    _write(file, msgspec.json.format(msgspec.json.encode(msgspec.structs.replace(run, cases=tuple(bare))), indent=1))
    return file


def accepted(folder: Path, workflow: str) -> EvalRun | None:
    """Return the accepted run of a workflow, None when none was."""
    file = folder / ACCEPTED / f"{workflow}.json"
    return msgspec.json.decode(file.read_bytes(), type=EvalRun) if file.is_file() else None


def runs(folder: Path, workflow: str, limit: int = 50) -> list[EvalRun]:
    """Return the newest runs of a workflow, oldest first."""
    files = sorted((folder / FOLDER / workflow).glob("*.json"))[-limit:]
    return [msgspec.json.decode(each.read_bytes(), type=EvalRun) for each in files]


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    whole = file.with_suffix(".tmp")
    whole.write_bytes(content)
    whole.replace(file)
