"""The names in reach of an expression and their types, and the faults found so far."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches

from engine.feel import ast
from engine.feel.ast import Node
from engine.feel.errors import SourceFault
from engine.feel.functions import HostFunction
from engine.feel.signatures import BUILTIN_NAMES, SIGNATURES
from engine.feel.types import ANY, ContextType, FunctionType, Type


@dataclass(frozen=True, slots=True)
class Inference:
    """Types by the identity of nodes, every fault, and the type of the whole."""

    types: Mapping[int, Type]
    faults: tuple[SourceFault, ...]
    result: Type


@dataclass(slots=True)
class Frame:
    """Names bound by one construct; a filter's frame has the type of its items."""

    variables: dict[str, Type] = field(default_factory=dict)
    item: Type | None = None


class TypeScope:
    """Scopes inside each other."""

    def __init__(
        self, types: Mapping[str, Type] | None, functions: Mapping[str, HostFunction], named: Mapping[str, Type]
    ) -> None:
        self.roots = types
        self.functions = functions
        self.named = named
        self.frames: list[Frame] = []
        self.types: dict[int, Type] = {}
        self.faults: list[SourceFault] = []

    @contextmanager
    def frame(self, frame: Frame) -> Iterator[Frame]:
        """Names bound while a part is looked at."""
        self.frames.append(frame)
        yield frame
        self.frames.pop()

    def fault(self, node: Node, message: str, hint: str = "") -> None:
        """Something that does not fit."""
        at = node.position
        self.faults.append(SourceFault(message, at.line, at.column, max(1, at.end - at.start), hint=hint))

    def unknown(self, node: Node, message: str, candidates: Iterable[str]) -> None:
        """A name that is not known, with the nearest one that is."""
        name = node.name if isinstance(node, ast.Name | ast.Path | ast.TypeName) else ""
        if isinstance(node, ast.Path) and node.source.position.line == node.position.line:
            node = ast.Name(name, position=_last(node.position, len(name)))
        self.fault(node, message, nearest(name, candidates))

    def name(self, node: ast.Name) -> Type:
        """The type of a variable, a built-in or a host function."""
        found = self.bound(node.name)
        if found is not None:
            return found
        if node.name in self.functions:
            function = self.functions[node.name]
            return FunctionType(tuple(kind for _, kind in function.parameters), function.result)
        if node.name in SIGNATURES:
            return FunctionType()
        if self.roots is not None:
            self.unknown(node, f"nothing here is called `{node.name}`", self._candidates())
        return ANY

    def bound(self, name: str) -> Type | None:
        """The type of the variable that a name means; None when it is no variable for certain."""
        for frame in reversed(self.frames):
            if name in frame.variables:
                return frame.variables[name]
            if frame.item is not None:
                found = _in_item(frame.item, name)
                if found is not None:
                    return found
        return (self.roots or {}).get(name)

    def _candidates(self) -> list[str]:
        inside: list[str] = []
        for frame in self.frames:
            inside.extend(frame.variables)
            if isinstance(frame.item, ContextType):
                inside.extend(frame.item.fields)
        return [*inside, *(self.roots or ()), *self.functions, *BUILTIN_NAMES]


def _last(at: ast.Position, length: int) -> ast.Position:
    """The last characters of a place on one line."""
    return ast.Position(at.line, at.column + at.end - at.start - length, at.end - length, at.end)


def _in_item(item: Type, name: str) -> Type | None:
    """The type of a name in a filter over items of a type; None when it is from outside."""
    if isinstance(item, ContextType):
        if name in item.fields:
            return item.fields[name]
        if item.open:
            return ANY
    elif item == ANY:
        return ANY
    return item if name == "item" else None


def nearest(name: str, candidates: Iterable[str]) -> str:
    """A hint with the known name most like an unknown one."""
    plain = {each.lower().replace(" ", "_"): each for each in candidates}
    found = get_close_matches(name.lower().replace(" ", "_"), plain, n=1)
    return f"did you mean `{plain[found[0]]}`?" if found else ""
