"""From a table as written to a compiled one, with every fault at its cell."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial, reduce
from typing import Literal

from engine.feel import HostFunction, Program, Type, ast
from engine.feel.builtins import BUILTINS
from engine.feel.types import ANY, NULL, NUMBER, SIMPLE, ContextType, ListType, conforms, join
from engine.source.problem import ConfigError, Problem
from engine.tables.dialect import Dialect, Typed
from engine.tables.hit import AGGREGATES, LISTS
from engine.tables.index import build_index, main_scale
from engine.tables.structs import InputClause, OutputClause, Row, Table
from engine.tables.table import DecisionTable, Input, Line, Output
from engine.tables.workshop import Types, Workshop

_CLOCKS: tuple[Literal["now", "today", "none"], ...] = ("now", "today", "none")


def compile_table(
    table: Table, types: Types | None = None, functions: Mapping[str, HostFunction] | None = None
) -> DecisionTable:
    """Compile a table whose input expressions read names of these types, or any names when there are none.

    Raises ConfigError with every fault, each at its cell.
    """
    return Compilation(table, types, Typed(functions or {})).run()


class Compilation:
    """One table on its way to a compiled one.

    `closed`: cells see the inputs alone, so that the table is a function of them. `source` is the file's text.
    """

    def __init__(
        self, table: Table, types: Types | None, dialect: Dialect, *, closed: bool = False, source: str = ""
    ) -> None:
        self.table = table
        self.types = types
        self.dialect = dialect
        self.outer: Types = {} if closed or types is None else types
        self.workshop = Workshop(dialect, [each.name for each in table.inputs], source)

    def run(self) -> DecisionTable:
        """Return the compiled table; raises ConfigError."""
        table, workshop = self.table, self.workshop
        problems = list(self._widths())
        inputs = [self._input(number, clause) for number, clause in enumerate(table.inputs)]
        scope = {**self.outer, **{each.name: each.type for each in inputs}}
        rows = [self._row(row, inputs, scope) for row in table.rows]
        outputs = [self._output(number, clause, rows, scope) for number, clause in enumerate(table.outputs)]
        if problems or workshop.problems:
            raise ConfigError((*problems, *workshop.problems))
        own = {"?", *(each.name for each in inputs)}
        inside = {path for each in workshop.programs for path in each.reads if path[0] not in own}
        return DecisionTable(
            name=table.name,
            policy=table.policy,
            inputs=tuple(inputs),
            outputs=tuple(outputs),
            rows=tuple(rows),
            index=build_index([row.when for row in rows]),
            type=self._type(outputs),
            reads=frozenset(inside.union(*(each.program.reads for each in inputs))),
            time=next(clock for clock in _CLOCKS if clock in {"none", *(each.time for each in workshop.programs)}),
        )

    def _widths(self) -> Iterator[Problem]:
        for row in self.table.rows:
            for what, cells, columns in (("when", row.when, self.table.inputs), ("then", row.then, self.table.outputs)):
                if len(cells) != len(columns):
                    message = f"`{what}` has {len(cells)} cells, and the table has {len(columns)} such columns"
                    hint = "write one cell for each input, `-` for anything" if what == "when" else ""
                    yield Problem("row-width", message, row.place, hint)

    # --- columns ----------------------------------------------------------------------------------------------

    def _input(self, number: int, clause: InputClause) -> Input:
        nothing = self.dialect.program(ast.Null(), {})
        program = self.workshop.guarded(clause.expression, partial(self._input_program, clause), nothing)
        if clause.type is not None:
            kind = self.workshop.type(clause.type)
        elif self.types is not None and program.type not in (ANY, NULL):
            kind = program.type
        else:
            kind = self._type_of_cells(number)
        return Input(clause.name, program, kind, self.workshop.listed(clause.values, kind, self.outer))

    def _input_program(self, clause: InputClause) -> Program:
        if self.types is not None:
            return self.dialect.program(self.dialect.parse(clause.expression.text, self.types), self.types)
        names = {each.name: ANY for each in self.table.inputs}  # the names may be anything: callers give the values
        node = self.dialect.parse(clause.expression.text, names)
        read = {part.name for part in ast.walk(node) if isinstance(part, ast.Name) and part.name not in BUILTINS}
        return self.dialect.program(node, dict.fromkeys(read, ANY))

    def _type_of_cells(self, number: int) -> Type:
        """Return the type that a column's constants have, Any when there are none or they have no order."""
        cells = (self.workshop.peek(row.when[number]) for row in self.table.rows if number < len(row.when))
        scale = main_scale([each for each in cells if each])
        return SIMPLE[scale.name] if scale else ANY

    def _output(self, number: int, clause: OutputClause, rows: Sequence[Line], scope: Types) -> Output:
        default = self.workshop.entry(clause.default, scope) if clause.default else None
        nothing: Type = NULL
        found = reduce(join, (row.then[number].type for row in rows if number < len(row.then)), nothing)
        declared = self.workshop.type(clause.type) if clause.type else ANY
        for row, line in zip(self.table.rows, rows, strict=True):
            if number < len(line.then) and not _may_be(line.then[number].type, declared):
                message = f"this column needs a {declared}, this gives a {line.then[number].type}"
                self.workshop.problems.append(Problem("feel-type", message, row.then[number].place))
        kind = declared if declared != ANY else found
        return Output(clause.name, kind, self.workshop.listed(clause.values, kind, {}), default)

    def _row(self, row: Row, inputs: Sequence[Input], scope: Types) -> Line:
        pairs = zip(row.when, inputs, strict=False)
        cells = tuple(self.workshop.cell(tests, each.type, scope) for tests, each in pairs)
        return Line(cells, tuple(self.workshop.entry(each, scope) for each in row.then))

    def _type(self, outputs: Sequence[Output]) -> Type:
        policy = self.table.policy
        if policy == "C#":
            return NUMBER
        single = outputs[0].type if len(outputs) == 1 else ContextType({each.name: each.type for each in outputs})
        whole = ListType(single) if policy in LISTS else single
        defaults = [each.default.type for each in outputs if each.default]
        if not defaults or policy in AGGREGATES or (policy not in LISTS and len(outputs) > 1):
            return whole
        return reduce(join, defaults, whole)


def _may_be(found: Type, wanted: Type) -> bool:
    """Whether a value of one type can be one of another, FEEL's conversions of lists included."""
    if ANY in (found, wanted) or conforms(found, wanted):
        return True
    return isinstance(wanted, ContextType | ListType) or isinstance(found, ContextType | ListType)
