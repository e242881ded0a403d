"""Cells of input columns: always true, constant tests, or a program."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.feel import Env, Program, Value, ast
from engine.tables.literals import LiteralTest, NoConstant, literal_tests
from engine.tables.regions import Region, Scale, Unordered, region

Scope = Any
"""Anything with `.get(name, default)`."""


class Tested:
    """A scope in which `?` is the tested value."""

    __slots__ = ("outer", "value")

    def __init__(self, value: Value, outer: Scope) -> None:
        self.value = value
        self.outer = outer

    def get(self, name: str, default: Value = None) -> Value:
        """Return what a name means."""
        return self.value if name == "?" else self.outer.get(name, default)


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """The tests of one row on one input.

    Without `tests` and `program` it is always true. `mentions_null`: a test speaks of null itself.
    """

    text: str
    tests: tuple[LiteralTest, ...] = ()
    negated: bool = False
    program: Program | None = None

    @property
    def always(self) -> bool:
        """Whether it holds for every value."""
        return not self.tests and self.program is None

    @property
    def mentions_null(self) -> bool:
        """Whether one of the constant tests is null."""
        return any(test.operand is None for test in self.tests)

    def holds(self, value: Value, scope: Scope, env: Env) -> bool:
        """Whether the cell is true for a value; false and null are alike here (DMN 1.5, 8.3.3)."""
        if self.program is not None:
            return self.program.run(Tested(value, scope), env) is True
        if not self.tests:
            return True
        outcome = _any(self.tests, value, env)
        return outcome is (not self.negated)

    def region(self, scale: Scale) -> Region | None:
        """Return the values on a scale for which it holds, None when that cannot be told."""
        if self.program is not None:
            return None
        if not self.tests:
            return scale.whole
        try:
            return region(self.tests, scale, negated=self.negated)
        except Unordered:
            return None


def _any(tests: Iterable[LiteralTest], value: Value, env: Env) -> bool | None:
    unknown = False
    for test in tests:
        outcome = test.holds(value, env)
        if outcome:
            return True
        unknown = unknown or outcome is None
    return None if unknown else False


def literal_cell(text: str, node: ast.UnaryTests) -> Cell | None:
    """Return a cell that needs no program, None when it has to be computed."""
    if not node.tests:
        return Cell(text)
    try:
        return Cell(text, literal_tests(node), node.negated)
    except NoConstant:
        return None
