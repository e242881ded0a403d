"""Gaps, overlaps and rows that are never reached, exact for cells of constants (DMN 1.5, 8.2.10 and 8.2.8).

A table is a set of boxes in the space of its inputs. A search goes input by input: at each one, the rows still possible
cut the axis into intervals, and each interval leaves a set of rows; where none is left, there is a gap. The same search
inside one row's box tells whether others cover it. Rows with cells that are computed count as matching nowhere for
certain and anywhere perhaps, so that what is reported is certain.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.feel import Env, Value
from engine.feel.runtime.compare import equal
from engine.tables.axes import Axis, Ranges, axes_of
from engine.tables.index import EPOCH
from engine.tables.table import DecisionTable

MOST_WORK = 200_000
"""Steps that the analysis of one table may take."""
MOST_SHOWN = 5
"""Findings of a kind that are listed."""
Example = tuple[tuple[str, Value], ...]
"""Values by the names of the inputs; an input that makes no difference is left out."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rows that both match an input; `differ` is None when their outputs have to be computed."""

    rows: tuple[int, int]
    example: Example
    differ: bool | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """What is certain about a table; rows count from 0.

    `complete` is None where it could not be told: cells are computed (`opaque` rows), or the work was too much
    (`exhausted`). Null is among the inputs only where a cell speaks of it.
    """

    gaps: tuple[Example, ...]
    overlaps: tuple[Overlap, ...]
    unreachable: tuple[int, ...]
    impossible: tuple[int, ...]
    opaque: tuple[int, ...]
    complete: bool | None
    disjoint: bool | None
    exhausted: bool


class _Exhausted(Exception):
    """The work that one table may take is used up."""


def analyse(table: DecisionTable) -> Analysis:
    """Analyse a table, within bounded work."""
    return _Analysing(table).run()


