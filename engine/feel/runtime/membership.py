"""`in`, ranges and `instance of` (DMN 1.5, tables 55, 56 and 10.3.2.9.3)."""

from collections.abc import Callable, Mapping

from engine.feel.env import Env
from engine.feel.runtime import compare
from engine.feel.runtime.kinds import Place, kind
from engine.feel.types import ANY, ContextType, FunctionType, ListType, MoneyType, RangeType, Type, conforms
from engine.feel.values import Range, Value, keys

Comparison = Callable[[Value, Value, Env, Place], bool | None]
COMPARISONS: Mapping[str, Comparison] = {
    "=": compare.eq,
    "!=": compare.ne,
    "<": compare.lt,
    "<=": compare.le,
    ">": compare.gt,
    ">=": compare.ge,
}


def make_range(low: Value, high: Value, included: tuple[bool, bool], env: Env, at: Place) -> Range | None:
    """`[low..high]`; the ends are of one ordered kind, or null."""
    if low is not None and high is not None and compare.ordered(low, high) is None:
        env.fault(f"a range cannot go from {kind(low)} to {kind(high)}", at)
        return None
    return Range(low, high, *included)


def half_range(operator: str, operand: Value) -> Range:
    """`(> operand)` and its like."""
    upper = operator in ("<", "<=")
    included = operator in ("<=", ">=", "=")
    return Range(
        None if upper else operand, operand if upper else None, not upper and included, upper and included, operator
    )


def in_range(value: Value, interval: Range, env: Env, at: Place) -> bool | None:
    """Whether a value lies in a range."""
    if interval.operator:
        operand = interval.high if interval.operator in ("<", "<=") else interval.low
        return COMPARISONS[interval.operator](value, operand, env, at)
    above = compare.ge if interval.low_included else compare.gt
    below = compare.le if interval.high_included else compare.lt
    return compare.both(above(value, interval.low, env, at), below(value, interval.high, env, at))


def in_test(value: Value, test: Value, env: Env, at: Place) -> bool | None:
    """`value in test`: equal to it, inside of it, or true for one of its elements."""
    match kind(test):
        case "range" if kind(value) != "range":
            return in_range(value, test, env, at)
        case "list":
            return _in_list(value, test, env, at)
    return compare.eq(value, test, env, at)


def _in_list(value: Value, tests: list[Value], env: Env, at: Place) -> bool | None:
    env.spend(len(tests))
    unknown = False
    for test in tests:
        if isinstance(test, Range) and not isinstance(value, Range):
            result = in_range(value, test, env, at)
        else:
            result = compare.equal(value, test, env)
        if result:
            return True
        unknown = unknown or result is None
    return None if unknown and value is not None else compare.equal(value, tests, env) is True


def in_cell(value: Value, test: Value, env: Env, at: Place) -> bool | None:
    """A cell's expression that does not mention `?`: as `in`, and a true value holds by itself."""
    return True if test is True and type(value) is not bool else in_test(value, test, env, at)


def instance_of(value: Value, target: Type, env: Env) -> bool:
    """Whether a value is of a type; null is of none but Null."""
    if value is None:
        return str(target) == "Null"
    if target == ANY:
        return True
    env.spend(1)
    match target:
        case ListType():
            return kind(value) == "list" and all(
                item is None or instance_of(item, target.element, env) for item in value
            )
        case ContextType():
            return kind(value) == "context" and all(
                _entry_fits(value, name, wanted, env) for name, wanted in target.fields.items()
            )
        case RangeType():
            ends = (value.low, value.high) if isinstance(value, Range) else ()
            return bool(ends) and all(end is None or instance_of(end, target.element, env) for end in ends)
        case FunctionType():
            return kind(value) == "function" and (value.type is None or conforms(value.type, target))
        case MoneyType():
            return kind(value) == "money" and target.currency in (None, value.currency)
    return kind(value) == str(target)


def _entry_fits(context: Value, name: str, wanted: Type, env: Env) -> bool:
    if name not in keys(context):
        return False
    found = context.get(name)
    return found is None or instance_of(found, wanted, env)
