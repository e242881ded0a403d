"""The types of calls."""

from abc import abstractmethod

from engine.feel import ast, optypes
from engine.feel.ast import Node
from engine.feel.functions import HostFunction
from engine.feel.inferscope import TypeScope
from engine.feel.signatures import SIGNATURES, Signature
from engine.feel.temporal.text import parse_duration
from engine.feel.types import ANY, DATE, DATE_TIME, DAYS_TIME, YEARS_MONTHS, FunctionType, ListType, Type, conforms
from engine.feel.values import YearsMonths


class CallTypes(TypeScope):
    """Calls of built-ins, host functions and function values."""

    @abstractmethod
    def of(self, node: Node) -> Type:
        """The type of a node, remembered."""

    def call(self, node: ast.Call) -> Type:
        """The type of a call's result."""
        arguments = [self.of(each) for each in node.arguments]
        if isinstance(node.function, ast.Name) and self.called_by_name(node.function.name):
            name = node.function.name
            if name in self.functions:
                return self._host_call(node, self.functions[name], arguments)
            return self._builtin_call(node, name, arguments)
        function = self.of(node.function)
        if not isinstance(function, FunctionType):
            if optypes.family(function) != "any":
                self.fault(node, f"{function} cannot be called")
            return ANY
        if function.parameters is not None and not node.names:
            self._fit(node, function.parameters, len(function.parameters), arguments)
        return function.result

    def called_by_name(self, name: str) -> bool:
        """Whether a call of this name is one of a host function or built-in: no variable hides it."""
        bound = any(name in frame.variables for frame in self.frames)
        bound = bound or isinstance((self.roots or {}).get(name), FunctionType)
        return not bound and (name in self.functions or name in SIGNATURES)

    def _fit(self, node: ast.Call, wanted: tuple[Type, ...], required: int, given: list[Type]) -> None:
        if not required <= len(given) <= len(wanted):
            self.fault(node, f"this function takes {len(wanted)} arguments, not {len(given)}")
            return
        for argument, want, have in zip(node.arguments, wanted, given, strict=False):
            if not _convertible(have, want):
                self.fault(argument, f"{want} is needed here, not {have}")

    def _host_call(self, node: ast.Call, function: HostFunction, given: list[Type]) -> Type:
        required = len(function.parameters) if function.required is None else function.required
        wanted = dict(function.parameters)
        if not node.names:
            self._fit(node, tuple(wanted.values()), required, given)
            return (function.typed(node) if function.typed else None) or function.result
        for name, argument, have in zip(node.names, node.arguments, given, strict=True):
            if name not in wanted:
                self.fault(argument, f"`{name}` is no parameter of {function.name}")
            elif not _convertible(have, wanted[name]):
                self.fault(argument, f"{wanted[name]} is needed here, not {have}")
        return function.result

    def _builtin_call(self, node: ast.Call, name: str, given: list[Type]) -> Type:
        forms = [form for form in SIGNATURES[name] if _fits(form, node)]
        if not forms:
            known = " or ".join(dict.fromkeys(map(str, SIGNATURES[name])))
            self.fault(node, f"these arguments do not fit {known}")
            return ANY
        form = forms[0]
        order = form.order(node.names) if node.names else tuple(range(len(given)))
        assert order is not None
        for position, at in enumerate(order):
            parameter = form.parameters[min(position, len(form.parameters) - 1)]
            if at is not None and not optypes.accepts(parameter.kinds, given[at]):
                wanted = " or ".join(parameter.kinds)
                self.fault(node.arguments[at], f"`{parameter.name}` of {name} must be {wanted}, not {given[at]}")
        if name == "duration" and isinstance(node.arguments[0], ast.Text):
            return _duration(node.arguments[0].value)
        return optypes.result(form, [given[at] for at in order if at is not None])


def _duration(text: str) -> Type:
    """Which of the two duration types a literal has."""
    return YEARS_MONTHS if isinstance(parse_duration(text), YearsMonths) else DAYS_TIME


def _fits(form: Signature, node: ast.Call) -> bool:
    return form.order(node.names) is not None if node.names else form.takes(len(node.arguments))


def _convertible(given: Type, wanted: Type) -> bool:
    """Whether an argument fits, FEEL's own conversions included."""
    if given == ANY or conforms(given, wanted) or (given == DATE and wanted == DATE_TIME):
        return True
    if isinstance(given, ListType) and not isinstance(wanted, ListType):
        return _convertible(given.element, wanted)
    if isinstance(wanted, ListType):
        element = given.element if isinstance(given, ListType) else given
        return _convertible(element, wanted.element)
    return optypes.family(given) == optypes.family(wanted) == "context"
