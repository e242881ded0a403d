"""Names made explicit: inside a filter, `status` that means the item's field becomes `item.status`.

After that a bare name is a field of the subject, a bound variable or a built-in, and every later stage can move
expressions about without minding which filter they stand in.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine.feel import ast
from engine.feel.types import ContextType, ListType, Type

ITEM = "item"


@dataclass(frozen=True, slots=True)
class Frame:
    """Names bound by one construct; an item frame binds the fields of the filtered items."""

    names: Mapping[str, Type | None]
    item: ContextType | None = None


Frames = tuple[Frame, ...]


def frame_of(context: ContextType) -> Frames:
    """Return the outermost scope: the subject's fields."""
    return (Frame(context.fields),)


def static_type(node: ast.Node, frames: Frames) -> Type | None:
    """Return the type of a name, path or filter as far as the model tells; None when it does not."""
    match node:
        case ast.Name(name):
            return _lookup(name, frames)
        case ast.Path(source, name):
            inner = static_type(source, frames)
            if isinstance(inner, ContextType):
                return inner.fields.get(name)
            if isinstance(inner, ListType) and isinstance(inner.element, ContextType):
                found = inner.element.fields.get(name)
                return None if found is None else ListType(found.element if isinstance(found, ListType) else found)
            return None
        case ast.Filter(source, _):
            inner = static_type(source, frames)
            return inner if isinstance(inner, ListType) else None if inner is None else ListType(inner)
    return None


def _lookup(name: str, frames: Frames) -> Type | None:
    for frame in reversed(frames):
        if frame.item is not None and name == ITEM:
            return frame.item
        if name in frame.names:
            return frame.names[name]
    return None


def element(type: Type | None) -> Type | None:
    """Return the type of what one iterates over."""
    return type.element if isinstance(type, ListType) else type


def explicit(node: ast.Node, frames: Frames) -> ast.Node:
    """Rewrite implicit item fields as `item.field`."""
    match node:
        case ast.Name(name):
            return _explicit_name(node, name, frames)
        case ast.Filter(source, condition):
            source = explicit(source, frames)
            items = element(static_type(source, frames))
            inner = Frame(items.fields, items) if isinstance(items, ContextType) else Frame({ITEM: None})
            return ast.Filter(source, explicit(condition, (*frames, inner)), position=node.position)
    return descend(node, frames, explicit)


def _explicit_name(node: ast.Node, name: str, frames: Frames) -> ast.Node:
    innermost = True
    for frame in reversed(frames):
        if frame.item is None:
            if name in frame.names:
                return node
            continue
        if name == ITEM:
            return node
        if name in frame.names:
            return ast.Path(ast.Name(ITEM, position=node.position), name, position=node.position) if innermost else node
        innermost = False
    return node


def descend(node: ast.Node, frames: Frames, visit: Callable[[ast.Node, Frames], ast.Node]) -> ast.Node:
    """Apply `visit` to the parts of a node, each with the names in scope there."""
    match node:
        case ast.Filter(source, condition):
            source = visit(source, frames)
            items = element(static_type(source, frames))
            inner = Frame(items.fields, items) if isinstance(items, ContextType) else Frame({ITEM: None})
            return _same(node, ast.Filter(source, visit(condition, (*frames, inner)), position=node.position))
        case ast.For(bindings, body):
            bound, inside = _bindings(bindings, frames, visit)
            inside = (*inside, Frame({"partial": None}))
            return _same(node, ast.For(bound, visit(body, inside), position=node.position))
        case ast.Quantified(quantifier, bindings, condition):
            bound, inside = _bindings(bindings, frames, visit)
            return _same(node, ast.Quantified(quantifier, bound, visit(condition, inside), position=node.position))
        case ast.FunctionLiteral(parameters, body, external):
            inside = (*frames, Frame({each.name: None for each in parameters}))
            return _same(node, ast.FunctionLiteral(parameters, visit(body, inside), external, position=node.position))
        case ast.ContextLiteral(entries):
            return _same(node, ast.ContextLiteral(tuple(_entries(entries, frames, visit)), position=node.position))
    return ast.map_children(node, lambda part: visit(part, frames))


def _bindings(
    bindings: tuple[ast.Binding, ...], frames: Frames, visit: Callable[[ast.Node, Frames], ast.Node]
) -> tuple[tuple[ast.Binding, ...], Frames]:
    bound: list[ast.Binding] = []
    for binding in bindings:
        source = visit(binding.source, frames)
        bound.append(ast.Binding(binding.name, source, position=binding.position))
        frames = (*frames, Frame({binding.name: element(static_type(source, frames))}))
    return tuple(bound), frames


def _entries(
    entries: tuple[ast.Entry, ...], frames: Frames, visit: Callable[[ast.Node, Frames], ast.Node]
) -> Iterator[ast.Entry]:
    for entry in entries:
        yield ast.Entry(entry.key, visit(entry.value, frames), position=entry.position)
        frames = (*frames, Frame({entry.key: None}))


def _same(old: ast.Node, new: ast.Node) -> ast.Node:
    return old if old == new else new


def free_names(node: ast.Node, frames: Frames = ()) -> set[str]:
    """Return the names that a node does not bind itself; `item` counts where no filter inside binds it."""
    found: set[str] = set()

    def visit(part: ast.Node, inside: Frames) -> ast.Node:
        if isinstance(part, ast.Name):
            bound = any(part.name in frame.names or (part.name == ITEM and frame.item is not None) for frame in inside)
            if not bound:
                found.add(part.name)
            return part
        return descend(part, inside, visit)

    visit(node, frames)
    return found


def substitute(node: ast.Node, replace: Callable[[str], ast.Node | None], frames: Frames = ()) -> ast.Node:
    """Replace free names; `replace` answers None to keep one."""

    def visit(part: ast.Node, inside: Frames) -> ast.Node:
        if isinstance(part, ast.Name):
            bound = any(part.name in frame.names or (part.name == ITEM and frame.item is not None) for frame in inside)
            return part if bound else (replace(part.name) or part)
        return descend(part, inside, visit)

    return visit(node, frames)
