"""Reading the labelled cases of a workflow: YAML, and JSON lines for large sets; all faults with their places."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from engine.rules import Home
from engine.rules.cases import Case, Cases
from engine.rules.examplecheck import check_examples
from engine.rules.examples import Example, Examples, Expectation
from engine.source import convert, parse_yaml
from engine.source.problem import ConfigError, Place, Problem

FOLDER = "evals/cases"


def cases_of(folder: Path, home: Home, workflow: str) -> tuple[Case, ...]:
    """Return the cases of a workflow; raises ConfigError with every fault of its files."""
    found, problems = read_cases(folder, workflow)
    problems += [*_twice(found), *_unfit(home, workflow, found)]
    if workflow not in home.rulesets:
        hint = f"workflows: {', '.join(home.rulesets)}"
        problems.append(Problem("unknown-ruleset", f"there is no ruleset `{workflow}`", hint=hint))
    if problems:
        raise ConfigError(tuple(problems))
    return found


def check_cases(folder: Path, home: Home) -> Iterator[Problem]:
    """Yield every fault of all cases of a home folder."""
    for workflow in workflows(folder):
        found, problems = read_cases(folder, workflow)
        yield from problems
        if workflow not in home.rulesets:
            place = Place(f"{FOLDER}/{workflow}.yaml")
            yield Problem("unknown-ruleset", f"there is no ruleset `{workflow}`", place, "the file is named after one")
        yield from _twice(found)
        yield from _unfit(home, workflow, found)


def workflows(folder: Path) -> tuple[str, ...]:
    """Return the workflows that have cases."""
    files = [*(folder / FOLDER).glob("*.yaml"), *(folder / FOLDER).glob("*.jsonl")]
    return tuple(sorted({each.stem for each in files}))


def written(folder: Path, workflow: str) -> tuple[bytes, ...]:
    """Return what the files of a workflow's cases hold: they are read again only when that changed."""
    files = [folder / FOLDER / f"{workflow}.{kind}" for kind in ("yaml", "jsonl")]
    return tuple(each.read_bytes() if each.is_file() else b"" for each in files)


def read_cases(folder: Path, workflow: str) -> tuple[tuple[Case, ...], list[Problem]]:
    """Return the cases of a workflow's files, and what is wrong with them."""
    cases: list[Case] = []
    problems: list[Problem] = []
    written = folder / FOLDER / f"{workflow}.yaml"
    if written.is_file():
        file = written.relative_to(folder).as_posix()
        read, faults = convert(parse_yaml(written.read_bytes(), file), Cases, key=workflow)
        cases += read.cases if read else ()
        problems += faults
    lines = folder / FOLDER / f"{workflow}.jsonl"
    if lines.is_file():
        for found in _lines(lines.read_text(encoding="utf-8"), lines.relative_to(folder).as_posix()):
            cases += [found] if isinstance(found, Case) else []
            problems += [] if isinstance(found, Case) else found
    return tuple(cases), problems


def _lines(text: str, file: str) -> Iterator[Case | list[Problem]]:
    decoder = msgspec.json.Decoder(Case)
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield msgspec.structs.replace(decoder.decode(line), place=Place(file, number, 1))
            except msgspec.DecodeError as error:
                yield _explained(line, file, number, str(error))


def _explained(line: str, file: str, number: int, told: str) -> list[Problem]:
    """Read a faulty line again as the YAML that JSON is, so that its faults have places."""
    place = Place(file, number, 1)
    try:
        json.loads(line)
    except ValueError as error:
        return [Problem("wrong-type", f"this line is no JSON: {error}", place, "one case stands on one line")]
    _, problems = convert(parse_yaml(line.encode(), file), Case)
    moved = [
        msgspec.structs.replace(each, place=Place(file, number, each.place.column if each.place else 1))
        for each in problems
    ]
    return moved or [Problem("wrong-type", told, place)]


def _twice(cases: Sequence[Case]) -> Iterator[Problem]:
    seen: dict[str, Case] = {}
    for case in cases:
        first = seen.setdefault(case.id, case)
        if first is not case:
            message = f"there are two cases `{case.id}`; the other is at {first.place}"
            yield Problem("duplicate-id", message, case.place, "rename one of them")


def _unfit(home: Home, workflow: str, cases: Sequence[Case]) -> Iterator[Problem]:
    """Hold the cases against model and rules, as given/then examples are."""
    examples = tuple(_expecting(case) for case in cases)
    yield from check_examples(replace(home, examples={workflow: Examples(examples=examples)}))


def _expecting(case: Case) -> Example:
    named = (*case.should, *case.should_not, *(each.of for each in case.words))
    return msgspec.structs.replace(
        example(case), then=tuple(Expectation(propose=each, place=case.place) for each in named)
    )


def example(case: Case) -> Example:
    """Return what is given of a case, as production's engine is given it."""
    return Example(name=case.name or case.id, at=case.at, given=case.given, after=case.after, place=case.place)
