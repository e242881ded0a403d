"""Carries a DMN model over into a home: every decision and function becomes a table that can be called.

A table keeps its rows; any other logic becomes a table of one row. Its inputs are what the logic reads. A required
decision becomes the call of its table, down to the input data, and that call is also the `derived` expression.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from engine.feel import Node, ast, unparse
from engine.feel.builtins import BUILTINS
from engine.feel.types import ANY
from engine.source.expression import Expression
from engine.tables.dmn.model import element_names, names_after_dots
from engine.tables.dmn.rename import free_names, plain_names, replaced, type_text
from engine.tables.dmn.structs import Boxed, Decision, Definitions, Knowledge, Literal, TableLogic, Variable
from engine.tables.dmn.translate import NotCarried, Translator
from engine.tables.dmn.types import Kinds
from engine.tables.dmn.written import table_text
from engine.tables.library import expressions
from engine.tables.structs import InputClause, OutputClause, Row, Table

NOTHING = Expression("-")


@dataclass(frozen=True, slots=True)
class Carried:
    """The tables by name, the call of each decision over the input data, the types, and what stayed behind."""

    tables: Mapping[str, Table]
    calls: Mapping[str, str]
    types: Mapping[str, str]
    renamed: Mapping[str, str]
    left_out: tuple[str, ...]

    def files(self) -> dict[str, str]:
        """Return the tables' files, relative to the ruleset's folder."""
        return {f"tables/{name}.yaml": table_text(table) for name, table in self.tables.items()}


def carry(definitions: Definitions) -> Carried:
    """Carry a model over; whatever has no form here is in `left_out`."""
    return _Carrying(definitions).run()


@dataclass
class _Carrying:
    definitions: Definitions
    tables: dict[str, Table] = field(default_factory=dict)
    calls: dict[str, Node] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.kinds = Kinds(self.definitions.items)
        self.names = plain_names((*element_names(self.definitions), *self.kinds.fields))
        self.translator = Translator(self.names, self.inner_table)
        self.left_out += [f"{each}: not read" for each in self.definitions.left_out]
        whole = self.definitions
        given = [each.variable for each in whole.inputs.values()] + [each.variable for each in whole.decisions.values()]
        made = [each.variable for each in whole.knowledge.values()] + [
            each.variable for each in whole.services.values()
        ]
        self.types_of = {self.names[each.name]: each.type_ref for each in given}
        self.functions = {self.names[each.name] for each in made}
        aliases = {self.names[alias] for each in self.definitions.decisions.values() for alias in each.aliases}
        dotted = {self.names[each] for each in (*self.kinds.fields, *names_after_dots(self.definitions))}
        self.fields = dotted - set(self.types_of) - aliases

    def run(self) -> Carried:
        for knowledge in self.definitions.knowledge.values():
            self.knowledge(knowledge)
        for decision in self.definitions.decisions.values():
            self.call_of(decision)
        for service in self.definitions.services.values():
            self.left_out.append(f"decision service {service.name}: call its decisions instead")
        self.prune()
        types = {
            name: type_text(self.kinds.of(name).type, self.names) + self._allowed(name)
            for name in self.definitions.items
        }
        calls = {name: unparse(call) for name, call in self.calls.items() if name in self.tables}
        changed = {name: plain for name, plain in self.names.items() if name != plain}
        return Carried(self.tables, calls, types, changed, tuple(dict.fromkeys(self.left_out)))

    def _allowed(self, name: str) -> str:
        allowed = self.kinds.allowed(name)
        return f", one of {allowed}" if allowed else ""

    # --- functions ----------------------------------------------------------------------------------------------

    def knowledge(self, knowledge: Knowledge) -> None:
        """Make a table of a business knowledge model."""
        name = self.names[knowledge.variable.name]
        try:
            self.tables[name] = self.function(name, knowledge)
        except NotCarried as reason:
            self.left_out.append(f"business knowledge model {knowledge.name}: {reason}")

    def function(self, name: str, knowledge: Knowledge) -> Table:
        """Return the table of a function: its own when its columns are the parameters, else one row around it."""
        parameters, body = knowledge.function.parameters, knowledge.function.body
        if knowledge.function.kind != "FEEL":
            raise NotCarried(f"functions in {knowledge.function.kind} are not run")
        if isinstance(body, TableLogic) and _columns(body) == [each.name for each in parameters]:
            types = tuple(each or own.type_ref for each, own in zip(body.input_types, parameters, strict=True))
            return self.table(name, replace(body, input_types=types), {})
        node = self.translator.box(body, f"{name}_logic")
        if name in free_names(node):
            raise NotCarried("a function that calls itself has no form here")
        plain = [Variable(self.names[each.name], each.type_ref) for each in parameters]
        return self.one_row(name, plain, node, knowledge.variable.type_ref)

    def prune(self) -> None:
        """Leave out the tables that call what has no form here."""
        missing = self.functions - set(self.tables)
        while missing:
            name = missing.pop()
            for other in [each for each, table in self.tables.items() if name in self.called(table)]:
                del self.tables[other]
                self.left_out.append(f"{other}: it calls {name}, which has no form here")
                missing.add(other)

    def called(self, table: Table) -> Iterator[str]:
        """Return the names that the expressions of a table read."""
        for text in expressions(table):
            yield from free_names(self.translator.dialect.parse(text.text, {}, unary=True))

    # --- decisions ----------------------------------------------------------------------------------------------

    def call_of(self, decision: Decision) -> Node:
        """Return the call that decides, over the input data; makes the table when it is first asked for."""
        name = self.names[decision.variable.name]
        if name in self.calls:
            return self.calls[name]
        if decision.id in self.open:
            self.left_out.append(f"decision {decision.name}: it requires itself")
            return ast.Name(name)
        self.open.append(decision.id)
        required: dict[str, Node] = {}
        for id in decision.decisions:
            other = self.definitions.decisions.get(id)
            if other is None:
                self.left_out.append(f"decision {decision.name}: what it requires ({id}) is not in this file")
                continue
            call = self.call_of(other)
            required |= {self.names[each]: call for each in (other.variable.name, *other.aliases) if each in self.names}
        try:
            self.calls[name] = self.decision(name, decision, required)
        except NotCarried as reason:
            self.left_out.append(f"decision {decision.name}: {reason}")
            self.calls[name] = ast.Name(name)
        self.open.pop()
        return self.calls[name]

    def decision(self, name: str, decision: Decision, required: Mapping[str, Node]) -> Node:
        """Make the table of a decision and return its call."""
        body: Boxed = decision.body or Literal(text="")
        if decision.body is None:
            raise NotCarried("it has no logic")
        if isinstance(body, TableLogic):
            self.tables[name] = self.table(name, body, required)
        else:
            node = self.translator.box(body, f"{name}_logic")
            read = [each for each in free_names(node) if self.is_value(each)]
            inputs = [Variable(each, self.types_of.get(each, "")) for each in read]
            self.tables[name] = self.one_row(name, inputs, node, decision.variable.type_ref, required)
        return self.call(name)

    def call(self, name: str) -> Node:
        """Return the call of a table with its own input expressions."""
        arguments = tuple(self.translator.dialect.parse(each.expression.text, {}) for each in self.tables[name].inputs)
        return ast.Call(ast.Name(name), arguments)

    def inner_table(self, name: str, box: TableLogic) -> Node:
        """Make a table of one inside of a box, and return its call."""
        self.tables[name] = self.table(name, box, {})
        self.functions.add(name)
        return self.call(name)

    def is_value(self, name: str) -> bool:
        """Whether a name is given from outside: no built-in, no function, no field of an item in a filter."""
        return name not in BUILTINS and name not in self.functions and name not in self.fields

    # --- tables -------------------------------------------------------------------------------------------------

    def one_row(
        self,
        name: str,
        inputs: Sequence[Variable],
        node: Node,
        type_ref: str,
        required: Mapping[str, Node] | None = None,
    ) -> Table:
        """Return a table that is just an expression."""
        columns = [self.column(each.name, each.type_ref, required or {}) for each in inputs]
        row = Row(when=tuple(NOTHING for _ in columns), then=(Expression(unparse(node)),))
        output = OutputClause(name=name, type=self.type_of(type_ref))
        return Table(name=name, hit="U", inputs=tuple(columns), outputs=(output,), rows=(row,))

    def column(self, name: str, type_ref: str, required: Mapping[str, Node]) -> InputClause:
        """Return an input column for a name, which may be a required decision's."""
        text = unparse(required[name]) if name in required else name
        return InputClause(
            expression=Expression(text), label=name if text != name else None, type=self.type_of(type_ref)
        )

    def type_of(self, type_ref: str) -> Expression | None:
        """Return the FEEL type of a reference, None for any."""
        found = self.kinds.of(type_ref).type
        return None if found == ANY else Expression(type_text(found, self.names))

    def table(self, name: str, box: TableLogic, required: Mapping[str, Node]) -> Table:
        """Return a table with plain names; what its cells read besides the inputs becomes further inputs."""
        inputs = [
            self.input(clause, type_ref, required)
            for clause, type_ref in zip(box.table.inputs, box.input_types, strict=True)
        ]
        known = {each.name for each in inputs}
        further: dict[str, None] = {}
        rows = []
        for row in box.table.rows:
            when = tuple(self.cell(each, known, further, unary=True) for each in row.when)
            then = tuple(self.cell(each, known, further) for each in row.then)
            rows.append(msgspec.structs.replace(row, when=when, then=then))
        outputs = tuple(self.output(*pair, name) for pair in zip(box.table.outputs, box.output_types, strict=True))
        more = [self.column(each, self.types_of.get(each, ""), required) for each in further]
        wide = tuple(msgspec.structs.replace(row, when=(*row.when, *(NOTHING for _ in more))) for row in rows)
        return msgspec.structs.replace(box.table, name=name, inputs=(*inputs, *more), outputs=outputs, rows=wide)

    def input(self, clause: InputClause, type_ref: str, required: Mapping[str, Node]) -> InputClause:
        """Return an input column with plain names and required decisions as calls."""
        node = self.translator.text(clause.expression.text)
        called = replaced(node, required)
        label = node.name if isinstance(node, ast.Name) and called != node else None
        text = unparse(called)
        values = tuple(self.cell(each, set(), {}, unary=True) for each in clause.values)
        return InputClause(expression=Expression(text), label=label, type=self.type_of(type_ref), values=values)

    def output(self, clause: OutputClause, type_ref: str, name: str) -> OutputClause:
        """Return an output column with plain names."""
        allowed = Expression(self.kinds.allowed(type_ref)) if self.kinds.allowed(type_ref) else None
        values = clause.values or ((allowed,) if allowed else ())
        return OutputClause(
            name=self.names.get(clause.name, clause.name) or name,
            type=self.type_of(type_ref),
            values=tuple(self.cell(each, set(), {}, unary=True) for each in values),
            default=self.cell(clause.default, set(), {}) if clause.default else None,
        )

    def cell(self, cell: Expression, known: set[str], further: dict[str, None], *, unary: bool = False) -> Expression:
        """Return a cell with plain names, and note the values that it reads besides the inputs."""
        if not cell.text or cell.text == "-":
            return NOTHING if unary else Expression("null")
        node = self.translator.text(cell.text, unary=unary)
        for name in free_names(node):
            if name not in known and self.is_value(name):
                further[name] = None
        plain = Expression(unparse(node))
        return cell if self.translator.dialect.parse(cell.text, {}, unary=unary) == node else plain


def _columns(box: TableLogic) -> list[str]:
    return [each.expression.text for each in box.table.inputs]
