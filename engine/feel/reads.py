"""Which paths an expression reads, and whether it looks at the clock.

Each node is followed back to the paths its value may come from; lists, filters and local names are transparent.
Where a name in a filter may be an entry of the item or a variable outside, both count as read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from engine.feel import ast, optypes
from engine.feel.ast import Node
from engine.feel.functions import HostFunction
from engine.feel.signatures import SIGNATURES
from engine.feel.types import ANY, ContextType, FunctionType, ListType, Type

Path: TypeAlias = tuple[str, ...]
Time: TypeAlias = Literal["none", "today", "now"]
ANYTHING = "*"
_MAX_CALLS = 8
_VALUES = ("number", "boolean", "string", "date", "time", "date and time", "years and months duration", "list<number>")


@dataclass(frozen=True, slots=True)
class Reads:
    """Paths and clock use of an expression."""

    paths: frozenset[Path]
    time: Time


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a value comes from: paths of the scope, entries of a context literal, a function literal and its scope."""

    paths: frozenset[Path] = frozenset()
    entries: Mapping[str, "Trace"] = field(default_factory=dict)
    function: tuple[ast.FunctionLiteral, tuple["Scope", ...]] | None = None

    def __or__(self, other: "Trace") -> "Trace":
        entries = {
            name: self.entries.get(name, NOTHING) | other.entries.get(name, NOTHING)
            for name in (*self.entries, *other.entries)
        }
        return Trace(self.paths | other.paths, entries, self.function or other.function)


@dataclass(slots=True)
class Scope:
    """Names bound by one construct; a filter's scope has the trace and type of its items."""

    variables: dict[str, Trace] = field(default_factory=dict)
    item: Trace | None = None
    item_type: Type = ANY


NOTHING = Trace()


def read_paths(
    node: Node, known: Mapping[str, Type] | None, types: Mapping[int, Type], functions: Mapping[str, HostFunction]
) -> Reads:
    """The reads of an expression whose nodes have these types."""
    walker = _Walker(known, types, functions)
    walker.of(node)
    return Reads(frozenset(walker.paths), walker.time)


