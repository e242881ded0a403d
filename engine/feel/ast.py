"""The nodes of a parsed FEEL expression: immutable, hashable, compared without their position."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal, NamedTuple, TypeVar

ArithmeticOperator = Literal["+", "-", "*", "/", "**"]
ComparisonOperator = Literal["=", "!=", "<", "<=", ">", ">="]


class Position(NamedTuple):
    """Where a node stands: line and column from 1, start and end as offsets into the text."""

    line: int = 1
    column: int = 1
    start: int = 0
    end: int = 0


NOWHERE = Position()


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of an expression."""

    position: Position = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Null(Node):
    """The literal `null`."""


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A numeric literal, never negative (see `Negate`)."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A string literal, unescaped."""

    value: str


@dataclass(frozen=True, slots=True)
class At(Node):
    """`@"..."`: a date, time, date and time or duration literal."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable or built-in; `?` is the input of a unary test, `item` the element in a filter."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`source.name`: an entry of a context, a property of a value, or both over a list."""

    source: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`source[condition]`: selection by a condition or by an index."""

    source: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`function(arguments)`; `names` is empty for positional arguments, else one name each."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Negate(Node):
    """`-operand`."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`left operator right` with a number, string, date or duration as result."""

    operator: ArithmeticOperator
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`left operator right` with a truth value as result."""

    operator: ComparisonOperator
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class And(Node):
    """A conjunction of two or more operands."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """A disjunction of two or more operands."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`value between low and high`, both ends included."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """`value in (tests)`: true when one of the tests holds."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Test(Node):
    """`operator operand`: a comparison whose left side is the tested value; as an expression, `(> 5)`, a range."""

    operator: ComparisonOperator
    operand: Node


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """A cell of a decision table: any of `tests` on `?`, or none when `negated`; no tests is `-`, always true."""

    tests: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Range(Node):
    """`[low..high]`, open ends written `(low..high)` or `]low..high[`; an end of null is unbounded."""

    low: Node
    high: Node
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if condition then yes else no`."""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Span(Node):
    """`low..high`, the integers or dates an iterator runs over, upwards or downwards."""

    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Binding(Node):
    """`name in source`, one iterator of a `for`, `some` or `every`."""

    name: str
    source: Node


@dataclass(frozen=True, slots=True)
class For(Node):
    """`for bindings return body`; in the body `partial` is the list of results so far."""

    bindings: tuple[Binding, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """`some|every bindings satisfies condition`."""

    quantifier: Literal["some", "every"]
    bindings: tuple[Binding, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class TypeName(Node):
    """A type as written: `list<number>` is ("list", (number,)), a context keeps its keys in `keys`."""

    name: str
    arguments: tuple["TypeName", ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """`value instance of type`."""

    value: Node
    type: TypeName


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """A formal parameter of a function literal."""

    name: str
    type: TypeName | None = None


@dataclass(frozen=True, slots=True)
class FunctionLiteral(Node):
    """`function(parameters) body`; an external one has a context as body and can never be called."""

    parameters: tuple[Parameter, ...]
    body: Node
    external: bool = False


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """`[items]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry(Node):
    """`key: value` of a context."""

    key: str
    value: Node


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    """`{entries}`; later entries see earlier ones."""

    entries: tuple[Entry, ...]


AnyNode = TypeVar("AnyNode", bound=Node)


def children(node: Node) -> Iterator[Node]:
    """Direct parts of a node, in the order they are written."""
    for name in type(node).__slots__:
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif type(value) is tuple:
            yield from (item for item in value if isinstance(item, Node))


def map_children(node: AnyNode, function: Callable[[Node], Node]) -> AnyNode:
    """The node with each direct part replaced by `function(part)`; the node itself when nothing changed."""
    changes: dict[str, Any] = {}
    for name in type(node).__slots__:
        value = getattr(node, name)
        if isinstance(value, Node):
            mapped: Any = function(value)
            changed = mapped is not value
        elif type(value) is tuple and value and isinstance(value[0], Node):
            mapped = tuple(map(function, value))
            changed = any(new is not old for new, old in zip(mapped, value, strict=True))
        else:
            continue
        if changed:
            changes[name] = mapped
    return replace(node, **changes) if changes else node


def walk(node: Node) -> Iterator[Node]:
    """The node and all its parts, outer before inner."""
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        stack.extend(reversed(list(children(top))))
