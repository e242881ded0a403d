"""Hit policies: from the matching rows to the result (DMN 1.5, 8.2.10)."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Protocol

from engine.feel import Env, Program, Value, compile
from engine.feel.runtime.compare import equal
from engine.feel.types import ANY
from engine.tables.structs import HitPolicy

Outcome = tuple[Value, ...]
"""One value for each output."""


class NoResult(Exception):
    """The table gives null; the message is the fault."""


class Hits(Protocol):
    """What a hit policy may ask of a table about the rows that match."""

    def outcome(self, row: int) -> Outcome:
        """Return the outputs of a row; raises NoResult."""
        ...

    def rank(self, outcome: Outcome) -> tuple[int, ...]:
        """Return the places of the outputs in their lists of values, from the left; lower comes first."""
        ...

    def compose(self, outcome: Outcome) -> Value:
        """Return one output as it is, several as a context."""
        ...

    @property
    def env(self) -> Env:
        """What the evaluation knows besides its scope."""
        ...


def _unique(hits: Hits, rows: Sequence[int]) -> Value:
    if len(rows) > 1:
        raise NoResult(f"{_rows(rows)} match, and the hit policy is UNIQUE")
    return hits.compose(hits.outcome(rows[0]))


def _any(hits: Hits, rows: Sequence[int]) -> Value:
    first = hits.outcome(rows[0])
    for row in rows[1:]:
        if not all(equal(a, b, hits.env) for a, b in zip(first, hits.outcome(row), strict=True)):
            raise NoResult(f"{_rows((rows[0], row))} match with different outputs, and the hit policy is ANY")
    return hits.compose(first)


def _first(hits: Hits, rows: Sequence[int]) -> Value:
    return hits.compose(hits.outcome(rows[0]))


def _priority(hits: Hits, rows: Sequence[int]) -> Value:
    return hits.compose(min(map(hits.outcome, rows), key=hits.rank))


def _rule_order(hits: Hits, rows: Sequence[int]) -> Value:
    return [hits.compose(hits.outcome(row)) for row in rows]


def _output_order(hits: Hits, rows: Sequence[int]) -> Value:
    return [hits.compose(each) for each in sorted(map(hits.outcome, rows), key=hits.rank)]


def _aggregated(function: str) -> Callable[[Hits, Sequence[int]], Value]:
    def decide(hits: Hits, rows: Sequence[int]) -> Value:
        columns = zip(*map(hits.outcome, rows), strict=True)
        program = _aggregator(function)
        return hits.compose(tuple(program.run({"outputs": list(column)}, hits.env) for column in columns))

    return decide


@cache
def _aggregator(function: str) -> Program:
    return compile(f"{function}(outputs)", {"outputs": ANY})


def _count(_hits: Hits, rows: Sequence[int]) -> Value:
    return Decimal(len(rows))


def _rows(rows: Sequence[int]) -> str:
    numbers = [str(row + 1) for row in rows]
    return f"rows {', '.join(numbers[:-1])} and {numbers[-1]}"


DECIDE: Mapping[HitPolicy, Callable[[Hits, Sequence[int]], Value]] = {
    "U": _unique,
    "A": _any,
    "P": _priority,
    "F": _first,
    "R": _rule_order,
    "O": _output_order,
    "C": _rule_order,
    "C+": _aggregated("sum"),
    "C<": _aggregated("min"),
    "C>": _aggregated("max"),
    "C#": _count,
}
LISTS: frozenset[HitPolicy] = frozenset({"R", "O", "C"})
"""Hit policies whose result is a list."""
AGGREGATES: frozenset[HitPolicy] = frozenset({"C+", "C<", "C>", "C#"})
"""Hit policies that make one value of all outputs."""
