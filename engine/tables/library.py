"""The tables of a home: compiled in the order in which they call each other, and offered to all expressions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from engine.feel import FeelError, HostFunction, Type, ast, parse
from engine.feel.builtins import BUILTINS
from engine.feel.types import ANY
from engine.model.structs import Model
from engine.model.types import context_types, with_actions
from engine.source.excerpt import did_you_mean
from engine.source.expression import Expression
from engine.source.problem import ConfigError, Place, Problem
from engine.tables.compile import Compilation
from engine.tables.dialect import Typed
from engine.tables.hit import AGGREGATES
from engine.tables.structs import Table
from engine.tables.table import DecisionTable

Functions = Mapping[str, HostFunction]
Offered = Callable[[str, DecisionTable], HostFunction]
"""Makes of a compiled table, given with its file, what expressions call."""
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class Library:
    """Compiled tables by their files.

    `functions` are what expressions may call: faulty tables are among them, so that they cause no faults elsewhere.
    """

    compiled: dict[str, DecisionTable] = field(default_factory=dict)
    functions: dict[str, HostFunction] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def _offered(_file: str, table: DecisionTable) -> HostFunction:
    return table.host_function()


def library(
    tables: Mapping[str, Table],
    model: Model,
    functions: Functions,
    texts: Mapping[str, str] | None = None,
    offered: Offered = _offered,
) -> Library:
    """Compile tables that are given by their files; `functions` are those that cells may call besides."""
    return _Compiling(tables, model, functions, texts or {}, offered).run()


class _Compiling:
    def __init__(
        self,
        tables: Mapping[str, Table],
        model: Model,
        functions: Functions,
        texts: Mapping[str, str],
        offered: Offered,
    ) -> None:
        self.tables = tables
        self.offered = offered
        self.given = functions
        self.texts = texts
        self.types: Mapping[str, Mapping[str, Type]] = {
            name: kind.fields for name, kind in context_types(with_actions(model)).items()
        }
        self.by_name: dict[str, str] = {}
        self.library = Library()

    def run(self) -> Library:
        for file, table in self.tables.items():
            problem = self._misnamed(table)
            if problem:
                self.library.problems.append(problem)
            else:
                self.by_name[table.name] = file
        for name in self.by_name:
            self._compile(name, ())
        return self.library

    def _misnamed(self, table: Table) -> Problem | None:
        name = table.name
        if name in self.by_name:
            message = f"{self.by_name[name]} has a table `{name}` already"
            return Problem("duplicate-id", message, table.place, "tables are called by their names; choose another")
        if name in BUILTINS or name in self.given:
            return Problem("reserved-name", f"`{name}` is a function that exists already", table.place)
        try:
            node = parse(f"{name}()", names={name})
        except FeelError:
            node = None
        if node != ast.Call(ast.Name(name), ()):
            hint = "write letters, digits, `_` and spaces, and start with a letter"
            return Problem("reserved-name", f"`{name}` is no name that expressions can call", table.place, hint)
        return None

    def _compile(self, name: str, above: tuple[str, ...]) -> None:
        if name in self.library.functions:
            return
        file = self.by_name[name]
        table = self.tables[file]
        self.library.functions[name] = _stub(table)
        circular = False
        for other in self._called(table):
            if other in (*above, name):
                circle = " -> ".join((*above[above.index(other) if other in above else len(above) :], name, other))
                self.library.problems.append(Problem("table-loop", f"tables call each other: {circle}", table.place))
                circular = True
            else:
                self._compile(other, (*above, name))
        compiled = self._compiled(file, table)  # a table in a circle too, for the other faults that it has
        if compiled is not None and not circular:
            self.library.compiled[file] = compiled
            self.library.functions[name] = self.offered(file, compiled)

    def _called(self, table: Table) -> Iterator[str]:
        """Return the tables that a table calls."""
        names = set(self.by_name)
        texts = {each.text for each in expressions(table)}
        for text in texts:
            if not any(name in text for name in names):
                continue
            try:
                node = parse(text, names=names, unary=True) if text.strip() else ast.Null()
            except FeelError:
                continue
            yield from (part.name for part in ast.walk(node) if isinstance(part, ast.Name) and part.name in names)

    def _compiled(self, file: str, table: Table) -> DecisionTable | None:
        types = self.types.get(table.for_) if table.for_ is not None else None
        dialect = Typed({**self.given, **self.library.functions})
        problems = list(shape_problems(table))
        if table.for_ is not None and types is None:
            message = f"`{table.for_}` is no entity type of the model{did_you_mean(table.for_, self.types)}"
            problems.append(Problem("unknown-entity", message, table.place, f"known: {', '.join(self.types)}"))
        try:
            compiled = Compilation(table, types, dialect, closed=True, source=self.texts.get(file, "")).run()
        except ConfigError as error:
            self.library.problems += (*problems, *error.problems)
            return None
        problems += clock_problems(table, compiled)
        self.library.problems += problems
        return None if problems else compiled


def expressions(table: Table) -> Iterator[Expression]:
    """Return all FEEL of a table but the types."""
    for clause in table.inputs:
        yield from (clause.expression, *clause.values)
    for output in table.outputs:
        yield from (*output.values, *((output.default,) if output.default else ()))
    for row in table.rows:
        yield from (*row.when, *row.then)


def _stub(table: Table) -> HostFunction:
    parameters = tuple((each.name, ANY) for each in table.inputs)
    return HostFunction(table.name, parameters, ANY, lambda _env, *_values: None, required=0)


def shape_problems(table: Table) -> Iterator[Problem]:
    """Return what is wrong with the columns of a table, whatever their cells say."""
    if not table.outputs:
        yield Problem("missing-key", "this table has no output", table.place)
    yield from _twice("input", [(each.name, each.place) for each in table.inputs], "give one a `label`")
    yield from _twice("output", [(each.name, each.place) for each in table.outputs if each.name], "rename one")
    for output in table.outputs:
        if not output.name and len(table.outputs) > 1:
            message = "each of several outputs needs a name, which becomes the entry's in the result"
            yield Problem("missing-key", message, output.place)
        if table.policy in ("P", "O") and not output.values:
            hint = "list `values`, the most important first"
            yield Problem("no-priority", f"the hit policy {table.hit} needs an order of outputs", output.place, hint)
    if table.policy in AGGREGATES and len(table.outputs) > 1:
        yield Problem("several-outputs", f"the hit policy {table.hit} goes with one output", table.place)


def _twice(what: str, named: Sequence[tuple[str, Place]], hint: str) -> Iterator[Problem]:
    for number, (name, place) in enumerate(named):
        if any(name == other for other, _ in named[:number]):
            yield Problem("duplicate-id", f"there are two {what}s `{name}`", place, hint)


def clock_problems(table: Table, compiled: DecisionTable) -> Iterator[Problem]:
    """Return the cells that look at the clock."""
    hint = "make the moment an input, so that the caller's condition says when it flips"
    for row, line in zip(table.rows, compiled.rows, strict=True):
        programs = (*(cell.program for cell in line.when), *(entry.program for entry in line.then))
        for text, program in zip((*row.when, *row.then), programs, strict=True):
            if program is not None and program.time != "none":
                yield Problem("clock-in-table", "a table's cell cannot look at the clock", text.place, hint)
    for clause, output in zip(table.outputs, compiled.outputs, strict=True):
        if clause.default and output.default and output.default.program and output.default.program.time != "none":
            yield Problem("clock-in-table", "a table's default cannot look at the clock", clause.default.place, hint)
