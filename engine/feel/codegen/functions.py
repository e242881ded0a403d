"""Calls, function literals and `instance of`."""

import ast as py
from collections.abc import Callable

from engine.feel import ast
from engine.feel.builtins import BUILTINS, form_for
from engine.feel.codegen import builder as b
from engine.feel.codegen.emitter import UNKNOWN, Emitter, Frame
from engine.feel.env import Env
from engine.feel.functions import HostFunction
from engine.feel.runtime.access import MISSING
from engine.feel.runtime.invoke import LIST_TAKERS, Builtin, pack, run_builtin, typed_argument
from engine.feel.runtime.kinds import Place
from engine.feel.typenames import UnknownType, resolve
from engine.feel.types import ANY, SIMPLE, FunctionType, Type
from engine.feel.values import Function, Value

_IMPURE = ("now", "today")
_USUAL = {"string": "str", "number": "Decimal", "boolean": "bool", "list": "list"}
"""Kinds with one Python type, which a compiled call checks by itself."""


def call(emitter: Emitter, node: ast.Call) -> py.expr:
    """A call of a built-in, of a host function, or of whatever the function part gives."""
    if isinstance(node.function, ast.Name) and not _shadowed(emitter, node.function.name):
        name = node.function.name
        if name in emitter.functions:
            return _host_call(emitter, node, emitter.functions[name])
        if name in BUILTINS:
            return _builtin_call(emitter, node, name)
    function = emitter.compile(node.function)
    arguments = b.tupling([emitter.compile(each) for each in node.arguments])
    return emitter.put(b.call("call_value", function, *emitter.place(node), arguments, b.constant(node.names)))


def _shadowed(emitter: Emitter, name: str) -> bool:
    bound = any(name in frame.variables for frame in emitter.frames)
    return bound or name in emitter.callable


def _builtin_call(emitter: Emitter, node: ast.Call, name: str) -> py.expr:
    found = form_for(name, len(node.arguments), node.names)
    if found is None:
        forms = " or ".join(dict.fromkeys(str(form.signature) for form in BUILTINS[name]))
        return emitter.put(emitter.helper("misuse", node, b.constant(forms)))
    form, order = found
    if name in _IMPURE:
        return emitter.put(b.attribute(b.load("env"), name))
    arguments = [emitter.compile(node.arguments[at]) if at is not None else b.constant(None) for at in order]
    while arguments and order[len(arguments) - 1] is None:
        arguments.pop()
    special = SPECIAL.get(name)
    if special is not None and emitter.constant_of(arguments[0]) is UNKNOWN and len(arguments) == 1:
        return special(emitter, node, form, arguments)
    return _generic(emitter, node, form, arguments)


def _generic(emitter: Emitter, node: ast.Call, form: Builtin, arguments: list[py.expr]) -> py.expr:
    def value(*values: Value) -> Value:
        *given, env, at = values
        if form.signature.variadic:
            return pack(form, env, at, given)
        return run_builtin(form, env, at, *given)

    folded = emitter.fold(value, *arguments)
    if folded is not None:
        return folded
    builtin = emitter.constant(form)
    if form.signature.variadic and (len(arguments) > 1 or form.signature.name in LIST_TAKERS):
        return emitter.put(b.call("pack", builtin, *emitter.place(node), b.tupling(arguments)))
    slow = b.call("run_builtin", builtin, *emitter.place(node), *arguments)
    checks = _checks(emitter, form, arguments)
    if not checks:
        return emitter.put(slow)
    function = emitter.constant(form.call)
    if form.lists:
        quick = b.call("run_on_list", function, *emitter.place(node), *arguments)
    else:
        quick = b.call(function, *emitter.place(node), *arguments)
    return emitter.put(b.choose(b.both(*checks), quick, slow))


def _checks(emitter: Emitter, form: Builtin, arguments: list[py.expr]) -> list[py.expr]:
    """The conditions under which arguments need no conversion; none when that takes more than a look at their type."""
    checks: list[py.expr] = []
    if form.lists not in ((), (0,)):
        return checks
    for atom, parameter in zip(arguments, form.signature.parameters, strict=False):
        if "any" in parameter.kinds:
            continue
        wanted = _USUAL.get(parameter.kinds[0]) if len(parameter.kinds) == 1 else None
        value = emitter.constant_of(atom)
        if wanted is None or (value is not UNKNOWN and type(value).__name__ != wanted):
            return []
        if value is UNKNOWN:
            checks.append(b.type_is(atom, wanted))
    return checks


def _count(emitter: Emitter, node: ast.Call, form: Builtin, arguments: list[py.expr]) -> py.expr:
    slow = b.call("run_builtin", emitter.constant(form), *emitter.place(node), *arguments)
    quick = b.call("Decimal", b.call("len", arguments[0]))
    return emitter.put(b.choose(b.type_is(arguments[0], "list"), quick, slow))


def _not(emitter: Emitter, node: ast.Call, form: Builtin, arguments: list[py.expr]) -> py.expr:
    slow = b.call("run_builtin", emitter.constant(form), *emitter.place(node), *arguments)
    return emitter.put(b.choose(b.type_is(arguments[0], "bool"), b.is_(arguments[0], False), slow))


SPECIAL: dict[str, Callable[[Emitter, ast.Call, Builtin, list[py.expr]], py.expr]] = {"count": _count, "not": _not}