class _Analysing:
    def __init__(self, table: DecisionTable) -> None:
        self.table = table
        self.axes = axes_of(table)
        self.work = 0
        self.exhausted = False
        self.all = (1 << len(table.rows)) - 1
        self.opaque = 0
        for axis in self.axes:
            self.opaque |= axis.opaque
        empty = (number for number in range(len(table.rows)) if not all(axis.ranges[number] for axis in self.axes))
        self.impossible = tuple(empty)
        self.masks = [_masks(axis) for axis in self.axes] if self._affordable() else []
        self.full = self._full()
        self.touching: list[dict[Ranges, int]] = [{} for _ in self.axes]

    def run(self) -> Analysis:
        if not self.masks and self.axes:
            self.exhausted = True
            return self._result((), None, (), None, ())
        gaps, complete = self._gaps()
        overlaps, disjoint = self._overlaps()
        return self._result(gaps, complete, overlaps, disjoint, self._unreachable())

    def _affordable(self) -> bool:
        covered = sum(high - low for axis in self.axes for ranges in set(axis.ranges) for low, high in ranges)
        return covered <= MOST_WORK

    def _full(self) -> list[int]:
        """Return for each level the rows that leave no input from there on untouched."""
        full = [self.all]
        for axis in reversed(self.axes):
            whole = sum(1 << row for row, ranges in enumerate(axis.ranges) if ranges == axis.whole)
            full.insert(0, full[0] & whole)
        return full

    def _result(
        self,
        gaps: tuple[Example, ...],
        complete: bool | None,
        overlaps: tuple[Overlap, ...],
        disjoint: bool | None,
        unreachable: tuple[int, ...],
    ) -> Analysis:
        opaque = tuple(_bits(self.opaque))
        return Analysis(gaps, overlaps, unreachable, self.impossible, opaque, complete, disjoint, self.exhausted)

    # --- gaps -------------------------------------------------------------------------------------------------

    def _gaps(self) -> tuple[tuple[Example, ...], bool | None]:
        """Return examples that no row matches for certain, and whether there are none."""
        try:
            found = tuple(self._example(box) for box in self._take(self.all))
            if found or not self.opaque:
                return found, not found
            return (), None if self._take(self.all & ~self.opaque) else True
        except _Exhausted:
            self.exhausted = True
            return (), None

    def _take(self, rows: int) -> list[tuple[Ranges, ...]]:
        return [box for box, _ in zip(self.uncovered(rows, [axis.whole for axis in self.axes]), range(MOST_SHOWN))]  # noqa: B905

    def uncovered(self, rows: int, box: Sequence[Ranges]) -> Iterator[tuple[Ranges, ...]]:
        """Yield the parts of a box that none of the rows covers."""
        return self._search(0, rows, box, set())

    def _search(
        self, level: int, rows: int, box: Sequence[Ranges], covered: set[tuple[int, int]]
    ) -> Iterator[tuple[Ranges, ...]]:
        if not rows:
            yield tuple(box[level:])
            return
        if rows & self.full[level] or (level, rows) in covered:
            return
        whole = True
        for mask, ranges in self._parts(level, rows, box[level]).items():
            for rest in self._search(level + 1, mask, box, covered):
                whole = False
                yield (tuple(ranges), *rest)
        if whole:
            covered.add((level, rows))

    def _parts(self, level: int, rows: int, inside: Ranges) -> dict[int, list[tuple[int, int]]]:
        """Return the rows that remain in each part of an axis, with the part's segments."""
        axis, masks = self.axes[level], self.masks[level]
        ends = {end for row in _bits(rows) for each in axis.ranges[row] for end in each}
        self._spend(len(ends) + len(inside))
        parts: dict[int, list[tuple[int, int]]] = {}
        for low, high in inside:
            cuts = sorted({low, high, *(end for end in ends if low < end < high)})
            for start, end in pairwise(cuts):
                parts.setdefault(masks[start] & rows, []).append((start, end))
        return dict(sorted(parts.items()))

    def _spend(self, steps: int) -> None:
        self.work += steps
        if self.work > MOST_WORK:
            raise _Exhausted

    def _example(self, box: Sequence[Ranges]) -> Example:
        pairs = zip(self.axes, box, strict=True)
        return tuple((axis.name, axis.example(ranges)) for axis, ranges in pairs if axis.scale is not None)

    # --- overlaps ---------------------------------------------------------------------------------------------

    def _overlaps(self) -> tuple[tuple[Overlap, ...], bool | None]:
        found: list[Overlap] = []
        try:
            for pair in self._pairs():
                found.append(self._overlap(*pair))
                if len(found) > MOST_WORK // 1000:
                    break
        except _Exhausted:
            self.exhausted = True
            return tuple(found), False if found else None
        return tuple(found), False if found else None if self.opaque else True

    def _pairs(self) -> Iterator[tuple[int, int]]:
        """Yield all pairs of rows that share an input; rows with computed cells are left out."""
        for row in _bits(self.all & ~self.opaque):
            later = self.all & ~self.opaque & ~((1 << (row + 1)) - 1)
            yield from ((row, other) for other in _bits(later & self._sharing(row)))

    def _sharing(self, row: int) -> int:
        """Return the rows whose box meets that of a row."""
        found = self.all
        for axis, masks, known in zip(self.axes, self.masks, self.touching, strict=True):
            ranges = axis.ranges[row]
            if ranges not in known:
                known[ranges] = self._touching(ranges, masks)
            found &= known[ranges]
        return found

    def _touching(self, ranges: Ranges, masks: Sequence[int]) -> int:
        found = 0
        for low, high in ranges:
            self._spend(high - low)
            for segment in range(low, high):
                found |= masks[segment]
        return found

    def _overlap(self, first: int, second: int) -> Overlap:
        box = [_common(axis.ranges[first], axis.ranges[second]) for axis in self.axes]
        return Overlap((first, second), self._example(box), self._differ(first, second))

    def _differ(self, first: int, second: int) -> bool | None:
        pairs = list(zip(self.table.rows[first].then, self.table.rows[second].then, strict=True))
        if any(a.program is not None or b.program is not None for a, b in pairs):
            return None
        env = Env(EPOCH)
        return not all(equal(a.value, b.value, env) for a, b in pairs)

    # --- rows that are never reached ----------------------------------------------------------------------------

    def _unreachable(self) -> tuple[int, ...]:
        """Return the rows that stronger ones cover: earlier ones under FIRST, more important ones under PRIORITY."""
        found: list[int] = []
        try:
            for row, stronger in self._stronger():
                rivals = stronger & ~self.opaque & self._sharing(row)
                box = [axis.ranges[row] for axis in self.axes]
                if row not in self.impossible and rivals and next(self.uncovered(rivals, box), None) is None:
                    found.append(row)
        except _Exhausted:
            self.exhausted = True
        return tuple(found)

    def _stronger(self) -> Iterator[tuple[int, int]]:
        rows = range(len(self.table.rows))
        if self.table.policy == "F":
            yield from ((row, (1 << row) - 1) for row in rows)
        if self.table.policy == "P" and self._constant():
            ranks = [self._rank(row) for row in rows]
            for row in rows:
                yield row, sum(1 << other for other in rows if ranks[other] < ranks[row])
                self._spend(len(rows))

    def _constant(self) -> bool:
        return not any(entry.program for line in self.table.rows for entry in line.then)

    def _rank(self, row: int) -> list[int]:
        env, ranks = Env(EPOCH), []
        for output, entry in zip(self.table.outputs, self.table.rows[row].then, strict=True):
            held = (place for place, cell in enumerate(output.allowed) if cell.holds(entry.value, {}, env))
            ranks.append(next(held, len(output.allowed)))
        return ranks


def _masks(axis: Axis) -> list[int]:
    """Return for each segment the rows whose cell holds in it."""
    same: dict[Ranges, int] = {}
    for row, ranges in enumerate(axis.ranges):
        same[ranges] = same.get(ranges, 0) | 1 << row
    masks = [0] * len(axis.segments)
    for ranges, rows in same.items():
        for low, high in ranges:
            for segment in range(low, high):
                masks[segment] |= rows
    return masks


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _common(first: Ranges, second: Ranges) -> Ranges:
    pairs = ((max(a, c), min(b, d)) for a, b in first for c, d in second)
    return tuple((low, high) for low, high in pairs if low < high)
