"""Candidates: cases that production taught, until a person says that they are right or not worth keeping."""

from collections.abc import Collection, Iterable
from pathlib import Path

import msgspec

from engine.rules.cases import Case
from evals.labelled.writing import append, write

FOLDER = "evals/candidates"


def waiting(folder: Path, workflow: str) -> tuple[Case, ...]:
    """Return the candidates of a workflow that nobody has looked at, in the order in which they were found."""
    return msgspec.json.Decoder(tuple[Case, ...]).decode(b"[%s]" % b",".join(_lines(_file(folder, workflow))))


def add(folder: Path, workflow: str, cases: Iterable[Case]) -> int:
    """Add candidates that are new, neither cases already nor dropped before; returns how many."""
    dropped = set(_lines(_dropped(folder, workflow)))
    fresh = [each for each in cases if each.id.encode() not in dropped]
    return append(folder, workflow, fresh, into=FOLDER)


def accept(folder: Path, workflow: str, ids: Collection[str], *, by: str) -> int:
    """Make cases of candidates, with who kept them in the label's note; returns how many.

    Cut off in between, a case stays a candidate, and is not added again.
    """
    chosen = [each for each in waiting(folder, workflow) if each.id in ids]
    added = append(folder, workflow, [_kept(each, by) for each in chosen])
    _leave(folder, workflow, {each.id for each in chosen})
    return added


def drop(folder: Path, workflow: str, ids: Collection[str]) -> int:
    """Leave candidates out, now and when they are found again; returns how many."""
    chosen = [each.id for each in waiting(folder, workflow) if each.id in ids]
    file = _dropped(folder, workflow)
    write(file, [*(each.decode() for each in _lines(file)), *chosen])
    _leave(folder, workflow, set(chosen))
    return len(chosen)


def _kept(case: Case, by: str) -> Case:
    note = "; ".join(part for part in (case.label.note, f"kept by {by}") if part)
    return msgspec.structs.replace(case, label=msgspec.structs.replace(case.label, note=note))


def _leave(folder: Path, workflow: str, ids: set[str]) -> None:
    file = _file(folder, workflow)
    write(file, [line.decode() for line in _lines(file) if msgspec.json.decode(line)["id"] not in ids])


def _file(folder: Path, workflow: str) -> Path:
    return folder / FOLDER / f"{workflow}.jsonl"


def _dropped(folder: Path, workflow: str) -> Path:
    return folder / FOLDER / f"{workflow}.dropped.txt"


def _lines(file: Path) -> list[bytes]:
    return [line for line in file.read_bytes().split(b"\n") if line.strip()] if file.is_file() else []
