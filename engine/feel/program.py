"""Expressions to programs."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from engine.feel.ast import Node
from engine.feel.codegen import build
from engine.feel.env import Env
from engine.feel.errors import FeelTypeError
from engine.feel.functions import HostFunction
from engine.feel.infer import infer
from engine.feel.parser import parse
from engine.feel.reads import Reads, read_paths
from engine.feel.types import ContextType, FunctionType, ListType, Type
from engine.feel.unparse import unparse
from engine.feel.values import Function, Value, to_value


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled expression.

    `run(scope, env)` evaluates it; scope is anything with `.get(name, default)`. `reads` has every path read, lists
    and filters being transparent; "*" in a path stands for any name. `time` is what it looks at of the clock.
    """

    source: str
    ast: Node
    type: Type
    reads: frozenset[tuple[str, ...]]
    time: Literal["none", "today", "now"]
    run: Callable[[Any, Env], Value] = field(repr=False, compare=False)

    @property
    def constant(self) -> bool:
        """Whether it gives the same value whatever the scope and the clock."""
        return not self.reads and self.time == "none"


def compile(
    expression: str | Node,
    types: Mapping[str, Type] | None = None,
    *,
    unary: bool = False,
    functions: Mapping[str, HostFunction] | None = None,
    named: Mapping[str, Type] | None = None,
) -> Program:
    """Compile an expression, against the types of its names when they are given.

    `unary` reads the cell of a decision table, whose input is the name `?`. `named` are types for `instance of`.
    Raises FeelSyntaxError, and with `types` FeelTypeError with every fault of the expression.
    """
    functions = functions or {}
    if isinstance(expression, str):
        names = {*(types or ()), *functions, *_fields((types or {}).values())}
        node, source = parse(expression, names=names, unary=unary), expression
    else:
        node, source = expression, unparse(expression)
    inference = infer(node, types, functions, named or {})
    if types is not None and inference.faults:
        raise FeelTypeError(inference.faults)
    found: Reads = read_paths(node, types, inference.types, functions)
    known = None if types is None else frozenset(types)
    callable_ = frozenset(name for name, kind in (types or {}).items() if isinstance(kind, FunctionType))
    run = build(node, inference.types, functions, known, callable_, named or {})
    return Program(source, node, inference.result, found.paths, found.time, run)


def _fields(types: Iterable[Type]) -> Iterator[str]:
    """Field names that need to be known to be read as one name, in all contexts that can be reached."""
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


def evaluate(expression: str, context: Mapping[str, object] | None = None) -> Value:
    """The value of an expression, None for null; `now()` is the real clock, in UTC.

    What FEEL has no type for is null in the context. Raises FeelSyntaxError for what is no expression, nothing else.
    """
    scope = {str(name): _tolerant(value) for name, value in (context or {}).items()}
    node = parse(expression, names=set(_keys(scope)))
    callable_ = frozenset(name for name, value in scope.items() if isinstance(value, Function))
    run = build(node, infer(node, None, {}, {}).types, {}, frozenset(scope), callable_, {})
    return run(scope, Env(datetime.now(UTC)))


def _tolerant(value: object) -> Value:
    try:
        return to_value(value)
    except (TypeError, RecursionError):
        return None


def _keys(value: Value) -> Iterator[str]:
    waiting = [value]
    while waiting:
        top = waiting.pop()
        if isinstance(top, dict):
            yield from top
            waiting.extend(top.values())
        elif isinstance(top, list):
            waiting.extend(top)
