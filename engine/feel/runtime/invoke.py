"""Calls: fitting arguments to parameters (DMN 1.5, 10.3.2.9.4), then running the function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from engine.feel.env import Env
from engine.feel.errors import LimitExceeded
from engine.feel.runtime.access import MISSING
from engine.feel.runtime.kinds import KINDS, Place, kind
from engine.feel.runtime.membership import instance_of
from engine.feel.signatures import Parameter, Signature
from engine.feel.temporal.wide import day_number, make_datetime
from engine.feel.types import DATE, DATE_TIME, ListType, Type
from engine.feel.values import Function, Value

Implementation = Callable[..., Value]
LIST_TAKERS = ("append", "concatenate", "union")
"""Variadic built-ins whose arguments are more than the elements of one list."""
_TYPES: Mapping[str, frozenset[type]] = {
    name: frozenset(each for each, found in KINDS.items() if found == name) for name in set(KINDS.values())
}


@dataclass(frozen=True, slots=True, eq=False)
class Builtin:
    """One form of a built-in with what runs it.

    `exact` has for each parameter the Python types that need no conversion (None: anything), `lists` the parameters
    whose length counts as work.
    """

    signature: Signature
    call: Implementation
    exact: tuple[frozenset[type] | None, ...]
    lists: tuple[int, ...]

    @classmethod
    def of(cls, signature: Signature, call: Implementation) -> "Builtin":
        """A form and its implementation."""
        exact = tuple(
            None if "any" in each.kinds else frozenset().union(*(_TYPES[name] for name in each.kinds))
            for each in signature.parameters
        )
        lists = tuple(at for at, each in enumerate(signature.parameters) if each.kinds == ("list",))
        return cls(signature, call, exact, lists)


def run_builtin(builtin: Builtin, env: Env, at: Place, *arguments: Value) -> Value:
    """The value of a built-in for arguments in the order of its parameters, absent ones None."""
    for value, types in zip(arguments, builtin.exact, strict=False):
        if types is not None and type(value) not in types:
            return _run_converted(builtin, env, at, arguments)
    for number in builtin.lists:
        env.spend(len(arguments[number]))
    return builtin.call(env, at, *arguments)


def run_on_list(call: Implementation, env: Env, at: Place, items: Value, *more: Value) -> Value:
    """The value of a built-in whose arguments need no conversion and begin with a list."""
    env.spend(len(items))
    return call(env, at, items, *more)


def _run_converted(builtin: Builtin, env: Env, at: Place, arguments: Sequence[Value]) -> Value:
    converted = []
    for value, parameter in zip(arguments, builtin.signature.parameters, strict=False):
        fitted = fit(value, parameter.kinds)
        if fitted is None and not parameter.optional and "any" not in parameter.kinds:
            if value is not None:
                _refuse(builtin, parameter, value, env, at)
            return None
        if fitted is None and value is not None:
            _refuse(builtin, parameter, value, env, at)
            return None
        converted.append(fitted)
    for number in builtin.lists:
        env.spend(len(converted[number]))
    return builtin.call(env, at, *converted)


def _refuse(builtin: Builtin, parameter: Parameter, value: Value, env: Env, at: Place) -> None:
    wanted = " or ".join(parameter.kinds)
    env.fault(f"`{parameter.name}` of {builtin.signature} must be {wanted}, not {kind(value)}", at)


def fit(value: Value, kinds: tuple[str, ...]) -> Value:
    """The value as one of the kinds, converted where FEEL does that by itself, or None."""
    found = kind(value)
    if found in kinds or "any" in kinds or value is None:
        return value
    if "list" in kinds:
        return [value]
    if found == "list" and len(value) == 1:
        return fit(value[0], kinds)
    if found == "date" and "date and time" in kinds:
        return midnight(value)
    return None


def midnight(day: Value) -> Value:
    """A date as a date and time, its midnight in UTC."""
    if type(day) is date:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    return make_datetime(day_number(day), 0, UTC)


def pack(builtin: Builtin, env: Env, at: Place, arguments: Sequence[Value]) -> Value:
    """A call of a variadic built-in."""
    fixed = len(builtin.signature.parameters) - 1
    head, rest = arguments[:fixed], arguments[fixed:]
    if builtin.signature.parameters[-1].kinds == ("list",):
        return run_variadic_lists(builtin, env, at, rest)
    return run_builtin(builtin, env, at, *head, list(rest))


def run_variadic_lists(builtin: Builtin, env: Env, at: Place, arguments: Sequence[Value]) -> Value:
    """`sum(1, 2)` is `sum([1, 2])`; `concatenate` and `union` take lists, one argument each."""
    if builtin.signature.name in LIST_TAKERS:
        lists = [fit(argument, ("list",)) for argument in arguments]
        if any(each is None for each in lists):
            return None
        env.spend(sum(map(len, lists)))
        return builtin.call(env, at, lists)
    return run_builtin(builtin, env, at, arguments[0] if len(arguments) == 1 else list(arguments))


def call_value(function: Value, env: Env, at: Place, arguments: Sequence[Value], names: tuple[str, ...] = ()) -> Value:
    """Call whatever an expression gave as function."""
    if not isinstance(function, Function):
        if function is not None:
            env.fault(f"{kind(function)} cannot be called", at)
        return None
    ordered = _by_name(function, arguments, names) if names else list(arguments)
    if ordered is None or len(ordered) < function.required:
        return _misfit(function, env, at)
    if len(ordered) > len(function.names) and not function.variadic:
        return _misfit(function, env, at)
    env.calls += 1
    try:
        if env.calls > env.limits.calls:
            msg = f"functions call each other more than {env.limits.calls} deep"
            raise LimitExceeded(msg)
        return function.call(env, at, *ordered)
    finally:
        env.calls -= 1


def _misfit(function: Function, env: Env, at: Place) -> None:
    env.fault(f"these arguments do not fit {function.name or 'function'}({', '.join(function.names)})", at)


def _by_name(function: Function, arguments: Sequence[Value], names: tuple[str, ...]) -> list[Value] | None:
    given = dict(zip(names, arguments, strict=True))
    if len(given) != len(names) or not given.keys() <= set(function.names):
        return None
    return [given.get(name) for name in function.names]


def typed_argument(value: Value, wanted: Type, env: Env, at: Place) -> Any:  # noqa: ANN401  (a FEEL value)
    """An argument of a function literal with a declared type; MISSING with a fault when it does not fit."""
    if value is None or instance_of(value, wanted, env):
        return value
    if isinstance(wanted, ListType) and kind(value) != "list" and instance_of(value, wanted.element, env):
        return [value]
    if kind(value) == "list" and len(value) == 1:
        return typed_argument(value[0], wanted, env, at)
    if wanted == DATE_TIME and instance_of(value, DATE, env):
        return midnight(value)
    env.fault(f"a parameter of type {wanted} cannot be {kind(value)}", at)
    return MISSING
