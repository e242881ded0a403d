"""Which rows of the decision tables the examples ever match, and which they ever pass over."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import msgspec

from engine.feel import Env, HostFunction, Value
from engine.model.calendar import host_functions
from engine.rules import Home
from engine.tables.library import library
from engine.tables.structs import Row
from engine.tables.table import DecisionTable

_TOLD = {"true": "matches", "false": "passes over"}


class RowCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """One row, numbered from 1, and which of `true` (it matches) and `false` (it does not) no example shows."""

    row: int
    place: str
    text: str
    never: tuple[str, ...] = ()


class TableCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """One table; `called` says whether any example asks it at all, `outcomes` how many there are to show."""

    table: str
    place: str
    rows: tuple[RowCoverage, ...]
    outcomes: int
    called: bool = False

    @property
    def missing(self) -> int:
        """How many outcomes no example shows."""
        return sum(len(row.never) for row in self.rows)

    def lines(self) -> Iterator[str]:
        """Yield what is missing, in words."""
        if self.missing:
            yield f"{self.place}: table {self.table}" + ("" if self.called else ": no example asks it")
        for row in self.rows if self.called else ():
            if row.never:
                never = " or ".join(_TOLD[each] for each in row.never)
                yield f"  {row.place}: no example {never} row {row.row} {row.text}"


class RowWatcher:
    """A home's tables as functions that keep account of what their rows answer.

    A row that can only match, for its cells are all `-`, need not be passed over.
    """

    def __init__(self, home: Home, workflows: Sequence[str] = ()) -> None:
        self.home = home
        self.seen: dict[str, list[set[str]]] = {}
        offered = host_functions(home.app.holidays or "")
        found = library(home.tables, home.model, offered, home.texts, self._watched)
        self.files = {file: table for file, table in found.compiled.items() if _within(file, workflows)}
        self.functions = found.functions

    def _watched(self, file: str, table: DecisionTable) -> HostFunction:
        rows = self.seen.setdefault(file, [set() for _ in table.rows])

        def call(env: Env, *values: Value) -> Value:
            matching = set(table.matching(env, *values))
            last = max(matching) if table.policy == "F" and matching else len(rows)  # FIRST looks no further
            for number, row in enumerate(rows):
                if number <= last:
                    row.add("true" if number in matching else "false")
            return table.call(env, *values)

        return replace(table.host_function(), call=call)

    def coverage(self) -> tuple[TableCoverage, ...]:
        """Return what was seen and what was not."""
        return tuple(self._table(file, table) for file, table in sorted(self.files.items()))

    def _table(self, file: str, table: DecisionTable) -> TableCoverage:
        written, seen = self.home.tables[file], self.seen[file]
        rows = tuple(
            RowCoverage(
                row=number + 1, place=str(row.place), text=_line(row),
                never=tuple(each for each in _outcomes(table, number) if each not in seen[number]),
            )
            for number, row in enumerate(written.rows)
        )  # fmt: skip
        outcomes = sum(len(_outcomes(table, number)) for number in range(len(rows)))
        return TableCoverage(table=table.name, place=file, rows=rows, outcomes=outcomes, called=any(seen))


def _outcomes(table: DecisionTable, number: int) -> tuple[str, ...]:
    """Return what a row can answer: one that has nothing to test always matches where it is looked at."""
    return ("true",) if all(cell.always for cell in table.rows[number].when) else ("true", "false")


def _line(row: Row) -> str:
    cells = [" ".join(each.text.split()) or "-" for each in row.when]
    return f"({' | '.join(cells)})"


def _within(file: str, workflows: Sequence[str]) -> bool:
    return not workflows or file.split("/")[1] in workflows
