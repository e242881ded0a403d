"""Names of DMN, which may hold spaces and signs, as names that config/model.yaml takes too."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from engine.feel import Node, Type, ast
from engine.feel.builtins import BUILTINS
from engine.feel.types import ContextType, FunctionType, ListType, RangeType

_SIGNS = re.compile(r"[^\w]+")


def plain_names(names: Iterable[str]) -> dict[str, str]:
    """Return a name of letters, digits and `_` for each name, all different."""
    found: dict[str, str] = {}
    for name in names:
        if name in found or not name:
            continue
        plain = _SIGNS.sub("_", name).strip("_") or "name"
        plain = f"n{plain}" if plain[0].isdigit() else plain
        taken, number = {*found.values(), *BUILTINS}, 2
        while plain in taken:
            stem = plain.rstrip("0123456789").rstrip("_")
            plain, number = f"{stem}_{number}", number + 1
        found[name] = plain
    return found


def renamed(node: Node, names: Mapping[str, str]) -> Node:
    """Return an expression with every name replaced."""
    node = ast.map_children(node, lambda part: renamed(part, names))
    match node:
        case ast.Name(name) | ast.Path(_, name) | ast.Binding(name) | ast.Parameter(name):
            return replace(node, name=names.get(name, name))
        case ast.Entry(key):
            return replace(node, key=names.get(key, key))
        case ast.Call() if node.names:
            return replace(node, names=tuple(names.get(name, name) for name in node.names))
        case ast.TypeName() if node.keys:
            return replace(node, keys=tuple(names.get(key, key) for key in node.keys))
    return node


def replaced(node: Node, values: Mapping[str, Node]) -> Node:
    """Return an expression with free names replaced by expressions."""
    if isinstance(node, ast.Name):
        return values.get(node.name, node)
    bound = {part.name for part in ast.children(node) if isinstance(part, ast.Binding | ast.Parameter)}
    bound |= {part.key for part in ast.children(node) if isinstance(part, ast.Entry)}
    inner = {name: value for name, value in values.items() if name not in bound}
    return ast.map_children(node, lambda part: replaced(part, inner))


def free_names(node: Node) -> list[str]:
    """Return the names that an expression reads from outside, in order, each once."""
    found: dict[str, None] = {}
    _collect(node, frozenset(("?", "item", "partial")), found)
    return list(found)


def _collect(node: Node, bound: frozenset[str], found: dict[str, None]) -> None:
    if isinstance(node, ast.Name):
        if node.name not in bound:
            found[node.name] = None
        return
    inside = bound | {part.name for part in ast.children(node) if isinstance(part, ast.Binding | ast.Parameter)}
    inside |= {part.key for part in ast.children(node) if isinstance(part, ast.Entry)}
    for part in ast.children(node):
        _collect(part, inside, found)


def type_text(kind: Type, names: Mapping[str, str]) -> str:
    """Return a type as FEEL writes it, with its fields renamed."""
    match kind:
        case ListType(element):
            return f"list<{type_text(element, names)}>"
        case RangeType(element):
            return f"range<{type_text(element, names)}>"
        case ContextType(fields):
            inside = (f"{names.get(name, name)}: {type_text(each, names)}" for name, each in fields.items())
            return f"context<{', '.join(inside)}>"
        case FunctionType():
            return "Any"
    return str(kind)
