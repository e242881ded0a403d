"""Tables as CSV, the way spreadsheets save them: RFC 4180 with commas, semicolons or tabs, every cell with its place.

    U,     in: active, in: amount, out: discount
    type,  boolean,    number,     number
    large, true,       >= 1000,    0.1

The first cell is the hit policy, and `for TYPE` may follow it; below it stand `label`, `type`, `values` and `default`
at the start of their rows, before the rules, whose first cell is a note.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.source.excerpt import did_you_mean, pointed
from engine.source.expression import Expression, Spot
from engine.source.problem import Place, Problem
from engine.source.text import decode
from engine.tables.structs import POLICIES, InputClause, OutputClause, Row, Table

_BOM = b"\xef\xbb\xbf"
_TOKEN = re.compile(r'"(?:[^"]|"")*"?|[^,;\t\n"]+|.|\n', re.DOTALL)
_PIECES = re.compile(r'(?<=")"|(?<=\n)')
"""Where the text of a quoted cell leaves the file's: after the first of two quotes, and at the end of a line."""
_HEADERS = ("label", "type", "values", "default")
_POLICY = re.compile(r"(?P<hit>.*?)(?:\s+for\s+(?P<type>\w+))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Column:
    """An input or output column, by its place in the file."""

    number: int
    kind: str
    text: Expression


def read_csv(content: bytes, file: str) -> tuple[Table | None, str, list[Problem]]:
    """Return the table, the file's text, and its problems; no table when nothing can be made of the file."""
    text, problems = decode(content.removeprefix(_BOM), file)
    if problems:
        return None, text, problems
    lines = [line for line in _lines(text, file) if any(cell.text.strip() for cell in line)]
    if not lines:
        return None, text, [Problem("empty-file", "this file is empty", Place(file, 1, 1))]
    reading = _Reading(lines)
    table = reading.table()
    return table, text, [pointed(each, text) for each in reading.problems]


class _Reading:
    def __init__(self, lines: list[list[Expression]]) -> None:
        self.lines = lines
        self.problems: list[Problem] = []

    def table(self) -> Table | None:
        corner, *heads = self.lines[0]
        policy = _POLICY.fullmatch(corner.text.strip())
        hit = " ".join(policy["hit"].upper().split()) if policy else ""
        if hit not in POLICIES:
            message = f"`{corner.text.strip()}` is no hit policy{did_you_mean(hit, POLICIES)}"
            self.problems.append(Problem("wrong-type", message, corner.place, "start the file with one, such as U"))
        columns = [column for number, head in enumerate(heads, 1) for column in self._column(number, head)]
        end = next((at for at, line in enumerate(self.lines[1:], 1) if not _header(line)), len(self.lines))
        headers = {_header(line): line for line in self.lines[1:end]}
        if not any(column.kind == "out" for column in columns):
            message = "this table has no output column"
            self.problems.append(Problem("missing-key", message, corner.place, "head one with `out: name`"))
        if self.problems:
            return None
        return Table(
            hit=POLICIES[hit],
            for_=policy["type"] if policy else None,
            inputs=tuple(_input(column, headers) for column in columns if column.kind == "in"),
            outputs=tuple(_output(column, headers) for column in columns if column.kind == "out"),
            rows=tuple(self._row(line, columns) for line in self.lines[end:]),
            place=corner.place,
        )

    def _column(self, number: int, head: Expression) -> Iterator[_Column]:
        kind, colon, _ = head.text.partition(":")
        if not head.text.strip() and all(len(line) <= number or not line[number].text.strip() for line in self.lines):
            return
        if not colon or kind.strip().lower() not in ("in", "out"):
            hint = "write `in: expression` or `out: name`"
            self.problems.append(Problem("wrong-type", "this column is neither input nor output", head.place, hint))
            return
        yield _Column(number, kind.strip().lower(), _stripped(head.part(len(kind) + 1, len(head.text))))

    def _row(self, line: list[Expression], columns: Sequence[_Column]) -> Row:
        for extra in line[max(column.number for column in columns) + 1 :]:
            if extra.text.strip():
                self.problems.append(Problem("row-width", "this cell is in no column of the table", extra.place))
        end = Expression("", line[-1].place)
        cells = {column.number: line[column.number] if column.number < len(line) else end for column in columns}
        return Row(
            when=tuple(_stripped(cells[column.number]) for column in columns if column.kind == "in"),
            then=tuple(_stripped(cells[column.number]) for column in columns if column.kind == "out"),
            note=line[0].text.strip(),
            place=line[0].place,
        )


def _header(line: Sequence[Expression]) -> str:
    word = line[0].text.strip().lower()
    return word if word in _HEADERS else ""


def _given(column: _Column, headers: dict[str, list[Expression]], name: str) -> Expression | None:
    line = headers.get(name, [])
    found = _stripped(line[column.number]) if column.number < len(line) else None
    return found if found and found.text else None


def _input(column: _Column, headers: dict[str, list[Expression]]) -> InputClause:
    label, values = _given(column, headers, "label"), _given(column, headers, "values")
    return InputClause(
        expression=column.text,
        label=label.text if label else None,
        type=_given(column, headers, "type"),
        values=(values,) if values else (),
        place=column.text.place,
    )


def _output(column: _Column, headers: dict[str, list[Expression]]) -> OutputClause:
    values = _given(column, headers, "values")
    return OutputClause(
        name=column.text.text,
        type=_given(column, headers, "type"),
        values=(values,) if values else (),
        default=_given(column, headers, "default"),
        place=column.text.place,
    )


def _stripped(cell: Expression) -> Expression:
    start = len(cell.text) - len(cell.text.lstrip())
    return cell.part(start, len(cell.text.rstrip())) if cell.text.strip() else Expression("", cell.place)


# --- RFC 4180 -----------------------------------------------------------------------------------------------------


def _lines(text: str, file: str) -> Iterator[list[Expression]]:
    """Yield the cells of each line, with their places."""
    separator = _separator(text)
    line, cell, number, start = [], _Cell(file, 1, 1), 1, 0
    for match in _TOKEN.finditer(text):
        part, column = match[0], match.start() - start + 1
        if part == separator:
            line.append(cell.expression())
            cell = _Cell(file, number, column + 1)
        elif part == "\n":
            yield [*line, cell.expression()]
            number, start = number + 1, match.end()
            line, cell = [], _Cell(file, number, 1)
        else:
            cell.add(part, number, column)
            if "\n" in part:
                number, start = number + part.count("\n"), match.start() + part.rindex("\n") + 1
    yield [*line, cell.expression()]


def _separator(text: str) -> str:
    return next((token for token in _TOKEN.findall(text) if token in {",", ";", "\t"}), ",")


class _Cell:
    """The text of one cell as it grows, and where its characters stand."""

    def __init__(self, file: str, line: int, column: int) -> None:
        self.file = file
        self.text = ""
        self.spots: list[Spot] = [(0, line, column)]

    def add(self, token: str, line: int, column: int) -> None:
        if token[0] != '"' or self.text.strip():
            self._append(token, line, column)
            return
        self.text = ""
        column += 1
        for part in _PIECES.split(token[1:-1] if len(token) > 1 and token.endswith('"') else token[1:]):
            self._append(part, line, column)
            line, column = (line + 1, 1) if part.endswith("\n") else (line, column + len(part) + 1)

    def _append(self, part: str, line: int, column: int) -> None:
        self.spots.append((len(self.text), line, column))
        self.text += part

    def expression(self) -> Expression:
        spots = [
            spot for at, spot in enumerate(self.spots) if at + 1 == len(self.spots) or self.spots[at + 1][0] > spot[0]
        ]
        first = spots[0] if spots else self.spots[0]
        return Expression(self.text, Place(self.file, first[1], first[2]), tuple(spots) if len(spots) > 1 else ())
