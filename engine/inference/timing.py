"""Which comparisons can flip by time alone, and which of them shift linearly with the clock.

For these the exact moment is computed (see `flips`). What cannot be analysed is looked at when the day changes; a bare
`now()` there is refused.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.feel import ast
from engine.inference.aggregates import reads_time
from engine.model.calendar import ADD, BETWEEN

_SHIFTS = {"+", "-"}
STEPS = "steps"
MONTH_SLACK = 4
"""Days by which shifting a date by months can differ from a straight line."""


@dataclass(frozen=True, slots=True)
class Atom:
    """The difference of the two sides of a comparison, and whether it moves with the day, by steps or with the instant.

    `slack` days before the computed crossing the condition is looked at again, where months make the line uneven.
    """

    difference: ast.Node
    clock: str
    slack: int = 0


@dataclass(frozen=True, slots=True)
class Analysis:
    """What makes an expression change with time: atoms, `daily` for what must be looked at every midnight."""

    atoms: tuple[Atom, ...] = ()
    daily: bool = False
    refused: ast.Node | None = None


def analyse(node: ast.Node, months: Callable[[ast.Node], bool]) -> Analysis:
    """Find the comparisons that can flip with time; `months` tells a years and months duration."""
    atoms: dict[Atom, None] = {}
    daily, refused = False, None
    for found in _atoms(node):
        if isinstance(found, Atom):
            uneven = any(months(part) for part in ast.walk(found.difference))
            atoms[Atom(found.difference, found.clock, MONTH_SLACK if uneven else 0)] = None
        elif _clocks(found) == {"today"}:
            daily = True
        else:
            refused = refused or found
    return Analysis(tuple(atoms), daily, refused)


def _atoms(node: ast.Node) -> Iterator[Atom | ast.Node]:
    if not reads_time(node):
        return
    match node:
        case ast.Compare(operator, left, right):
            yield from _comparison(node, operator, left, right)
        case ast.Between(value, low, high):
            yield from _comparison(node, ">=", value, low)
            yield from _comparison(node, "<=", value, high)
        case ast.In(value, tests):
            yield from _in(node, value, tests)
        case ast.And(parts) | ast.Or(parts):
            for part in parts:
                yield from _atoms(part)
        case ast.If(condition, yes, no):
            for part in (condition, yes, no):
                yield from _atoms(part)
        case ast.Call(ast.Name("not"), (argument,)):
            yield from _atoms(argument)
        case _:
            yield node


def _in(node: ast.Node, value: ast.Node, tests: tuple[ast.Node, ...]) -> Iterator[Atom | ast.Node]:
    for test in tests:
        match test:
            case ast.Range(low, high):
                yield from _comparison(node, ">=", value, low)
                yield from _comparison(node, "<=", value, high)
            case ast.Test(operator, operand):
                yield from _comparison(node, operator, value, operand)
            case _:
                yield node


def _comparison(
    whole: ast.Node, operator: ast.ComparisonOperator, left: ast.Node, right: ast.Node
) -> Iterator[Atom | ast.Node]:
    for side, other in ((left, right), (right, left)):
        if isinstance(side, ast.If) and reads_time(side):
            yield from _atoms(side.condition)
            for branch in (side.yes, side.no):
                pair = (branch, other) if side is left else (other, branch)
                yield from _comparison(ast.Compare(operator, *pair), operator, *pair)
            return
    if not (reads_time(left) or reads_time(right)):
        return
    clocks = _clocks(left) | _clocks(right)
    if (_stepwise(left) and not reads_time(right)) or (_stepwise(right) and not reads_time(left)):
        yield Atom(ast.Arithmetic("-", left, right), STEPS)
    elif _affine(left) and _affine(right) and len(clocks) == 1:
        yield Atom(ast.Arithmetic("-", left, right), clocks.pop())
    else:
        yield whole


def _clocks(node: ast.Node) -> set[str]:
    return {
        part.function.name
        for part in ast.walk(node)
        if isinstance(part, ast.Call) and isinstance(part.function, ast.Name) and part.function.name in {"now", "today"}
    }


def _stepwise(node: ast.Node) -> bool:
    """Whether a side only grows, or only falls, from day to day: a count of working days up to or from today."""
    match node:
        case ast.Call(ast.Name(name), (first, second)) if name in {BETWEEN, ADD}:
            moving = [part for part in (first, second) if reads_time(part)]
            return len(moving) == 1 and _affine(moving[0]) and _clocks(moving[0]) == {"today"}
    return False


def _affine(node: ast.Node) -> bool:
    """Whether a side is the clock shifted or scaled by what does not move."""
    if not reads_time(node):
        return True
    match node:
        case ast.Call(ast.Name("now" | "today"), ()):
            return True
        case ast.Arithmetic(operator, left, right) if operator in _SHIFTS:
            return _affine(left) and _affine(right)
        case ast.Arithmetic("*", left, right):
            return (_affine(left) and not reads_time(right)) or (_affine(right) and not reads_time(left))
        case ast.Arithmetic("/", left, right):
            return _affine(left) and not reads_time(right)
        case ast.Negate(operand):
            return _affine(operand)
        case ast.Path(ast.Arithmetic("-", _, _) as source, "days"):
            return _affine(source) and _clocks(source) == {"today"}
        case ast.Call(ast.Name("abs"), _):
            return False
    return False
