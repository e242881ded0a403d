"""Lines that repeat a document's columns to one row with a list: the lines of an order under its number."""

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.files.rows import Row
from connectors.files.settings import FileStream
from connectors.values import key_of


def grouped(rows: Iterator[Row], settings: FileStream, *, complete: bool) -> Iterator[Row]:
    """Yield one row for each run of lines under one key; the last may still grow, unless the file is complete.

    A line that cannot be read may belong to the document before it or to the one behind it; neither is told.
    """
    keys = (settings.key,) if isinstance(settings.key, str) else settings.key
    run: list[Row] = []
    doubt = 0
    for row in rows:
        if row.cells is None:
            if run:
                yield _doubtful(run, row.line)
                run = []
            yield row
            doubt = row.line
            continue
        if run and _key(run[-1], keys) != _key(row, keys):
            yield _doubtful(run, doubt) if doubt else _one(run, settings)
            run, doubt = [], 0
        run.append(row)
    if run and complete:
        yield _doubtful(run, doubt) if doubt else _one(run, settings)


def _key(row: Row, keys: tuple[str, ...]) -> str:
    return key_of([(row.cells or {}).get(name) for name in keys])


def _one(run: list[Row], settings: FileStream) -> Row:
    inside = {column for columns in settings.rows.values() for column in columns}
    first = run[0].cells or {}
    cells: dict[str, Any] = {name: value for name, value in first.items() if name not in inside}
    for name, columns in settings.rows.items():
        cells[name] = [_item(row.cells or {}, columns) for row in run]
    return _joined(run)._replace(cells=cells, guessed=any(row.guessed for row in run))


def _item(cells: Mapping[str, Any], columns: tuple[str, ...]) -> dict[str, Any]:
    return {column: cells.get(column) for column in columns}


def _doubtful(run: list[Row], line: int) -> Row:
    message = f"line {line} beside it cannot be read and may belong to it"
    return _joined(run)._replace(cells=None, fault=("broken-document", message))


def _joined(run: list[Row]) -> Row:
    return Row(run[0].line, run[-1].last, run[-1].end, "\n".join(row.raw for row in run), None)
