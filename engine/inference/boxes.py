"""What must be so where a condition is true, or is not: boxes, each a set of allowed values for some of its terms.

A term is whatever is compared with a constant, or the difference of two sides compared with each other; what it means
is not asked, only that it is the same wherever it is written the same. Every result is an upper bound: where a
condition is true one of the boxes fits, so that no box is a proof that it never is. Too many alternatives count as no
knowledge.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import product
from typing import Literal, TypeAlias

from engine.feel import FeelError, ast, evaluate, unparse
from engine.inference.allowed import ANYTHING, NOTHING_KNOWN, Allowed, Scalar, among, equal, nullable, ordered, other
from engine.inference.allowed import scalar as scalar_of


@dataclass(frozen=True, slots=True)
class Difference:
    """A term: what the left side is more than the right; days count as microseconds."""

    left: ast.Node
    right: ast.Node


Term: TypeAlias = ast.Node | Difference
Box: TypeAlias = Mapping[Term, Allowed]
Mode: TypeAlias = Literal["true", "false", "not true", "not false"]
Kinds: TypeAlias = Callable[[ast.Node], str | None]
"""Tells of a term the one kind of value that it has besides null; None when that is not known."""

_BOUND = 128
_OPPOSITE: Mapping[Mode, Mode] = {
    "true": "false", "false": "true", "not true": "not false", "not false": "not true",
}  # fmt: skip
_MIRRORED: Mapping[str, ast.ComparisonOperator] = {
    "<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!=",
}  # fmt: skip
_NEGATED: Mapping[str, ast.ComparisonOperator] = {
    "<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "=",
}  # fmt: skip
_CONSTANT_CALLS = frozenset({"date", "duration"})


class Boxes:
    """Takes conditions apart; `kinds` knows the types of what they read."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds

    def of(self, node: ast.Node, mode: Mode = "true") -> tuple[Box, ...]:
        """Return boxes, one of which fits wherever a condition is what `mode` says."""
        match node:
            case ast.And(operands):
                alike = [self.of(each, mode) for each in operands]
                return _all(alike) if mode in {"true", "not false"} else _any(alike)
            case ast.Or(operands):
                alike = [self.of(each, mode) for each in operands]
                return _any(alike) if mode in {"true", "not false"} else _all(alike)
            case ast.Call(ast.Name("not"), (operand,)):
                return self.of(operand, _OPPOSITE[mode])
            case ast.Boolean(value):
                return _known(value, mode)
            case ast.Between(value, low, high):
                return self.of(ast.And((ast.Compare(">=", value, low), ast.Compare("<=", value, high))), mode)
            case ast.In(value, tests):
                return self._in(value, tests, mode)
            case ast.Compare(operator, left, right):
                return self._compare(operator, left, right, mode)
        return self._truth(node, mode)

    def _truth(self, node: ast.Node, mode: Mode) -> tuple[Box, ...]:
        """Take a part as it stands for a truth value."""
        wanted = equal(("boolean", mode in {"true", "not false"}))
        if mode in {"true", "false"}:
            return ({node: wanted},)
        return ({node: nullable(wanted)},) if self._kinds(node) == "boolean" else ({},)

    def _in(self, value: ast.Node, tests: tuple[ast.Node, ...], mode: Mode) -> tuple[Box, ...]:
        if self._kinds(value) is not None:
            tests = tuple(_flat(tests))
        constants = [_constant(test) for test in tests]
        found = frozenset(each for each in constants if each is not None)
        if len(found) == len(set(tests)) and (mode in {"true", "false"} or self._kinds(value)):
            return ({value: among(found) if mode in {"true", "not false"} else other(found)},)
        parts = [_test(value, test) for test in tests]
        known = tuple(part for part in parts if part is not None)
        if len(known) < len(parts):
            return ({},)
        return self.of(known[0] if len(known) == 1 else ast.Or(known), mode)

    def _compare(
        self, operator: ast.ComparisonOperator, left: ast.Node, right: ast.Node, mode: Mode
    ) -> tuple[Box, ...]:
        if _is_constant(left) and _is_constant(right):
            return _known(evaluate(unparse(ast.Compare(operator, left, right))), mode)
        if _is_constant(left):
            operator, left, right = _MIRRORED[operator], right, left
        if not _is_constant(right):
            return self._sides(operator, left, right, mode)
        value = _constant(right)
        if value is None and (not isinstance(right, ast.Null) or operator not in {"=", "!="}):
            return ({},)
        if mode in {"not true", "not false"} and value is not None and self._kinds(left) != value[0]:
            return ({},)
        allowed = _compared(operator, value, mode)
        return () if allowed.empty else ({left: allowed},)

    def _sides(self, operator: ast.ComparisonOperator, left: ast.Node, right: ast.Node, mode: Mode) -> tuple[Box, ...]:
        """Compare two sides that both vary by what the one is more than the other."""
        plain, moved, shift = left, right, _shift(right)
        if shift is None and (shift := _shift(left)) is not None:
            operator, plain, moved = _MIRRORED[operator], right, left
        kind = self._kinds(plain)
        if mode in {"not true", "not false"} and (kind not in {"date", "number"} or kind != self._kinds(_base(moved))):
            return ({},)
        ways = [(operator, plain, moved)] if shift else [(operator, left, right), (_MIRRORED[operator], right, left)]
        value: Scalar = ("number", shift or Decimal(0))
        box: dict[Term, Allowed] = {}
        for way, first, second in ways:
            allowed = _compared(way, value, mode)
            both_null = operator == ("=" if mode in {"true", "not false"} else "!=")
            box[Difference(first, _base(second) if shift else second)] = nullable(allowed) if both_null else allowed
        return (box,)


