"""Derived fields that change with time are not stored: they are put in place where they are read.

So a condition on `days_overdue` becomes one on `today()`, and the moment at which it flips can be computed.
"""

from collections.abc import Mapping

from engine.feel import ast
from engine.feel.types import ContextType, ListType
from engine.inference.scope import ITEM, Frames, descend, static_type, substitute

Virtuals = Mapping[tuple[str, str], ast.Node]
"""(type, field) -> what it stands for, over the names of its own type."""


def inline(node: ast.Node, frames: Frames, subject: str, virtuals: Virtuals) -> ast.Node:
    """Replace every read of a virtual field of the subject or of what it leads to."""

    def visit(part: ast.Node, inside: Frames) -> ast.Node:
        if isinstance(part, ast.Name):
            return _name(part, inside, subject, virtuals)
        if isinstance(part, ast.Path):
            source = visit(part.source, inside)
            return _path(ast.Path(source, part.name, position=part.position), part.source, inside, virtuals)
        return descend(part, inside, visit)

    return visit(node, frames)


def _name(part: ast.Name, frames: Frames, subject: str, virtuals: Virtuals) -> ast.Node:
    if any(frame.item is None and part.name in frame.names for frame in frames[1:]):
        return part
    return virtuals.get((subject, part.name), part)


def _path(part: ast.Path, written: ast.Node, frames: Frames, virtuals: Virtuals) -> ast.Node:
    kind = static_type(written, frames)
    if isinstance(kind, ContextType) and (body := virtuals.get((kind.name, part.name))) is not None:
        inside = rebase(body, part.source, kind)
        return inside if _is_item(part.source, frames) else _unless_null(part.source, inside)
    if isinstance(kind, ListType) and isinstance(kind.element, ContextType):
        body = virtuals.get((kind.element.name, part.name))
        if body is not None:
            variable = ast.Name("each " + part.name)
            inside = rebase(body, variable, kind.element)
            if isinstance(written, ast.Path) and isinstance(static_type(written.source, frames), ListType):
                inside = _unless_null(variable, inside)
            return ast.For((ast.Binding(variable.name, part.source),), inside)
    return part


def _is_item(source: ast.Node, frames: Frames) -> bool:
    """Whether an expression is an item of a collection, which is never null."""
    if not isinstance(source, ast.Name):
        return False
    return any(source.name in frame.names or (source.name == ITEM and frame.item) for frame in frames[1:])


def _unless_null(source: ast.Node, inside: ast.Node) -> ast.Node:
    """A field of null is null, whatever the field's own expression would make of it."""
    return ast.If(ast.Compare("=", source, ast.Null()), ast.Null(), inside)


def rebase(body: ast.Node, onto: ast.Node, context: ContextType) -> ast.Node:
    """Turn an expression over a type's own names into one over `onto`, an entity of that type."""
    fields = context.fields
    return substitute(body, lambda name: ast.Path(onto, name) if name in fields else None)


def unbase(body: ast.Node, variable: str) -> ast.Node:
    """Turn an expression over `variable.field` into one over the type's own names."""

    def visit(part: ast.Node) -> ast.Node:
        if isinstance(part, ast.Path) and part.source == ast.Name(variable):
            return ast.Name(part.name, position=part.position)
        return ast.map_children(part, visit)

    return visit(body)
