"""Tables as YAML text."""

import json
from collections.abc import Iterator, Sequence

from engine.source.expression import Expression
from engine.tables.structs import InputClause, OutputClause, Table


def table_text(table: Table) -> str:
    """Return a table's file."""
    return "\n".join(_lines(table)) + "\n"


def quoted(text: str) -> str:
    """Return a text as a YAML value on one line."""
    if any(ord(letter) < 32 for letter in text):
        return json.dumps(text, ensure_ascii=False)
    return "'" + text.replace("'", "''") + "'"


def _lines(table: Table) -> Iterator[str]:
    yield from ("format: 1", f"name: {quoted(table.name)}", f"hit: {quoted(table.hit)}")
    if table.about:
        yield f"about: {quoted(table.about)}"
    yield "inputs:" if table.inputs else "inputs: []"
    for each in table.inputs:
        yield from _input(each)
    yield "outputs:"
    for output in table.outputs:
        yield from _output(output)
    yield "rows:" if table.rows else "rows: []"
    for row in table.rows:
        yield f"  - when: {_cells(row.when)}"
        yield f"    then: {_cells(row.then)}"
        if row.note:
            yield f"    note: {quoted(row.note)}"


def _cells(cells: Sequence[Expression]) -> str:
    return f"[{', '.join(quoted(cell.text) for cell in cells)}]"


def _input(clause: InputClause) -> Iterator[str]:
    yield f"  - expression: {quoted(clause.expression.text)}"
    if clause.label:
        yield f"    label: {quoted(clause.label)}"
    if clause.type:
        yield f"    type: {quoted(clause.type.text)}"
    if clause.values:
        yield f"    values: {_cells(clause.values)}"


def _output(clause: OutputClause) -> Iterator[str]:
    yield f"  - name: {quoted(clause.name)}"
    if clause.type:
        yield f"    type: {quoted(clause.type.text)}"
    if clause.values:
        yield f"    values: {_cells(clause.values)}"
    if clause.default:
        yield f"    default: {quoted(clause.default.text)}"
