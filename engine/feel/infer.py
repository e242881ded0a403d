"""The type of every node, and every fault against the types of the scope."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.feel import ast, optypes
from engine.feel.ast import Node
from engine.feel.functions import HostFunction
from engine.feel.infercalls import CallTypes
from engine.feel.inferscope import Frame, Inference
from engine.feel.runtime.kinds import kind
from engine.feel.temporal.text import parse_any
from engine.feel.typenames import UnknownType, resolve
from engine.feel.types import (
    ANY,
    BOOLEAN,
    NULL,
    NUMBER,
    SIMPLE,
    STRING,
    ContextType,
    FunctionType,
    ListType,
    MoneyType,
    RangeType,
    Type,
    join,
)


def infer(
    node: Node,
    types: Mapping[str, Type] | None,
    functions: Mapping[str, HostFunction],
    named: Mapping[str, Type],
) -> Inference:
    """Types and faults of an expression; without `types` names may be anything and nothing is a fault."""
    walker = _Walker(types, functions, named)
    result = walker.of(node)
    return Inference(walker.types, tuple(dict.fromkeys(walker.faults)), result)


class _Walker(CallTypes):
    """One walk over an expression."""

    def of(self, node: Node) -> Type:
        """The type of a node, remembered."""
        rule = _RULES.get(type(node))
        found = rule(self, node) if rule else ANY
        before = self.types.get(id(node))
        self.types[id(node)] = found if before is None or before == found else ANY
        return found

    def at_literal(self, node: ast.At) -> Type:
        value = parse_any(node.text)
        if value is None:
            self.fault(node, f"`{node.text}` is no date, time, date and time or duration")
        return SIMPLE[kind(value)] if value is not None else NULL

    def path(self, node: ast.Path) -> Type:
        return self.member(node, self.of(node.source))

    def member(self, node: ast.Path, source: Type) -> Type:
        """The type of an entry or property."""
        if isinstance(source, ListType):
            return ListType(self.member(node, source.element))
        if isinstance(source, ContextType):
            found = source.fields.get(node.name)
            if found is None and not source.open:
                self.unknown(node, f"`{node.name}` is no field of {source.name or 'this context'}", source.fields)
            return ANY if found is None else found
        known = optypes.properties(source)
        if known is None:
            return ANY
        if node.name not in known:
            self.unknown(node, f"{source} has no `{node.name}`", known)
        return known.get(node.name, ANY)

    def filter(self, node: ast.Filter) -> Type:
        source = self.of(node.source)
        element = source.element if isinstance(source, ListType) else source
        with self.frame(Frame({}, element)):
            condition = self.of(node.condition)
        if condition == NUMBER:
            return element
        if optypes.family(condition) not in ("boolean", "any"):
            self.fault(node.condition, f"a filter takes a condition or an index, not {condition}")
        return ListType(element) if condition == BOOLEAN else ANY if condition == ANY else ListType(element)

    def negate(self, node: ast.Negate) -> Type:
        found = self.of(node.operand)
        if optypes.arithmetic("-", found, found) is None or optypes.family(found) in ("date", "time", "date and time"):
            self.fault(node, f"cannot negate {found}")
        return found

    def arithmetic(self, node: ast.Arithmetic) -> Type:
        left, right = self.of(node.left), self.of(node.right)
        found = optypes.arithmetic(node.operator, left, right)
        if found is None and _adds_zero(node):
            return left if isinstance(left, MoneyType) else right
        if found is None:
            self.fault(node, f"`{node.operator}` does not go with {left} and {right}")
        return ANY if found is None else found

    def compare(self, node: ast.Compare) -> Type:
        self.compared(node, node.operator, self.of(node.left), self.of(node.right))
        return BOOLEAN

    def compared(self, node: Node, operator: str, left: Type, right: Type) -> None:
        if not optypes.comparable(operator, left, right):
            self.fault(node, f"cannot compare {left} with {right}")

    def junction(self, node: ast.And | ast.Or) -> Type:
        for operand in node.operands:
            self.condition(operand)
        return BOOLEAN

    def condition(self, node: Node) -> None:
        found = self.of(node)
        if optypes.family(found) not in ("boolean", "any"):
            self.fault(node, f"a condition is needed here, not {found}")

    def between(self, node: ast.Between) -> Type:
        value = self.of(node.value)
        for bound in (node.low, node.high):
            self.compared(bound, "<=", value, self.of(bound))
        return BOOLEAN

    def membership(self, node: ast.In) -> Type:
        value = self.of(node.value)
        with self.frame(Frame({"?": value})):
            for test in node.tests:
                self.tested(test, value)
        return BOOLEAN

    def tested(self, test: Node, value: Type) -> None:
        """One test against the type of the tested value."""
        if isinstance(test, ast.Test):
            self.compared(test, test.operator, value, self.of(test.operand))
            return
        found = self.of(test)
        if found == BOOLEAN and any(isinstance(part, ast.Name) and part.name == "?" for part in ast.walk(test)):
            return
        if isinstance(found, RangeType) and not isinstance(value, RangeType):
            self.compared(test, "<=", value, found.element)
        elif isinstance(found, ListType):
            inside = found.element.element if isinstance(found.element, RangeType) else found.element
            if value != found and not optypes.comparable("=", value, inside):
                self.fault(test, f"{value} is never in {found}")
        else:
            self.compared(test, "=", value, found)

    def unary_tests(self, node: ast.UnaryTests) -> Type:
        value = self.of(ast.Name("?", position=node.position)) if node.tests else ANY
        for test in node.tests:
            self.tested(test, value)
        return BOOLEAN

    def half_range(self, node: ast.Test) -> Type:
        return RangeType(self.of(node.operand))

    def range(self, node: ast.Range) -> Type:
        low, high = self.of(node.low), self.of(node.high)
        self.compared(node, "<", low, high)
        return RangeType(join(low, high))

    def conditional(self, node: ast.If) -> Type:
        self.condition(node.condition)
        return join(self.of(node.yes), self.of(node.no))

    def iterator(self, binding: ast.Binding) -> Type:
        """The type of an iterator's variable."""
        if isinstance(binding.source, ast.Span):
            low, high = self.of(binding.source.low), self.of(binding.source.high)
            for end, found in ((binding.source.low, low), (binding.source.high, high)):
                if optypes.family(found) not in ("number", "date", "any"):
                    self.fault(end, f"only whole numbers and dates are iterated, not {found}")
            return join(low, high)
        source = binding.source
        if isinstance(source, ast.ListLiteral) and len(source.items) == 1 and isinstance(source.items[0], ast.Range):
            self.of(source)
            source = source.items[0]
        found = self.of(source)
        return found.element if isinstance(found, ListType | RangeType) else found

    def iteration(self, node: ast.For) -> Type:
        with self.frame(Frame({"partial": ListType()})) as frame:
            for binding in node.bindings:
                frame.variables[binding.name] = self.iterator(binding)
            return ListType(self.of(node.body))

    def quantified(self, node: ast.Quantified) -> Type:
        with self.frame(Frame()) as frame:
            for binding in node.bindings:
                frame.variables[binding.name] = self.iterator(binding)
            self.condition(node.condition)
        return BOOLEAN

    def instance_of(self, node: ast.InstanceOf) -> Type:
        self.of(node.value)
        self.written(node.type)
        return BOOLEAN

    def written(self, node: ast.TypeName | None) -> Type:
        """A written type, Any when there is none or it is unknown."""
        if node is None:
            return ANY
        try:
            return resolve(node, self.named)
        except UnknownType as error:
            self.unknown(error.node, f"`{error.node.name}` is no type", (*SIMPLE, *self.named))
            return ANY

    def function(self, node: ast.FunctionLiteral) -> Type:
        kinds = tuple(self.written(parameter.type) for parameter in node.parameters)
        variables = {each.name: kind for each, kind in zip(node.parameters, kinds, strict=True)}
        with self.frame(Frame(dict(variables))):
            return FunctionType(kinds, ANY if node.external else self.of(node.body))

    def listing(self, node: ast.ListLiteral) -> Type:
        found: Type | None = None
        for item in node.items:
            kind = self.of(item)
            found = kind if found is None else join(found, kind)
        return ListType(found or NULL)

    def context(self, node: ast.ContextLiteral) -> Type:
        with self.frame(Frame()) as frame:
            for entry in node.entries:
                frame.variables[entry.key] = self.of(entry.value)
            return ContextType(dict(frame.variables))


