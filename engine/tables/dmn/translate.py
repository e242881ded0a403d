"""Boxed expressions as FEEL, with plain names; tables inside of boxes become tables of their own."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.feel import FeelError, Node, ast
from engine.tables.dialect import Tolerant
from engine.tables.dmn.rename import renamed
from engine.tables.dmn.structs import (
    Boxed,
    Conditional,
    ContextLogic,
    FilterLogic,
    FunctionLogic,
    Invocation,
    Iteration,
    ListLogic,
    Literal,
    Relation,
    TableLogic,
)

RESULT = "result"


class NotCarried(Exception):
    """The logic has no form in a table; the message says why."""


class Translator:
    """`names` are the plain names of everything; `own_table` makes a table of one inside of a box, and calls it."""

    def __init__(self, names: Mapping[str, str], own_table: Callable[[str, TableLogic], Node]) -> None:
        self.names = names
        self.dialect = Tolerant(frozenset(names))
        self.own_table = own_table

    def text(self, text: str, *, unary: bool = False) -> Node:
        """Return FEEL text with plain names; raises NotCarried."""
        try:
            return renamed(self.dialect.parse(text, {}, unary=unary), self.names)
        except FeelError as error:
            raise NotCarried(f"`{text}` is no FEEL: {error.message}") from error

    def name(self, name: str) -> str:
        """Return the plain name of a name."""
        return self.names.get(name, name)

    def box(self, box: Boxed, owner: str) -> Node:
        """Return a box as FEEL; `owner` names tables inside of it."""
        return _TRANSLATIONS[type(box)](self, box, owner)

    def _literal(self, box: Literal, _owner: str) -> Node:
        if box.language not in ("", "feel"):
            raise NotCarried(f"{box.language} is not run, only FEEL")
        return self.text(box.text) if box.text else ast.Null()

    def _table(self, box: TableLogic, owner: str) -> Node:
        return self.own_table(owner, box)

    def _context(self, box: ContextLogic, owner: str) -> Node:
        entries = []
        for variable, part in box.entries:
            name = self.name(variable.name) if variable else RESULT
            entries.append(ast.Entry(name, self.box(part, f"{owner}_{name}")))
        whole = ast.ContextLiteral(tuple(entries))
        last = box.entries[-1][0] if box.entries else ...
        return ast.Path(whole, RESULT) if last is None else whole

    def _invocation(self, box: Invocation, owner: str) -> Node:
        arguments = tuple(self.box(part, f"{owner}_{self.name(variable.name)}") for variable, part in box.bindings)
        given = tuple(self.name(variable.name) for variable, _ in box.bindings)
        return ast.Call(self.box(box.function, owner), arguments, given)

    def _list(self, box: ListLogic, owner: str) -> Node:
        return ast.ListLiteral(tuple(self.box(each, f"{owner}_{at}") for at, each in enumerate(box.items, 1)))

    def _relation(self, box: Relation, owner: str) -> Node:
        rows = []
        for number, row in enumerate(box.rows, 1):
            cells = zip(box.columns, row, strict=False)
            entries = (ast.Entry(self.name(c.name), self.box(cell, f"{owner}_{number}")) for c, cell in cells)
            rows.append(ast.ContextLiteral(tuple(entries)))
        return ast.ListLiteral(tuple(rows))

    def _function(self, box: FunctionLogic, owner: str) -> Node:
        if box.kind != "FEEL":
            raise NotCarried(f"functions in {box.kind} are not run")
        parameters = tuple(ast.Parameter(self.name(each.name)) for each in box.parameters)
        return ast.FunctionLiteral(parameters, self.box(box.body, owner))

    def _conditional(self, box: Conditional, owner: str) -> Node:
        condition, yes, no = (self.box(part, owner) for part in (box.condition, box.yes, box.no))
        return ast.If(condition, yes, no)

    def _filter(self, box: FilterLogic, owner: str) -> Node:
        return ast.Filter(self.box(box.source, owner), self.box(box.match, owner))

    def _iteration(self, box: Iteration, owner: str) -> Node:
        bindings = (ast.Binding(self.name(box.variable), self.box(box.source, owner)),)
        body = self.box(box.body, owner)
        return ast.For(bindings, body) if box.kind == "for" else ast.Quantified(box.kind, bindings, body)


_TRANSLATIONS: Mapping[type[Boxed], Callable[[Translator, Any, str], Node]] = {
    Literal: Translator._literal,  # noqa: SLF001  (the class's own table)
    TableLogic: Translator._table,  # noqa: SLF001
    ContextLogic: Translator._context,  # noqa: SLF001
    Invocation: Translator._invocation,  # noqa: SLF001
    ListLogic: Translator._list,  # noqa: SLF001
    Relation: Translator._relation,  # noqa: SLF001
    FunctionLogic: Translator._function,  # noqa: SLF001
    Conditional: Translator._conditional,  # noqa: SLF001
    FilterLogic: Translator._filter,  # noqa: SLF001
    Iteration: Translator._iteration,  # noqa: SLF001
}
