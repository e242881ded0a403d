"""Labelled cases from a spreadsheet: a case a row, a fact a column."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from engine.rules.cases import Case, Label
from engine.source.problem import Place, Problem

LISTS = ("should", "should_not")
PLAIN = ("id", "name", "at", "after")


def read_csv(content: str, file: str) -> tuple[list[Case], list[Problem]]:
    """Return the cases of a CSV file.

    Columns: `id`, `at`, `name`, `after`, `should` and `should_not` (several behind `;`), `pinned`, `source`, `by`,
    `segment.NAME`, and `TYPE.FIELD` or `TYPE.id` for facts. An empty cell says nothing.
    """
    reader = csv.DictReader(io.StringIO(content.removeprefix("\ufeff")))
    problems = list(_columns(reader.fieldnames or (), file))
    cases: list[Case] = []
    for row in reader if not problems else ():
        place = Place(file, reader.line_num, 1)
        try:
            cases.append(msgspec.structs.replace(msgspec.convert(_case(row), Case), place=place))
        except (msgspec.ValidationError, ValueError) as error:
            problems.append(Problem("wrong-type", f"this row is no case: {error}", place))
    return cases, problems


def _columns(names: Any, file: str) -> Iterator[Problem]:  # noqa: ANN401  (what the csv module gives)
    known = {*PLAIN, *LISTS, "pinned", "source", "by", "note"}
    for name in names:
        if name not in known and "." not in name:
            hint = f"columns are {', '.join(sorted(known))}, segment.NAME and TYPE.FIELD"
            yield Problem("unknown-key", f"there is no column `{name}`", Place(file, 1, 1), hint)
    for name in ("id", "at"):
        if name not in names:
            yield Problem("missing-key", f"the column `{name}` is missing", Place(file, 1, 1))


def _case(row: Mapping[str, str | None]) -> dict[str, Any]:
    filled = {name: value.strip() for name, value in row.items() if isinstance(value, str) and value.strip()}
    found: dict[str, Any] = {name: filled[name] for name in PLAIN if name in filled}
    found |= {name: [each.strip() for each in filled[name].split(";")] for name in LISTS if name in filled}
    found |= {"pinned": filled.get("pinned", "").casefold() in {"yes", "true", "1", "x"}}
    label = {name: filled[name] for name in ("source", "by", "note") if name in filled}
    found |= {"label": msgspec.to_builtins(msgspec.convert(label, Label))}
    found["segment"] = {name.partition(".")[2]: value for name, value in filled.items() if name.startswith("segment.")}
    given: dict[str, dict[str, str]] = {}
    for name, value in filled.items():
        type, dot, field = name.partition(".")
        if dot and type != "segment":
            given.setdefault(type, {})[field] = value
    return found | {"given": {type: [fields] for type, fields in given.items()}}
