"""The inputs of a table as axes, each cut into the intervals between which its cells make a difference."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.feel import Env, Value
from engine.tables.cells import Cell
from engine.tables.index import EPOCH, main_scale
from engine.tables.regions import SCALES, Cut, Region, Scale, intersection, union
from engine.tables.samples import sample
from engine.tables.table import DecisionTable, Input

Ranges = tuple[tuple[int, int], ...]
"""Segments by their numbers, each range from one up to another."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One input: its segments, and for each row those for which its cell holds.

    The last segment is null when a cell speaks of null. A row that is in `opaque` has a cell that cannot be analysed.
    `scale` is None where no cell tells values apart.
    """

    name: str
    scale: Scale | None
    segments: tuple[tuple[Cut, Cut] | None, ...]
    ranges: tuple[Ranges, ...]
    opaque: int

    @property
    def whole(self) -> Ranges:
        """All segments."""
        return ((0, len(self.segments)),)

    def example(self, ranges: Ranges) -> Value:
        """Return a value in one of the segments."""
        if self.scale is None:
            return None
        found = [
            self._sample(self.segments[number], self.scale)
            for low, high in ranges
            for number in range(low, min(high, low + 3))
        ]
        return next((value for value in found if value == "other"), found[0])

    @staticmethod
    def _sample(segment: tuple[Cut, Cut] | None, scale: Scale) -> Value:
        return None if segment is None else sample(*segment, scale)


def axes_of(table: DecisionTable) -> list[Axis]:
    """Return one axis for each different input expression."""
    columns: dict[str, list[int]] = {}
    for number, each in enumerate(table.inputs):
        columns.setdefault(" ".join(each.program.source.split()) or str(number), []).append(number)
    return [
        _axis(
            [table.inputs[number] for number in numbers],
            [[row.when[number] for number in numbers] for row in table.rows],
        )
        for numbers in columns.values()
    ]


def _axis(inputs: Sequence[Input], rows: Sequence[Sequence[Cell]]) -> Axis:
    """Return the axis of inputs with the same expression; a row's value must fit all their cells."""
    allowed = [cell for each in inputs for cell in each.allowed]
    nulls = any(cell.mentions_null for row in rows for cell in row)
    scale = main_scale([*(cell for row in rows for cell in row), *allowed])
    if scale is None and nulls:  # null alone is told apart, from any value
        scale = SCALES.get(str(inputs[0].type), SCALES["string"])
    regions: dict[int, Region | None] = {}
    for cell in (*(cell for row in rows for cell in row), *allowed):
        if id(cell) not in regions:
            regions[id(cell)] = cell.region(scale) if scale else () if cell.always else None
    segments = _segments(inputs, regions, scale) if scale else [None]
    if nulls:
        segments = [*segments, None]
    placing = _Placing(regions, segments, nulls=nulls, scale=scale)
    opaque = sum(1 << number for number, row in enumerate(rows) if any(regions[id(cell)] is None for cell in row))
    return Axis(inputs[0].name, scale, tuple(segments), tuple(map(placing.row, rows)), opaque)


def _segments(inputs: Sequence[Input], regions: dict[int, Region | None], scale: Scale) -> list[tuple[Cut, Cut] | None]:
    domain = scale.whole
    for each in inputs:
        found = [regions[id(cell)] for cell in each.allowed]
        if found and None not in found:
            domain = intersection(domain, union(*(region for region in found if region)))
    cuts = sorted({cut for region in (domain, *regions.values()) for interval in region or () for cut in interval})
    segments: list[tuple[Cut, Cut] | None] = []
    for low, high in domain:
        inside = [low, *cuts[bisect_left(cuts, low) + 1 : bisect_left(cuts, high)], high]
        segments.extend(pairwise(inside))
    return segments


class _Placing:
    """Finds the segments of rows, each cell once."""

    def __init__(
        self,
        regions: dict[int, Region | None],
        segments: Sequence[tuple[Cut, Cut] | None],
        *,
        nulls: bool,
        scale: Scale | None,
    ) -> None:
        self.regions = regions
        self.size = len(segments)
        self.lows = [segment[0] for segment in segments if segment]
        self.nulls = nulls
        self.scale = scale
        self.known: dict[int, Ranges] = {}

    def row(self, cells: Sequence[Cell]) -> Ranges:
        found: Ranges = ((0, self.size),)
        for cell in cells:
            if id(cell) not in self.known:
                self.known[id(cell)] = self._cell(cell)
            found = _common(found, self.known[id(cell)])
        return found

    def _cell(self, cell: Cell) -> Ranges:
        region = self.regions[id(cell)]
        if cell.always or region is None or self.scale is None:
            return ((0, self.size),)
        ranges = [(bisect_left(self.lows, low), bisect_left(self.lows, high)) for low, high in region]
        if self.nulls and cell.holds(None, {}, Env(EPOCH)):
            ranges.append((self.size - 1, self.size))
        return tuple((low, high) for low, high in ranges if low < high)


def _common(first: Ranges, second: Ranges) -> Ranges:
    if len(first) == 1 and first[0][0] == 0:
        return tuple((low, min(high, first[0][1])) for low, high in second if low < first[0][1])
    pairs: Iterable[tuple[int, int]] = ((max(a, c), min(b, d)) for a, b in first for c, d in second)
    return tuple(sorted((low, high) for low, high in pairs if low < high))
