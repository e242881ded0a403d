"""Which of many intervals contain a value: one search among their ends, whatever their number.

Each axis cuts the numbers at every end into points and the gaps between them, and knows for each of these which
conditions allow it, as the bits of a number. Several axes are one bitwise and.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.feel import Money, Value, ast

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of what a condition allows a field to be: below or above a number, the number itself included or not."""

    field: str
    number: Decimal
    upper: bool
    included: bool


def bounds(node: ast.Node) -> tuple[Bound, ...]:
    """Return the bounds that must hold wherever a condition is true."""
    parts = node.operands if isinstance(node, ast.And) else (node,)
    return tuple(bound for part in parts for bound in _bounds(part))


def bounded(part: ast.Node) -> bool:
    """Whether the bounds of a conjunct say all that it says."""
    match part:
        case ast.Compare("=") | ast.Between() | ast.In(_, (ast.Range(),)):
            wanted = 2
        case ast.Compare() | ast.In(_, (ast.Test(),)):
            wanted = 1
        case _:
            return False
    return len(tuple(_bounds(part))) == wanted


def _bounds(part: ast.Node) -> Iterator[Bound]:
    match part:
        case ast.Compare("=", ast.Name(field), number) | ast.Compare("=", number, ast.Name(field)):
            yield from _bound(field, ">=", number)
            yield from _bound(field, "<=", number)
        case ast.Compare(operator, ast.Name(field), number):
            yield from _bound(field, operator, number)
        case ast.Compare(operator, number, ast.Name(field)):
            yield from _bound(field, _MIRRORED.get(operator, ""), number)
        case ast.Between(ast.Name(field), low, high):
            yield from _bound(field, ">=", low)
            yield from _bound(field, "<=", high)
        case ast.In(ast.Name(field), (ast.Range(low, high, low_included, high_included),)):
            yield from _bound(field, ">=" if low_included else ">", low)
            yield from _bound(field, "<=" if high_included else "<", high)
        case ast.In(ast.Name(field), (ast.Test(operator, number),)):
            yield from _bound(field, operator, number)


def _bound(field: str, operator: str, node: ast.Node) -> Iterator[Bound]:
    number = _constant(node)
    if number is not None and operator in _MIRRORED:
        yield Bound(field, number, upper=operator[0] == "<", included=len(operator) > 1)


def _constant(node: ast.Node) -> Decimal | None:
    match node:
        case ast.Number(value):
            return value
        case ast.Negate(ast.Number(value)):
            return -value
    return None


class Axis:
    """One field's intervals; a set of conditions is a number whose bits are their positions."""

    __slots__ = ("_ends", "_sets", "field")

    def __init__(self, field: str, limits: Sequence[Sequence[Bound]]) -> None:
        """`limits` has the field's bounds of each condition, in the order of the positions."""
        self.field = field
        self._ends = sorted({bound.number for each in limits for bound in each})
        self._sets = self._sweep(limits)

    def _sweep(self, limits: Sequence[Sequence[Bound]]) -> list[int]:
        """Return the conditions for each gap (even places) and each end (odd places)."""
        place = {number: 2 * index + 1 for index, number in enumerate(self._ends)}
        flips = [0] * (2 * len(self._ends) + 2)
        for position, given in enumerate(limits):
            first, last = 0, 2 * len(self._ends)
            for bound in given:
                at = place[bound.number]
                if bound.upper:
                    last = min(last, at if bound.included else at - 1)
                else:
                    first = max(first, at if bound.included else at + 1)
            if first <= last:
                flips[first] ^= 1 << position
                flips[last + 1] ^= 1 << position
        sets, current = [], 0
        for flip in flips[:-1]:
            current ^= flip
            sets.append(current)
        return sets

    def containing(self, number: Decimal) -> int:
        """Return the conditions whose interval has the number."""
        ends = self._ends
        index = bisect_left(ends, number)
        return self._sets[2 * index + 1 if index < len(ends) and ends[index] == number else 2 * index]


def number_of(value: Value) -> Decimal | None:
    """Return what is compared with a number: the value, of money its amount; None for what is no number."""
    kind = type(value)
    if kind is Decimal:
        return value  # type: ignore[no-any-return]  # a Decimal
    return value.amount if kind is Money else None
