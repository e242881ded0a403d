"""FEEL, the expression language of DMN 1.5, compiled to Python code objects.

    evaluate("1 + 2")                              Decimal("3"); None is FEEL's null
    program = compile("amount > 7", {"amount": NUMBER})
    program.run({"amount": Decimal(8)}, env)       True

The way of an expression: `lexer` cuts the text into tokens, `parser` (with `names`, for names with spaces) builds the
nodes of `ast`, `infer` gives each node a type of `types` and collects every fault, `reads` lists what is read,
`codegen` builds Python's own syntax tree, which becomes one function. That function calls `runtime` and `builtins`
where it cannot do the work in a line of its own. Nothing walks a tree while evaluating.

Values are None, bool, str, Decimal, the standard library's date, time, datetime and timedelta, lists, dicts, and the
few types of `values`. An expression reaches nothing else: host data is read through `Record.get` alone. A fault while
evaluating gives null and a `Fault` in `Env.faults`; a null operand gives null and no fault.
"""

from engine.feel.ast import Node
from engine.feel.env import Env
from engine.feel.errors import Fault, FeelError, FeelSyntaxError, FeelTypeError, SourceFault, Suspend
from engine.feel.functions import HostFunction
from engine.feel.jsonform import from_json, to_json
from engine.feel.limits import Limits
from engine.feel.money import Money
from engine.feel.parser import parse
from engine.feel.program import Program, compile, evaluate
from engine.feel.types import Type
from engine.feel.unparse import unparse
from engine.feel.values import Function, Range, Record, Value, YearsMonths, to_value

__all__ = [
    "Env",
    "Fault",
    "FeelError",
    "FeelSyntaxError",
    "FeelTypeError",
    "Function",
    "HostFunction",
    "Limits",
    "Money",
    "Node",
    "Program",
    "Range",
    "Record",
    "SourceFault",
    "Suspend",
    "Type",
    "Value",
    "YearsMonths",
    "compile",
    "evaluate",
    "from_json",
    "parse",
    "to_json",
    "to_value",
    "unparse",
]