class _Walker:
    def __init__(
        self, known: Mapping[str, Type] | None, types: Mapping[int, Type], functions: Mapping[str, HostFunction]
    ) -> None:
        self.known = known
        self.types = types
        self.functions = functions
        self.scopes: tuple[Scope, ...] = ()
        self.paths: set[Path] = set()
        self.time: Time = "none"
        self.calls = 0

    def of(self, node: Node) -> Trace:
        rule = _RULES.get(type(node))
        if rule is not None:
            return rule(self, node)
        for child in ast.children(node):
            self.of(child)
        return NOTHING

    def within(self, scope: Scope, node: Node) -> Trace:
        outer = self.scopes
        self.scopes = (*outer, scope)
        found = self.of(node)
        self.scopes = outer
        return found

    def read(self, source: Trace, name: str) -> Trace:
        """An entry of what a trace leads to."""
        found = source.entries.get(name, NOTHING)
        paths = frozenset((*path, name) for path in source.paths)
        self.paths |= paths
        return Trace(paths) | found

    def name(self, node: ast.Name) -> Trace:
        return self.lookup(node.name, len(self.scopes))

    def lookup(self, name: str, depth: int) -> Trace:
        for level in range(depth - 1, -1, -1):
            scope = self.scopes[level]
            if name in scope.variables:
                return scope.variables[name]
            if scope.item is not None:
                if _certain(scope.item_type):
                    if _has(scope.item_type, name):
                        return self.read(scope.item, name)
                    if name == "item":
                        return scope.item
                else:
                    outside = scope.item if name == "item" else self.lookup(name, level)
                    return self.read(scope.item, name) | outside
        if name in SIGNATURES and (self.known is None or name not in self.known):
            return NOTHING
        self.paths.add((name,))
        return Trace(frozenset({(name,)}))

    def path(self, node: ast.Path) -> Trace:
        source = self.of(node.source)
        kind = self.types.get(id(node.source), ANY)
        while isinstance(kind, ListType):
            kind = kind.element
        if kind != ANY and not isinstance(kind, ContextType):
            return NOTHING
        return self.read(source, node.name)

    def filter(self, node: ast.Filter) -> Trace:
        source = self.of(node.source)
        kind = self.types.get(id(node.source), ANY)
        element = kind.element if isinstance(kind, ListType) else kind
        self.within(Scope({}, source, element), node.condition)
        return source

    def iteration(self, node: ast.For | ast.Quantified) -> Trace:
        outer = self.scopes
        scope = Scope()
        self.scopes = (*outer, scope)
        for binding in node.bindings:
            found = self.of(binding.source)
            scope.variables[binding.name] = found
            scope.variables["partial"] = scope.variables.get("partial", NOTHING) | found
        if isinstance(node, ast.Quantified):
            self.of(node.condition)
            result = NOTHING
        else:
            result = self.of(node.body)
        self.scopes = outer
        return result

    def span(self, node: ast.Span) -> Trace:
        self.of(node.low)
        self.of(node.high)
        return NOTHING

    def conditional(self, node: ast.If) -> Trace:
        self.of(node.condition)
        return self.of(node.yes) | self.of(node.no)

    def listing(self, node: ast.ListLiteral) -> Trace:
        found = NOTHING
        for item in node.items:
            found = found | self.of(item)
        return found

    def context(self, node: ast.ContextLiteral) -> Trace:
        outer = self.scopes
        scope = Scope()
        self.scopes = (*outer, scope)
        for entry in node.entries:
            scope.variables[entry.key] = self.of(entry.value)
        self.scopes = outer
        return Trace(frozenset(), dict(scope.variables))

    def function(self, node: ast.FunctionLiteral) -> Trace:
        self.within(Scope({each.name: NOTHING for each in node.parameters}), node.body)
        return Trace(function=(node, self.scopes))

    def membership(self, node: ast.In) -> Trace:
        scope = Scope({"?": self.of(node.value)})
        for test in node.tests:
            self.within(scope, test)
        return NOTHING

    def unary_tests(self, node: ast.UnaryTests) -> Trace:
        if node.tests:
            self.lookup("?", len(self.scopes))
        for test in node.tests:
            self.of(test)
        return NOTHING

    def call(self, node: ast.Call) -> Trace:
        arguments = [self.of(each) for each in node.arguments]
        everything = NOTHING
        for each in arguments:
            everything = everything | each
        data = Trace(everything.paths, everything.entries)
        for each in arguments:
            if each.function is not None:
                data = data | self.applied(each, [data] * len(each.function[0].parameters))
        if not isinstance(node.function, ast.Name) or not self._called_by_name(node.function.name):
            function = self.of(node.function)
            return self.applied(function, arguments) if function.function else data
        name = node.function.name
        if name in self.functions:
            self.clock(self.functions[name].time)
            return data
        return self._builtin(name, node, arguments, data)

    def _called_by_name(self, name: str) -> bool:
        bound = any(name in scope.variables for scope in self.scopes)
        bound = bound or isinstance((self.known or {}).get(name), FunctionType)
        return not bound and (name in self.functions or name in SIGNATURES)

    def _builtin(self, name: str, node: ast.Call, arguments: list[Trace], data: Trace) -> Trace:
        if name in ("now", "today"):
            self.clock("now" if name == "now" else "today")
        elif name == "get value" and len(arguments) == 2:
            at = node.names.index("key") if "key" in node.names else 1
            key = node.arguments[at]
            return self.read(arguments[1 - at], key.value if isinstance(key, ast.Text) else ANYTHING)
        elif name == "get entries":
            found = self.read(data, ANYTHING)
            for entry in data.entries.values():
                found = found | entry
            return Trace(frozenset(), {"value": found})
        return NOTHING if SIGNATURES[name][0].result in _VALUES else data

    def clock(self, time: Time) -> None:
        if time == "now" or self.time == "none":
            self.time = time

    def applied(self, function: Trace, arguments: list[Trace]) -> Trace:
        """What a function literal gives for arguments that come from there."""
        assert function.function is not None
        literal, scopes = function.function
        if self.calls >= _MAX_CALLS:
            return NOTHING
        outer, self.scopes = self.scopes, scopes
        self.calls += 1
        variables = {each.name: trace for each, trace in zip(literal.parameters, arguments, strict=False)}
        found = self.within(Scope({each.name: NOTHING for each in literal.parameters} | variables), literal.body)
        self.calls -= 1
        self.scopes = outer
        return found


def _certain(item: Type) -> bool:
    """Whether the entries of a filter's items are known."""
    if isinstance(item, ContextType):
        return not item.open
    return optypes.family(item) != "any"


def _has(item: Type, name: str) -> bool:
    return isinstance(item, ContextType) and name in item.fields


_RULES: Mapping[type[Node], Callable[[_Walker, Any], Trace]] = {
    ast.Name: _Walker.name,
    ast.Path: _Walker.path,
    ast.Filter: _Walker.filter,
    ast.Call: _Walker.call,
    ast.For: _Walker.iteration,
    ast.Quantified: _Walker.iteration,
    ast.In: _Walker.membership,
    ast.Span: _Walker.span,
    ast.If: _Walker.conditional,
    ast.ListLiteral: _Walker.listing,
    ast.ContextLiteral: _Walker.context,
    ast.FunctionLiteral: _Walker.function,
    ast.UnaryTests: _Walker.unary_tests,
}
