"""Finding the aggregates that can be maintained: a count, sum ... over a collection, filtered by the item's own fields.

The filter becomes a hidden field of the item (with its own flips in time), the aggregate a hidden field of the owner,
and the expression reads that field. One more invoice then costs the same whether the customer has ten or 100,000.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from engine.feel import ast
from engine.feel.types import BOOLEAN, ContextType, ListType, Type
from engine.inference.inline import unbase
from engine.inference.scope import ITEM, Frames, descend, free_names, static_type

FUNCTIONS = frozenset({"count", "sum", "mean", "min", "max", "any", "all"})
TIME_FUNCTIONS = frozenset({"now", "today"})
_BOOLEAN_CALLS = frozenset(
    {"not", "contains", "starts with", "ends with", "matches", "list contains", "is", "before", "after", "any", "all"}
)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One maintainable aggregate; `where` and `value` are over the item type's names, None for all and for items."""

    owner: str
    collection: str
    item: str
    function: str
    where: ast.Node | None
    value: ast.Node | None


@dataclass(frozen=True, slots=True)
class Found:
    """A collection expression taken apart: whose it is, which, and the conditions on its items."""

    path: ast.Node | None
    owner: str
    collection: str
    item: ContextType
    conditions: tuple[ast.Node, ...] = ()
    value: ast.Node | None = None


Add = Callable[[Aggregate], str]
"""Registers an aggregate and returns the name of the hidden field that holds it."""


def extract(node: ast.Node, frames: Frames, subject: str, add: Add) -> ast.Node:
    """Replace every maintainable aggregate that does not depend on a bound variable by its hidden field."""

    def visit(part: ast.Node, inside: Frames) -> ast.Node:
        found = _match(part, inside, subject, len(inside) > len(frames))
        if found is None:
            return descend(part, inside, visit)
        path, aggregate = found
        name = add(aggregate)
        if path is None:
            return ast.Name(name, position=part.position)
        return _of(path, ast.Path(path, name, position=part.position), aggregate)

    return visit(node, frames)


_EMPTY = {"count": ast.Number(Decimal(0)), "distinct": ast.Number(Decimal(0)), "some": ast.Boolean(False),
          "any": ast.Boolean(False), "every": ast.Boolean(True), "all": ast.Boolean(True)}  # fmt: skip


def _of(path: ast.Node, result: ast.Node, aggregate: Aggregate) -> ast.Node:
    """A filter of null is an empty list, as FEEL has it, so the count of it is 0 and not null."""
    if aggregate.where is None or aggregate.function not in _EMPTY:
        return result
    return ast.If(ast.Compare("=", path, ast.Null()), _EMPTY[aggregate.function], result)


def _match(part: ast.Node, frames: Frames, subject: str, nested: bool) -> tuple[ast.Node | None, Aggregate] | None:
    match part:
        case ast.Call(ast.Name(function), (argument,)) if function in FUNCTIONS:
            found = _collection(argument, frames, subject)
        case ast.Call(ast.Name("count"), (ast.Call(ast.Name("distinct values"), (argument,)),)):
            function, found = "distinct", _collection(argument, frames, subject)
        case ast.Quantified(quantifier, (ast.Binding(variable, source),), condition):
            function, found = quantifier, _collection(source, frames, subject)
            if found is None or found.value is not None or not _only(condition, variable):
                return None
            value = unbase(condition, variable)
            found = Found(found.path, found.owner, found.collection, found.item, found.conditions, value)
        case _:
            return None
    if found is None or (nested and found.path is None and not _is_subject_collection(found, frames)):
        return None
    if found.value is None and function != "count":
        return None
    return found.path, Aggregate(
        found.owner, found.collection, found.item.name, function, _all(found.conditions), found.value
    )


def _is_subject_collection(found: Found, frames: Frames) -> bool:
    return not any(found.collection in frame.names for frame in frames[1:])


def _all(conditions: tuple[ast.Node, ...]) -> ast.Node | None:
    if not conditions:
        return None
    return conditions[0] if len(conditions) == 1 else ast.And(conditions)


def _collection(node: ast.Node, frames: Frames, subject: str) -> Found | None:
    match node:
        case ast.Name(name):
            return _entities(static_type(node, frames), None, subject, name)
        case ast.Filter(source, condition):
            found = _collection(source, frames, subject)
            if (
                found is None
                or found.value is not None
                or not (_only(condition, ITEM) and _truth(condition, found.item))
            ):
                return None
            conditions = (*found.conditions, unbase(condition, ITEM))
            return Found(found.path, found.owner, found.collection, found.item, conditions)
        case ast.Path(source, name):
            outer = static_type(source, frames)
            if isinstance(outer, ContextType):
                if not _references(source, frames):
                    return None
                return _entities(static_type(node, frames), source, outer.name, name)
            found = _collection(source, frames, subject)
            if found is None or found.value is not None or isinstance(found.item.fields.get(name), ListType):
                return None
            return Found(found.path, found.owner, found.collection, found.item, found.conditions, ast.Name(name))
        case ast.For((ast.Binding(variable, source),), body) if _only(body, variable):
            found = _collection(source, frames, subject)
            if found is None or found.value is not None:
                return None
            value = unbase(body, variable)
            return Found(found.path, found.owner, found.collection, found.item, found.conditions, value)
    return None


def _entities(kind: Type | None, path: ast.Node | None, owner: str, collection: str) -> Found | None:
    if isinstance(kind, ListType) and isinstance(kind.element, ContextType) and kind.element.name:
        return Found(path, owner, collection, kind.element)
    return None


def _references(node: ast.Node, frames: Frames) -> bool:
    """Whether a path starts at the subject and leads through references only."""
    match node:
        case ast.Name(name):
            bound = any(name in frame.names for frame in frames[1:]) or name == ITEM
            return not bound and isinstance(static_type(node, frames), ContextType)
        case ast.Path(source, _):
            return _references(source, frames) and isinstance(static_type(node, frames), ContextType)
    return False


def _only(node: ast.Node, variable: str) -> bool:
    """Whether an expression reads nothing but `variable.field` and the clock."""
    bare = 0
    paths = 0
    for part in ast.walk(node):
        if part == ast.Name(variable):
            bare += 1
        elif isinstance(part, ast.Path) and part.source == ast.Name(variable):
            paths += 1
        elif isinstance(part, ast.Filter | ast.For | ast.Quantified | ast.FunctionLiteral | ast.ContextLiteral):
            return False
    called = {
        part.function.name
        for part in ast.walk(node)
        if isinstance(part, ast.Call) and isinstance(part.function, ast.Name)
    }
    return bare == paths and free_names(node) - called <= {variable}


def _truth(condition: ast.Node, item: ContextType) -> bool:
    """Whether a filter's condition is a truth value, not an index."""
    match condition:
        case ast.Compare() | ast.And() | ast.Or() | ast.In() | ast.Between() | ast.Boolean() | ast.InstanceOf():
            return True
        case ast.Call(ast.Name(function), _):
            return function in _BOOLEAN_CALLS
        case ast.Path(ast.Name("item"), name):
            return item.fields.get(name) == BOOLEAN
    return False


def reads_time(node: ast.Node) -> bool:
    """Whether an expression calls `now()` or `today()`."""
    return any(
        isinstance(part, ast.Call) and isinstance(part.function, ast.Name) and part.function.name in TIME_FUNCTIONS
        for part in ast.walk(node)
    )
