"""Adding cases to a workflow: a case a line, behind those that are there; a case that is there already stays."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from engine.rules.cases import Case
from evals.labelled.reading import FOLDER, read_cases


def append(folder: Path, workflow: str, cases: Iterable[Case], *, into: str = FOLDER) -> int:
    """Add cases whose id is new to WORKFLOW.jsonl below evals/cases, or another folder; returns how many."""
    known = {each.id for each in read_cases(folder, workflow)[0]}
    file = folder / into / f"{workflow}.jsonl"
    there = file.read_text(encoding="utf-8") if file.is_file() else ""
    known |= {msgspec.json.decode(line)["id"] for line in there.split("\n") if line.strip()}
    fresh = [each for each in cases if each.id not in known]
    write(file, [*(line for line in there.split("\n") if line.strip()), *map(_line, fresh)])
    return len(fresh)


def write(file: Path, lines: Iterable[str]) -> None:
    """Replace a file by lines, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    whole = file.with_name(f"{file.name}.tmp")
    whole.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    whole.replace(file)


def _line(case: Case) -> str:
    """Return a case as one line of JSON, without its place and without what it leaves at its default."""
    plain = msgspec.to_builtins(case)
    empty: tuple[object, ...] = (None, "", [], {}, False)
    bare = {name: value for name, value in plain.items() if name != "place" and value not in empty}
    bare["label"] = {name: value for name, value in plain["label"].items() if value not in empty}
    bare["words"] = [{name: value for name, value in each.items() if value not in empty} for each in plain["words"]]
    return msgspec.json.encode({name: value for name, value in bare.items() if value not in empty}).decode()
