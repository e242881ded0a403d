"""How the expressions of a table become programs: held against types, or as they come."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from engine.feel import FeelSyntaxError, HostFunction, Node, Program, SourceFault, Type, ast, compile, parse
from engine.feel.codegen import build
from engine.feel.infer import infer
from engine.feel.typenames import UnknownType, resolve
from engine.feel.types import (
    ANY,
    DATE_TIME,
    DAYS_TIME,
    STRING,
    YEARS_MONTHS,
    ContextType,
    FunctionType,
    ListType,
)

MODEL_WORDS: Mapping[str, Type] = {
    "text": STRING,
    "datetime": DATE_TIME,
    "duration": DAYS_TIME,
    "months": YEARS_MONTHS,
    "any": ANY,
}
"""The words of config/model.yaml for types, besides FEEL's own."""


class Dialect(Protocol):
    """Compiles against the types of the names in scope; all methods raise FeelError."""

    def parse(self, text: str, types: Mapping[str, Type], *, unary: bool = False) -> Node:
        """Return the node of an expression or of a cell."""
        ...

    def program(self, node: Node, types: Mapping[str, Type]) -> Program:
        """Return the program of a node."""
        ...


@dataclass(frozen=True, slots=True)
class Typed:
    """Every fault of types is found before anything runs."""

    functions: Mapping[str, HostFunction] = field(default_factory=dict)

    def parse(self, text: str, types: Mapping[str, Type], *, unary: bool = False) -> Node:
        """Return the node of an expression or of a cell."""
        return parse(text, names={*types, *self.functions, *field_names(types.values())}, unary=unary)

    def program(self, node: Node, types: Mapping[str, Type]) -> Program:
        """Return the program of a node."""
        return compile(node, types, functions=self.functions)


@dataclass(frozen=True, slots=True)
class Tolerant:
    """What does not fit is null when it is met, as in models that were made elsewhere.

    `fields` are names that may follow a dot, `named` are types for `instance of`.
    """

    fields: frozenset[str] = frozenset()
    named: Mapping[str, Type] = field(default_factory=dict)

    def parse(self, text: str, types: Mapping[str, Type], *, unary: bool = False) -> Node:
        """Return the node of an expression or of a cell."""
        return parse(text, names={*types, *self.fields}, unary=unary)

    def program(self, node: Node, types: Mapping[str, Type]) -> Program:
        """Return the program of a node."""
        inference = infer(node, None, {}, self.named)
        known = frozenset((*types, "?"))
        callable_ = frozenset(name for name, kind in types.items() if isinstance(kind, FunctionType))
        run = build(node, inference.types, {}, known, callable_, self.named)
        return Program("", node, inference.result, frozenset(), "none", run)


def field_names(types: Iterable[Type]) -> Iterator[str]:
    """Return the names of fields in all contexts that the types lead to."""
    seen: set[Type] = set()
    waiting = list(types)
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, ListType):
            waiting.append(kind.element)
        elif isinstance(kind, ContextType) and kind not in seen:
            seen.add(kind)
            yield from kind.fields
            waiting.extend(kind.fields.values())


def written_type(text: str, named: Mapping[str, Type] = MODEL_WORDS) -> Type:
    """Return the type that a text names; raises FeelSyntaxError."""
    node = parse(f"null instance of {text}", names=named)
    assert isinstance(node, ast.InstanceOf)
    try:
        return resolve(node.type, named)
    except UnknownType as unknown:
        fault = SourceFault(f"`{unknown.node.name}` is no type", hint="number, string, boolean, date, list<number> ...")
        raise FeelSyntaxError([fault]) from unknown
