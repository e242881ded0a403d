"""What a condition misses: the entity types of which one more item, or one more value, could make it false.

`count(payments) = 0`, `not(some ...)`, `every ...`, `now() - max(messages.at) > duration("P10D")`, `replied_at = null`
rest on something missing; `count(payments) > 3` and `status = "open"` do not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.feel import ast
from engine.feel.types import ContextType, ListType
from engine.inference.nodes import Condition, Slot
from engine.inference.scope import Frame, Frames, element, frame_of, static_type

_MORE, _FEWER = frozenset({1}), frozenset({-1})
_EITHER = _MORE | _FEWER
_GROWING = frozenset({"count", "sum", "max", "any"})
_FALLING = frozenset({"min", "all", "not"})


@dataclass(frozen=True)
class Missing:
    """Finds the entity types of which one more item or value could make a condition false."""

    types: Mapping[str, ContextType]
    derived: Mapping[Slot, ast.Node]

    def of(self, condition: Condition) -> frozenset[str]:
        """Return the types of what a condition's truth wants to be absent."""
        return frozenset(self._walk(condition.when.written, frame_of(self.types[condition.type]), _MORE, frozenset()))

    def _walk(self, node: ast.Node, frames: Frames, signs: frozenset[int], seen: frozenset[Slot]) -> Iterable[str]:
        """`signs`: whether the whole follows a part upwards (1), downwards (-1), or in a way not told (both)."""
        found: set[str] = set()
        for part, inside, turned in _parts(node, frames, signs):
            found.update(self._walk(part, inside, turned, seen))
        kind = static_type(node, frames)
        items = element(kind) if isinstance(kind, ListType) else None
        if -1 in signs and isinstance(items, ContextType) and items.name and isinstance(node, ast.Name | ast.Path):
            found.add(items.name)
        if (empty := _empty(node)) is not None and empty[1] in signs:
            found.update(self._owners(empty[0], frames))
        slot = self._slot(node, frames)
        if slot in self.derived and slot not in seen:
            found.update(self._walk(self.derived[slot], frame_of(self.types[slot[0]]), signs, seen | {slot}))
        return found

    def _owners(self, node: ast.Node, frames: Frames) -> Iterable[str]:
        """Yield the types of those who would tell of a field: its own, and of each reference on the way to it."""
        if isinstance(node, ast.Path):
            yield from self._owners(node.source, frames)
        slot = self._slot(node, frames)
        if slot[0] and slot not in self.derived:
            yield slot[0]

    def _slot(self, node: ast.Node, frames: Frames) -> Slot:
        if isinstance(node, ast.Path):
            owner = static_type(node.source, frames)
            owner = element(owner) if isinstance(owner, ListType) else owner
            return (owner.name, node.name) if isinstance(owner, ContextType) else ("", node.name)
        if isinstance(node, ast.Name):
            frame = next((each for each in reversed(frames) if node.name in each.names), None)
            if frame is frames[0]:
                owner = next(each for each in self.types.values() if each.fields is frame.names)
                return (owner.name, node.name)
            if frame is not None and frame.item is not None:
                return (frame.item.name, node.name)
        return ("", "")


def _empty(node: ast.Node) -> tuple[ast.Node, int] | None:
    """Return what a part wants to be null, and whether it is true (1) or false (-1) of that."""
    match node:
        case ast.Compare("=" | "!=" as operator, ast.Null(), asked) | ast.Compare(
            "=" | "!=" as operator, asked, ast.Null()
        ):
            return asked, 1 if operator == "=" else -1
    return None


def _turn(signs: frozenset[int]) -> frozenset[int]:
    return frozenset(-each for each in signs)


Part = tuple[ast.Node, Frames, frozenset[int]]


def _parts(node: ast.Node, frames: Frames, signs: frozenset[int]) -> Iterable[Part]:
    """Yield the parts of a node, the names in scope there, and how the whole follows them."""
    match node:
        case ast.And(operands) | ast.Or(operands):
            return [(each, frames, signs) for each in operands]
        case ast.Call(ast.Name(function), (argument,)) if function in _GROWING | _FALLING:
            return [(argument, frames, signs if function in _GROWING else _turn(signs))]
        case ast.Compare(">" | ">=", left, right) | ast.Arithmetic("-", left, right):
            return [(left, frames, signs), (right, frames, _turn(signs))]
        case ast.Compare("<" | "<=", left, right):
            return [(left, frames, _turn(signs)), (right, frames, signs)]
        case ast.Arithmetic("+", left, right):
            return [(left, frames, signs), (right, frames, signs)]
        case ast.If(condition, yes, no):
            return [(condition, frames, _EITHER), (yes, frames, signs), (no, frames, signs)]
    return _of_collections(node, frames, signs)


def _of_collections(node: ast.Node, frames: Frames, signs: frozenset[int]) -> Iterable[Part]:
    match node:
        case ast.Path(source, _):
            return [(source, frames, signs)]
        case ast.Filter(source, condition):
            return [(source, frames, signs), (condition, _inside(source, frames), signs)]
        case ast.Quantified(quantifier, bindings, condition):
            sources, inside = _bound(bindings, frames, signs if quantifier == "some" else _turn(signs))
            return [*sources, (condition, inside, signs)]
        case ast.For(bindings, body):
            sources, inside = _bound(bindings, frames, signs)
            return [*sources, (body, inside, signs)]
    return [(each, frames, _EITHER) for each in ast.children(node)]


def _inside(source: ast.Node, frames: Frames) -> Frames:
    items = element(static_type(source, frames))
    return (*frames, Frame(items.fields, items) if isinstance(items, ContextType) else Frame({}))


def _bound(bindings: tuple[ast.Binding, ...], frames: Frames, signs: frozenset[int]) -> tuple[list[Part], Frames]:
    sources = []
    for binding in bindings:
        sources.append((binding.source, frames, signs))
        frames = (*frames, Frame({binding.name: element(static_type(binding.source, frames))}))
    return sources, frames
