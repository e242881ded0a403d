"""Which rows can match at all: for each input the rows by the interval that a value falls into.

Only constant cells that cover few intervals are placed; every other row stays a candidate. So a column of equalities or
of bands is looked up by bisection, however many rows there are.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.feel import Env, Value
from engine.tables.cells import Cell
from engine.tables.regions import Cut, Region, Scale, position, scale_of

SMALLEST = 12
"""Rows from which an index pays."""
WIDEST = 8
"""Intervals that a cell may cover to be placed."""
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
Rows = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ColumnIndex:
    """The rows of one input; `others` are those that are candidates whatever the value."""

    scale: Scale
    cuts: tuple[Cut, ...]
    placed: tuple[Rows, ...]
    nulls: Rows
    others: Rows

    def candidates(self, value: Value) -> tuple[Rows, Rows] | None:
        """Return the rows that can match a value, in two parts; None when all can."""
        if value is None:
            return self.nulls, self.others
        own = scale_of(value)
        if own is None or own.name != self.scale.name:
            return None
        return self.placed[bisect_right(self.cuts, position(value, own))], self.others


@dataclass(frozen=True, slots=True)
class Index:
    """All columns that have an index, by the number of their input."""

    columns: tuple[tuple[int, ColumnIndex], ...]
    size: int

    def candidates(self, values: Sequence[Value]) -> Sequence[int]:
        """Return the rows that can match, in their order, by the input that leaves the fewest."""
        best: tuple[Rows, Rows] | None = None
        fewest = self.size
        for number, column in self.columns:
            found = column.candidates(values[number])
            if found is not None and len(found[0]) + len(found[1]) < fewest:
                best, fewest = found, len(found[0]) + len(found[1])
        if best is None:
            return range(self.size)
        return sorted((*best[0], *best[1])) if best[0] and best[1] else best[0] or best[1]


def build_index(rows: Sequence[Sequence[Cell]]) -> Index:
    """Return the index over the cells of all rows."""
    width = len(rows[0]) if len(rows) >= SMALLEST else 0
    columns = ((number, _column([row[number] for row in rows])) for number in range(width))
    return Index(tuple((number, column) for number, column in columns if column is not None), len(rows))


def main_scale(cells: Sequence[Cell]) -> Scale | None:
    """Return the scale that most constants of a column are on."""
    found = Counter(scale.name for cell in cells for scale in _scales(cell))
    name = found.most_common(1)[0][0] if found else None
    return next((scale for cell in cells for scale in _scales(cell) if scale.name == name), None)


def _scales(cell: Cell) -> list[Scale]:
    operands = [end for test in cell.tests for end in (getattr(test.operand, "low", test.operand),)]
    return [scale for operand in operands if (scale := scale_of(operand)) is not None]


def _column(cells: Sequence[Cell]) -> ColumnIndex | None:
    scale = main_scale(cells)
    if scale is None:
        return None
    regions: dict[int, Region | None] = {}
    for cell in cells:
        if id(cell) not in regions:
            regions[id(cell)] = None if cell.always else cell.region(scale)
    known = [region for region in regions.values() if region is not None]
    cuts = tuple(sorted({cut for region in known for interval in region for cut in interval}))
    covered = {key: _covered(region, cuts) for key, region in regions.items()}
    placed: list[list[int]] = [[] for _ in range(len(cuts) + 1)]
    nulls, others, env = [], [], Env(EPOCH)
    for number, cell in enumerate(cells):
        segments = covered[id(cell)]
        if segments is None:
            others.append(number)
            continue
        for segment in segments:
            placed[segment].append(number)
        if cell.holds(None, {}, env):
            nulls.append(number)
    if len(others) == len(cells):
        return None
    return ColumnIndex(scale, cuts, tuple(map(tuple, placed)), tuple(nulls), tuple(others))


def _covered(region: Region | None, cuts: tuple[Cut, ...]) -> list[int] | None:
    """Return the numbers of the intervals between cuts that a region covers, None when they are too many."""
    if region is None:
        return None
    found: list[int] = []
    for low, high in region:
        first, last = bisect_left(cuts, low) + 1, bisect_left(cuts, high)
        if len(found) + last - first >= WIDEST:
            return None
        found.extend(range(first, last + 1))
    return found
