"""Short names for Python's syntax tree."""

import ast as py
from typing import Any, TypedDict


class _At(TypedDict):
    lineno: int
    col_offset: int


AT: _At = {"lineno": 1, "col_offset": 0}
_LOAD, _STORE = py.Load(), py.Store()
_OPERATORS: dict[str, py.cmpop] = {
    "=": py.Eq(),
    "!=": py.NotEq(),
    "<": py.Lt(),
    "<=": py.LtE(),
    ">": py.Gt(),
    ">=": py.GtE(),
    "is": py.Is(),
    "is not": py.IsNot(),
    "in": py.In(),
}
_AND, _OR = py.And(), py.Or()


def load(name: str) -> py.expr:
    """A variable."""
    return py.Name(name, _LOAD, **AT)


def constant(value: Any) -> py.expr:  # noqa: ANN401  (None, bool, str, int or a tuple of them)
    """A constant that Python's compiler takes."""
    return py.Constant(value, **AT)


def call(function: str | py.expr, *arguments: py.expr) -> py.expr:
    """`function(arguments)`."""
    return py.Call(load(function) if isinstance(function, str) else function, list(arguments), [], **AT)


def attribute(value: py.expr, name: str) -> py.expr:
    """`value.name`."""
    return py.Attribute(value, name, _LOAD, **AT)


def compare(left: py.expr, operator: str, right: py.expr) -> py.expr:
    """`left operator right`, the operator written as in FEEL."""
    return py.Compare(left, [_OPERATORS[operator]], [right], **AT)


def chain(low: py.expr, first: str, value: py.expr, second: str, high: py.expr) -> py.expr:
    """`low first value second high`."""
    return py.Compare(low, [_OPERATORS[first], _OPERATORS[second]], [value, high], **AT)


def plus(left: py.expr, right: py.expr) -> py.expr:
    """`left + right`."""
    return py.BinOp(left, py.Add(), right, **AT)


def minus(left: py.expr, right: py.expr) -> py.expr:
    """`left - right`."""
    return py.BinOp(left, py.Sub(), right, **AT)


def is_(value: py.expr, constant_value: bool | None) -> py.expr:
    """`value is True|False|None`."""
    if isinstance(value, py.Constant):
        return constant(value.value is constant_value)
    return compare(value, "is", constant(constant_value))


def is_not(value: py.expr, constant_value: bool | None) -> py.expr:
    """`value is not True|False|None`."""
    if isinstance(value, py.Constant):
        return constant(value.value is not constant_value)
    return compare(value, "is not", constant(constant_value))


def type_is(value: py.expr, kind: str) -> py.expr:
    """`type(value) is kind`."""
    return compare(call("type", value), "is", load(kind))


def both(*conditions: py.expr) -> py.expr:
    """`a and b`."""
    return conditions[0] if len(conditions) == 1 else py.BoolOp(_AND, list(conditions), **AT)


def either(*conditions: py.expr) -> py.expr:
    """`a or b`."""
    return py.BoolOp(_OR, list(conditions), **AT)


def choose(condition: py.expr, yes: py.expr, no: py.expr) -> py.expr:
    """`yes if condition else no`."""
    return py.IfExp(condition, yes, no, **AT)


def listing(items: list[py.expr]) -> py.expr:
    """`[items]`."""
    return py.List(items, _LOAD, **AT)


def tupling(items: list[py.expr]) -> py.expr:
    """`(items)`."""
    return py.Tuple(items, _LOAD, **AT)


def mapping(keys: list[str], values: list[py.expr]) -> py.expr:
    """`{key: value}`."""
    return py.Dict([constant(key) for key in keys], values, **AT)


def assign(name: str, value: py.expr) -> py.stmt:
    """`name = value`."""
    return py.Assign([py.Name(name, _STORE, **AT)], value, **AT)


def if_(condition: py.expr, yes: list[py.stmt], no: list[py.stmt] | None = None) -> py.stmt:
    """`if condition: yes else: no`."""
    return py.If(condition, yes or [py.Pass(**AT)], no or [], **AT)


def for_(name: str, items: py.expr, body: list[py.stmt]) -> py.stmt:
    """`for name in items: body`."""
    return py.For(py.Name(name, _STORE, **AT), items, body or [py.Pass(**AT)], [], None, **AT)


def break_() -> py.stmt:
    """`break`."""
    return py.Break(**AT)


def run(value: py.expr) -> py.stmt:
    """An expression for its effect."""
    return py.Expr(value, **AT)


def return_(value: py.expr) -> py.stmt:
    """`return value`."""
    return py.Return(value, **AT)


def attempt(body: list[py.stmt], errors: str, name: str, handler: list[py.stmt]) -> py.stmt:
    """`try: body except errors as name: handler`."""
    return py.Try(body, [py.ExceptHandler(load(errors), name, handler, **AT)], [], [], **AT)


def define(name: str, parameters: list[str], captured: list[str], body: list[py.stmt]) -> py.stmt:
    """A function whose keyword-only parameters keep the present values of `captured`."""
    arguments = py.arguments(
        posonlyargs=[],
        args=[py.arg(each, **AT) for each in parameters],
        vararg=None,
        kwonlyargs=[py.arg(each, **AT) for each in captured],
        kw_defaults=[load(each) for each in captured],
        kwarg=None,
        defaults=[],
    )
    function = py.FunctionDef(name, arguments, body, [], None, None, **AT)
    if "type_params" in py.FunctionDef._fields:
        function.type_params = []  # type: ignore[attr-defined,unused-ignore]
    return function