def _host_call(emitter: Emitter, node: ast.Call, function: HostFunction) -> py.expr:
    arguments = b.tupling([emitter.compile(each) for each in node.arguments])
    wrapped = emitter.constant(host_value(function))
    return emitter.put(b.call("call_value", wrapped, *emitter.place(node), arguments, b.constant(node.names)))


def host_value(function: HostFunction) -> Function:
    """A host function as a value."""

    def run(env: Env, at: Place, *arguments: Value) -> Value:
        fitted = []
        for value, (_, wanted) in zip(arguments, function.parameters, strict=False):
            fitted.append(typed_argument(value, wanted, env, at))
            if fitted[-1] is MISSING:
                return None
        try:
            return function.call(env, *fitted)
        except function.raises as error:
            env.fault(str(error), at)
            return None

    names = tuple(name for name, _ in function.parameters)
    required = len(names) if function.required is None else function.required
    kinds = tuple(kind for _, kind in function.parameters)
    return Function(names, run, required, name=function.name, type=FunctionType(kinds, function.result))


def builtin_value(name: str) -> Function:
    """A built-in as a value, in the form that takes what it is given."""
    forms = BUILTINS[name]

    def run(env: Env, at: Place, *arguments: Value) -> Value:
        found = form_for(name, len(arguments))
        if found is None:
            return misuse(str(forms[0].signature), env, at)
        form = found[0]
        return pack(form, env, at, arguments) if form.signature.variadic else run_builtin(form, env, at, *arguments)

    longest = max((form.signature for form in forms), key=lambda line: len(line.parameters))
    required = min(sum(not each.optional for each in form.signature.parameters) for form in forms)
    names = tuple(each.name for each in longest.parameters)
    return Function(names, run, required, longest.variadic, name, _type(forms[0]))


def _type(form: Builtin) -> FunctionType:
    kinds = tuple(SIMPLE.get(each.kinds[0], ANY) for each in form.signature.parameters)
    return FunctionType(kinds, SIMPLE.get(form.signature.result, ANY))


def misuse(forms: str, env: Env, at: Place) -> None:
    """A call whose arguments fit no form of the built-in."""
    env.fault(f"these arguments do not fit {forms}", at)


def literal(emitter: Emitter, node: ast.FunctionLiteral) -> py.expr:
    """A function literal: a nested Python function that keeps the values it uses."""
    variables = [emitter.fresh() for _ in node.parameters]
    name = emitter.fresh()
    frame = Frame({each.name: variable for each, variable in zip(node.parameters, variables, strict=True)})
    loops, emitter.loops = emitter.loops, 0
    with emitter.block() as body, emitter.frame(frame):
        emitter.cached = {}
        kinds = [_convert(emitter, each, variable) for each, variable in zip(node.parameters, variables, strict=True)]
        if node.external:
            body.append(b.return_(emitter.helper("misuse", node, b.constant("external functions, which are not run"))))
        else:
            body.append(b.return_(emitter.compile(node.body)))
    emitter.loops = loops
    captured = _captured(body, {*variables, "env", "at"})
    emitter.do(b.define(name, ["env", "at", *variables], captured, body))
    kind = emitter.constant(FunctionType(tuple(kinds), emitter.type_of(node.body)))
    names = b.constant(tuple(each.name for each in node.parameters))
    return emitter.put(b.call("make_function", names, b.load(name), kind))


def make_function(names: tuple[str, ...], function: Callable[..., Value], kind: FunctionType) -> Function:
    """The value of a function literal."""
    return Function(names, function, len(names), type=kind)


def _convert(emitter: Emitter, parameter: ast.Parameter, variable: str) -> Type:
    """Statements that fit an argument to its declared type, and that type."""
    if parameter.type is None:
        return ANY
    try:
        wanted = resolve(parameter.type, emitter.named)
    except UnknownType:
        return ANY
    if wanted != ANY:
        fitted = emitter.helper("typed_argument", parameter, b.load(variable), emitter.constant(wanted))
        missing = b.compare(b.load(variable), "is", b.load("MISSING"))
        emitter.do(b.assign(variable, fitted), b.if_(missing, [b.return_(b.constant(None))]))
    return wanted


def _captured(body: list[py.stmt], own: set[str]) -> list[str]:
    """Variables and constants of the enclosing function that a body uses."""
    used: set[str] = set()
    assigned = set(own)
    for statement in body:
        for part in py.walk(statement):
            if isinstance(part, py.Name):
                (used if isinstance(part.ctx, py.Load) else assigned).add(part.id)
            elif isinstance(part, py.FunctionDef):
                assigned.add(part.name)
                assigned.update(each.arg for each in part.args.args)
                used.update(each.arg for each in part.args.kwonlyargs)
    return sorted(name for name in used - assigned if name == "scope" or (name[0] in "vc" and name[1:].isdigit()))


def instance_of(emitter: Emitter, node: ast.InstanceOf) -> py.expr:
    """`value instance of type`."""
    value = emitter.compile(node.value)
    try:
        wanted = emitter.constant(resolve(node.type, emitter.named))
    except UnknownType as unknown:
        return emitter.put(emitter.helper("unknown_type", node, b.constant(unknown.node.name)))
    return emitter.put(b.call("instance_of", value, wanted, b.load("env")))


def unknown_type(name: str, env: Env, at: Place) -> bool:
    """`instance of` a type that does not exist: no value is one."""
    env.fault(f"`{name}` is no type", at)
    return False
