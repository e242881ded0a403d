"""The state of one compilation: the statements so far, the constants, the names in reach."""

import ast as py
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from engine.feel.ast import Node
from engine.feel.codegen import builder as b
from engine.feel.env import Env
from engine.feel.errors import FeelSyntaxError, LimitExceeded, SourceFault
from engine.feel.functions import HostFunction
from engine.feel.limits import MAX_LOOPS, Limits
from engine.feel.types import ANY, Type
from engine.feel.values import Value

Rule = Callable[["Emitter", Any], py.expr]
_FOLD_LIMITS = Limits(steps=1000, items=1000, characters=10_000, regex_seconds=0.01)
UNKNOWN = object()
"""Stands for "no constant"."""


@dataclass(slots=True)
class Frame:
    """Names bound by one construct; a filter's frame has the `item` whose entries are names too."""

    variables: dict[str, str] = field(default_factory=dict)
    item: str = ""
    item_type: Type = ANY


@dataclass(slots=True)
class Emitter:
    """Turns nodes into statements of one Python function; every rule answers with a name or a constant."""

    rules: Mapping[type[Node], Rule]
    types: Mapping[int, Type]
    functions: Mapping[str, HostFunction]
    known: frozenset[str] | None
    """Names that the scope has; None when they are found out at run time."""
    callable: frozenset[str] = frozenset()
    """Those of them that hold functions, and so hide a built-in of that name where it is called."""
    named: Mapping[str, Type] = field(default_factory=dict)
    """Types of the host's model, for `instance of`."""
    body: list[py.stmt] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    constants: list[Value] = field(default_factory=list)
    cached: dict[tuple[str, str], py.expr] = field(default_factory=dict)
    loops: int = 0
    count: int = 0
    fold_env: Env = field(default_factory=lambda: Env(datetime(1970, 1, 1, tzinfo=UTC), limits=_FOLD_LIMITS))

    def compile(self, node: Node) -> py.expr:
        """The name or constant that holds the node's value once the statements have run."""
        return self.rules[type(node)](self, node)

    def type_of(self, node: Node) -> Type:
        """What is known of a node's type."""
        return self.types.get(id(node), ANY)

    def fresh(self) -> str:
        """A new variable's name."""
        self.count += 1
        return f"v{self.count}"

    def put(self, value: py.expr) -> py.expr:
        """Keep a value in a new variable."""
        name = self.fresh()
        self.body.append(b.assign(name, value))
        return b.load(name)

    def do(self, *statements: py.stmt) -> None:
        """Add statements."""
        self.body.extend(statements)

    def constant(self, value: Value) -> py.expr:
        """A value known at compile time."""
        if value is None or type(value) in (bool, str):
            return b.constant(value)
        self.constants.append(value)
        return b.load(f"c{len(self.constants) - 1}")

    def constant_of(self, atom: py.expr) -> Value:
        """The value of a constant, UNKNOWN for a variable."""
        if isinstance(atom, py.Constant):
            return atom.value
        if isinstance(atom, py.Name) and atom.id[0] == "c" and atom.id[1:].isdigit():
            return self.constants[int(atom.id[1:])]
        return UNKNOWN

    def fold(self, function: Callable[..., Value], *atoms: py.expr) -> py.expr | None:
        """The constant that `function(*values, env, at)` gives, None when it is no constant or a faulty one."""
        values = [self.constant_of(atom) for atom in atoms]
        if any(value is UNKNOWN for value in values):
            return None
        self.fold_env.steps = self.fold_env.limits.steps
        try:
            result = function(*values, self.fold_env, (1, 1))
        except LimitExceeded:
            return None
        if self.fold_env.faults:
            self.fold_env.faults.clear()
            return None
        return self.constant(result) if foldable(result) else None

    @contextmanager
    def block(self) -> Iterator[list[py.stmt]]:
        """Statements of a branch; what is read in it is not known outside."""
        outer, cached = self.body, self.cached
        self.body, self.cached = [], dict(cached)
        yield self.body
        self.body, self.cached = outer, cached

    @contextmanager
    def loop(self, node: Node) -> Iterator[list[py.stmt]]:
        """Statements of a loop's body."""
        self.loops += 1
        if self.loops > MAX_LOOPS:
            at = node.position
            message = f"more than {MAX_LOOPS} iterations and filters inside each other"
            raise FeelSyntaxError([SourceFault(message, at.line, at.column, max(1, at.end - at.start))])
        with self.block() as body:
            yield body
        self.loops -= 1

    @contextmanager
    def frame(self, frame: Frame) -> Iterator[Frame]:
        """Names bound while a part is compiled."""
        self.frames.append(frame)
        yield frame
        self.frames.pop()

    def place(self, node: Node) -> tuple[py.expr, py.expr]:
        """The last arguments of a run-time helper: the surroundings and the place."""
        return b.load("env"), b.constant((node.position.line, node.position.column))

    def helper(self, name: str, node: Node, *arguments: py.expr) -> py.expr:
        """A call of a run-time helper."""
        return b.call(name, *arguments, *self.place(node))


def foldable(value: Value) -> bool:
    """Whether a value may be shared by all evaluations."""
    return not isinstance(value, list | dict) and (not isinstance(value, Decimal) or value.is_finite())