def _adds_zero(node: ast.Arithmetic) -> bool:
    zero = any(isinstance(part, ast.Number) and not part.value for part in (node.left, node.right))
    return zero and node.operator in "+-"


_RULES: Mapping[type[Node], Callable[[_Walker, Any], Type]] = {
    ast.Null: lambda _walker, _node: NULL,
    ast.Boolean: lambda _walker, _node: BOOLEAN,
    ast.Number: lambda _walker, _node: NUMBER,
    ast.Text: lambda _walker, _node: STRING,
    ast.At: _Walker.at_literal,
    ast.Name: _Walker.name,
    ast.Path: _Walker.path,
    ast.Filter: _Walker.filter,
    ast.Call: _Walker.call,
    ast.Negate: _Walker.negate,
    ast.Arithmetic: _Walker.arithmetic,
    ast.Compare: _Walker.compare,
    ast.And: _Walker.junction,
    ast.Or: _Walker.junction,
    ast.Between: _Walker.between,
    ast.In: _Walker.membership,
    ast.Test: _Walker.half_range,
    ast.UnaryTests: _Walker.unary_tests,
    ast.Range: _Walker.range,
    ast.If: _Walker.conditional,
    ast.For: _Walker.iteration,
    ast.Quantified: _Walker.quantified,
    ast.InstanceOf: _Walker.instance_of,
    ast.FunctionLiteral: _Walker.function,
    ast.ListLiteral: _Walker.listing,
    ast.ContextLiteral: _Walker.context,
}