def _compared(operator: ast.ComparisonOperator, value: Scalar | None, mode: Mode) -> Allowed:
    """Return the values whose comparison with a constant (None: null) is what `mode` says."""
    if mode in {"false", "not true"}:
        operator = _NEGATED[operator]
    if operator == "=":
        return equal(value)
    if operator == "!=":
        return Allowed(null=False) if value is None else other(frozenset({value}))
    assert value is not None
    return nullable(ordered(operator, value)) if mode.startswith("not") else ordered(operator, value)


def _known(value: object, mode: Mode) -> tuple[Box, ...]:
    """Return what a condition that is always the same leaves: everything, or nothing."""
    is_so = {"true": value is True, "false": value is False, "not true": value is not True}.get(
        mode, value is not False
    )
    return ({},) if is_so else ()


def _any(parts: Iterable[tuple[Box, ...]]) -> tuple[Box, ...]:
    found = tuple(box for part in parts for box in part)
    return found if len(found) <= _BOUND else ({},)


def _all(parts: Iterable[tuple[Box, ...]]) -> tuple[Box, ...]:
    """Combine what must hold together; a part with too many alternatives is left out."""
    found: tuple[Box, ...] = ({},)
    for part in sorted(parts, key=len):
        if len(found) * len(part) <= _BOUND:
            found = both(found, part)
    return found


def both(first: Iterable[Box], second: Iterable[Box]) -> tuple[Box, ...]:
    """Return the boxes of two conditions that hold at once."""
    met = (_meet(one, two) for one, two in product(first, second))
    return tuple(box for box in met if box is not None)


def _meet(one: Box, two: Box) -> Box | None:
    met = dict(one)
    for term, allowed in two.items():
        left = met[term] = met.get(term, ANYTHING).also(allowed)
        if left.empty:
            return None
    return met


def _flat(tests: tuple[ast.Node, ...]) -> Iterator[ast.Node]:
    for test in tests:
        yield from test.items if isinstance(test, ast.ListLiteral) else (test,)


def _test(value: ast.Node, test: ast.Node) -> ast.Node | None:
    """Return a test of `in` as a condition of its own."""
    match test:
        case ast.Test(operator, operand):
            return ast.Compare(operator, value, operand)
        case ast.Range(low, high, low_included, high_included) if _is_constant(low) and _is_constant(high):
            lower = ast.Compare(">=" if low_included else ">", value, low)
            return ast.And((lower, ast.Compare("<=" if high_included else "<", value, high)))
        case _ if _is_constant(test):
            return ast.Compare("=", value, test)
    return None


def _is_constant(node: ast.Node) -> bool:
    match node:
        case ast.Null() | ast.Boolean() | ast.Number() | ast.Text() | ast.At() | ast.Negate(ast.Number()):
            return True
        case ast.Call(ast.Name(function), (ast.Text(),)):
            return function in _CONSTANT_CALLS
    return False


def _constant(node: ast.Node) -> Scalar | None:
    """Return the value of a literal, None for null and for what sets cannot hold."""
    if not _is_constant(node):
        return None
    try:
        return scalar_of(evaluate(unparse(node)))
    except FeelError:
        return None


def constant(node: ast.Node) -> Scalar | None:
    """Return the value that an expression always has, None when that is not known or is null."""
    return _constant(node)


def _shift(node: ast.Node) -> Decimal | None:
    """Return by how much a side is moved: by a number, or by whole days; None when it is not."""
    if not isinstance(node, ast.Arithmetic) or node.operator not in {"+", "-"} or _is_constant(node.left):
        return None
    match _constant(node.right):
        case ("number", Decimal() as value):
            moved = value
        case ("duration", timedelta() as span) if not span % timedelta(days=1):
            moved = Decimal(span // timedelta(microseconds=1))
        case _:
            return None
    return moved if node.operator == "+" else -moved


def _base(node: ast.Node) -> ast.Node:
    return node.left if isinstance(node, ast.Arithmetic) and _shift(node) is not None else node


__all__ = ["NOTHING_KNOWN", "Box", "Boxes", "Difference", "Kinds", "Mode", "Term", "both", "constant"]
