"""Makes cells and entries of their texts, each text once, and collects what is wrong with them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from engine.feel import FeelError, Program, Range, Type, Value, ast
from engine.feel.runtime.kinds import kind
from engine.feel.types import ANY, NULL, SIMPLE, MoneyType
from engine.model import faults
from engine.source.expression import Expression
from engine.source.problem import Problem
from engine.tables.cells import Cell, literal_cell
from engine.tables.dialect import Dialect, written_type
from engine.tables.literals import NoConstant, constant
from engine.tables.table import Entry

Types = Mapping[str, Type]
T = TypeVar("T")


class Workshop:
    """The expressions of one table; `names` are its inputs, `source` is its file's text."""

    def __init__(self, dialect: Dialect, names: Sequence[str], source: str) -> None:
        self.dialect = dialect
        self.names = names
        self.source = source
        self.problems: list[Problem] = []
        self.programs: list[Program] = []
        self._cells: dict[tuple[str, Type], Cell] = {}
        self._entries: dict[str, Entry] = {}

    def guarded(self, at: Expression, build: Callable[[], T], otherwise: T) -> T:
        """Return what `build` gives, or note its faults."""
        try:
            return build()
        except FeelError as error:
            self.problems += faults.problems(error, at, self.source, {"the table": self.names}, "input")
            return otherwise

    def type(self, written: Expression) -> Type:
        """Return the type that a text names."""
        unknown: Type = ANY
        return self.guarded(written, partial(written_type, written.text), unknown)

    def cell(self, tests: Expression, wanted: Type, scope: Types) -> Cell:
        """Return the cell for an input of a type; one that is always true when there are faults."""
        text = tests.text.strip()
        found = self._cells.get((text, wanted))
        if found is None:
            found = self.guarded(tests, partial(self._built_cell, text, wanted, scope), None)
            if found is None:
                return Cell(text)
            self._cells[text, wanted] = found
        return found

    def listed(self, values: Sequence[Expression], wanted: Type, scope: Types) -> tuple[Cell, ...]:
        """Return the cells of declared values, one for each test, so that their order can be told."""
        found: list[Cell] = []
        for tests in values:
            nothing: tuple[Cell, ...] = ()
            found += self.guarded(tests, partial(self._built_list, tests.text.strip(), wanted, scope), nothing)
        return tuple(found)

    def _built_list(self, text: str, wanted: Type, scope: Types) -> tuple[Cell, ...]:
        whole = self._built_cell(text, wanted, scope)
        if len(whole.tests) > 1 and not whole.negated:
            return tuple(Cell(text, (test,)) for test in whole.tests)
        return (whole,)

    def peek(self, tests: Expression) -> Cell | None:
        """Return a constant cell without looking at types."""
        try:
            node = self.dialect.parse(tests.text, {}, unary=True) if tests.text.strip() else ast.UnaryTests(())
        except FeelError:
            return None
        assert isinstance(node, ast.UnaryTests)
        return literal_cell(tests.text, node)

    def _built_cell(self, text: str, wanted: Type, scope: Types) -> Cell:
        types = {**scope, "?": wanted}
        node = self.dialect.parse(text or "-", types, unary=True)
        assert isinstance(node, ast.UnaryTests)
        found = literal_cell(text, node)
        if found is None or not all(_comparable(test.operand, wanted) for test in found.tests):
            program = self.kept(self.dialect.program(node, types))
            found = found or Cell(text, program=program)
        return found

    def entry(self, written: Expression, scope: Types) -> Entry:
        """Return the cell of an output; null of any type when there are faults."""
        text = written.text.strip()
        found = self._entries.get(text)
        if found is None:
            found = self.guarded(written, partial(self._built_entry, text, scope), None)
            if found is None:
                return Entry(ANY)
            self._entries[text] = found
        return found

    def _built_entry(self, text: str, scope: Types) -> Entry:
        node = self.dialect.parse(text or "null", scope)
        try:
            value = constant(node)
        except NoConstant:
            program = self.kept(self.dialect.program(node, scope))
            return Entry(program.type, program=program)
        if value is None:
            return Entry(NULL)
        simple = SIMPLE.get(kind(value))
        return Entry(simple or self.dialect.program(node, {}).type, value)

    def kept(self, program: Program) -> Program:
        """Remember a program for what it reads."""
        self.programs.append(program)
        return program


def _comparable(operand: Value, wanted: Type) -> bool:
    """Whether a constant of a cell is plainly of the input's type; otherwise the compiler is asked."""
    name = "number" if isinstance(wanted, MoneyType) else str(wanted)
    parts = operand if isinstance(operand, list) else [operand]
    ends = [end for part in parts for end in ((part.low, part.high) if isinstance(part, Range) else (part,))]
    return wanted == ANY or all(end is None or kind(end) == name for end in ends)
