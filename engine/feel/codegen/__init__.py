"""From nodes to one Python function, by way of Python's own syntax tree."""

import ast as py
import types
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal, Overflow
from typing import Any

from engine.feel import ast
from engine.feel.codegen import builder as b
from engine.feel.codegen import functions, loops, operators
from engine.feel.codegen.emitter import Emitter, Rule
from engine.feel.env import Env
from engine.feel.errors import FeelSyntaxError, LimitExceeded, SourceFault
from engine.feel.functions import HostFunction
from engine.feel.money import Money
from engine.feel.runtime import access, arithmetic, compare, invoke, logic, membership
from engine.feel.types import Type
from engine.feel.values import NUMBERS, RECORDS, Value

RULES: Mapping[type[ast.Node], Rule] = {
    ast.Null: operators.null,
    ast.Boolean: operators.literal,
    ast.Number: operators.literal,
    ast.Text: operators.literal,
    ast.At: operators.at_literal,
    ast.Name: loops.name,
    ast.Path: loops.path,
    ast.Filter: loops.filtering,
    ast.Call: functions.call,
    ast.Negate: operators.negation,
    ast.Arithmetic: operators.arithmetic_rule,
    ast.Compare: operators.comparison,
    ast.And: operators.conjunction,
    ast.Or: operators.disjunction,
    ast.Between: operators.between,
    ast.In: operators.membership,
    ast.Test: operators.half_range_rule,
    ast.UnaryTests: loops.unary_tests,
    ast.Range: operators.range_rule,
    ast.If: operators.conditional,
    ast.For: loops.iteration,
    ast.Quantified: loops.quantified,
    ast.InstanceOf: functions.instance_of,
    ast.FunctionLiteral: functions.literal,
    ast.ListLiteral: loops.list_rule,
    ast.ContextLiteral: loops.context_rule,
}

_GLOBALS: Mapping[str, object] = {
    "__builtins__": {},
    **{each.__name__: each for each in (type, isinstance, len, list, str, bool, Decimal, date, timedelta, Money)},
    **{each.__name__: each for each in (compare.eq, compare.ne, compare.lt, compare.le, compare.gt, compare.ge)},
    **{each.__name__: each for each in (arithmetic.add, arithmetic.subtract, arithmetic.multiply, arithmetic.divide)},
    **{each.__name__: each for each in (arithmetic.power, arithmetic.negate, compare.between)},
    **{each.__name__: each for each in (access.path, access.unknown, access.items, access.domain, access.span)},
    **{each.__name__: each for each in (access.index, access.entry, access.no_condition)},
    **{each.__name__: each for each in (membership.make_range, membership.half_range, membership.in_test)},
    **{
        each.__name__: each
        for each in (membership.instance_of, invoke.run_builtin, invoke.run_on_list, invoke.pack, invoke.call_value)
    },
    **{each.__name__: each for each in (invoke.typed_argument, functions.misuse, functions.make_function)},
    **{each.__name__: each for each in (functions.unknown_type, logic.opposite, logic.cell)},
    **{each.__name__: each for each in (logic.no_literal, logic.stopped)},
    "MISSING": access.MISSING,
    "RECORDS": RECORDS,
    "PLUS": NUMBERS.add,
    "MINUS": NUMBERS.subtract,
    "TIMES": NUMBERS.multiply,
    "Overflowing": (Overflow, OverflowError),
    "STOPPED": (LimitExceeded, RecursionError),
}


def build(
    node: ast.Node,
    inferred: Mapping[int, Type],
    functions_: Mapping[str, HostFunction],
    known: frozenset[str] | None,
    callable_: frozenset[str],
    named: Mapping[str, Type],
) -> Callable[[Any, Env], Value]:
    """The function that evaluates a node for a scope and its surroundings."""
    emitter = Emitter(RULES, inferred, functions_, known, callable_, named)
    emitter.body.append(_fresh_steps())
    emitter.body.append(b.return_(emitter.compile(node)))
    handler = [b.return_(b.call("stopped", b.load("stop"), b.load("env")))]
    body = [b.attempt(emitter.body, "STOPPED", "stop", handler)]
    parameters = ["scope", "env", *(f"c{number}" for number in range(len(emitter.constants)))]
    module = py.Module([b.define("program", parameters, [], body)], [])
    try:
        compiled = compile(module, "<feel>", "exec", dont_inherit=True, optimize=0)
    except RecursionError:
        raise FeelSyntaxError([SourceFault("the expression is nested too deeply")]) from None
    code = next(part for part in compiled.co_consts if isinstance(part, types.CodeType))
    return types.FunctionType(code, _GLOBALS, "program", tuple(emitter.constants))  # type: ignore[arg-type]


def _fresh_steps() -> py.stmt:
    """`env.steps = env.limits.steps`."""
    steps = b.attribute(b.attribute(b.load("env"), "limits"), "steps")
    return py.Assign([py.Attribute(b.load("env"), "steps", py.Store(), **b.AT)], steps, **b.AT)
