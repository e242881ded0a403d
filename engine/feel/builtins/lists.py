"""List built-ins and sort (DMN 1.5, 10.3.4.4 and 10.3.4.6)."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cmp_to_key

from engine.feel.builtins.aggregates import ordered
from engine.feel.env import Env
from engine.feel.runtime import compare
from engine.feel.runtime.invoke import call_value
from engine.feel.runtime.kinds import Place
from engine.feel.values import SEQUENCES, Function, Value


def _at(position: Decimal, length: int, env: Env, at: Place) -> int | None:
    """A position from 1, or from the end when negative, as an index from 0."""
    number = int(position)
    if number == 0 or abs(number) > length:
        env.fault(f"there is no position {position} among {length}", at)
        return None
    return number - 1 if number > 0 else length + number


def list_contains(env: Env, _at: Place, items: Sequence[Value], element: Value) -> bool:
    """The built-in `list contains`."""
    return compare.contains(items, element, env)


def sublist(env: Env, at: Place, items: Sequence[Value], start: Decimal, length: Decimal | None = None) -> Value:
    """The built-in `sublist`."""
    first = _at(start, len(items), env, at)
    if first is None:
        return None
    if length is None:
        return list(items[first:])
    if length < 1 or first + int(length) > len(items):
        env.fault(f"there are no {length} elements from position {start}", at)
        return None
    return list(items[first : first + int(length)])


def append(_env: Env, _at: Place, items: Sequence[Value], more: Sequence[Value]) -> Value:
    """The built-in `append`."""
    return [*items, *more]


def concatenate(env: Env, at: Place, lists: Sequence[Sequence[Value]]) -> Value:
    """The built-in `concatenate`."""
    if sum(map(len, lists)) > env.limits.items:
        env.fault(f"the list would have more than {env.limits.items:,} elements", at)
        return None
    return [item for each in lists for item in each]


def insert_before(env: Env, at: Place, items: Sequence[Value], position: Decimal, item: Value) -> Value:
    """The built-in `insert before`."""
    index = _at(position, len(items), env, at)
    return None if index is None else [*items[:index], item, *items[index:]]


def remove(env: Env, at: Place, items: Sequence[Value], position: Decimal) -> Value:
    """The built-in `remove`."""
    index = _at(position, len(items), env, at)
    return None if index is None else [*items[:index], *items[index + 1 :]]


def list_replace(env: Env, at: Place, items: Sequence[Value], position: Value, item: Value) -> Value:
    """The built-in `list replace`, by position or by a function of (item, newItem)."""
    if isinstance(position, Function):
        if len(position.names) != 2:
            env.fault("the match function takes (item, newItem)", at)
            return None
        matches = [call_value(position, env, at, (each, item)) for each in items]
        if any(type(match) is not bool for match in matches):
            env.fault("the match function gave no truth value", at)
            return None
        return [item if match else each for each, match in zip(items, matches, strict=True)]
    index = _at(position, len(items), env, at)
    return None if index is None else [*items[:index], item, *items[index + 1 :]]


def reverse(_env: Env, _at: Place, items: Sequence[Value]) -> Value:
    """The built-in `reverse`."""
    return list(items[::-1])


def index_of(env: Env, _at: Place, items: Sequence[Value], match: Value) -> Value:
    """The built-in `index of`."""
    return [Decimal(number) for number, item in enumerate(items, 1) if compare.contains((item,), match, env)]


def distinct(env: Env, _at: Place, items: Sequence[Value]) -> list[Value]:
    """The built-in `distinct values`, the first of each."""
    found: list[Value] = []
    seen: set[Value] = set()
    for item in items:
        simple = type(item) in (Decimal, str)
        if (item in seen) if simple else compare.contains(found, item, env):
            continue
        if simple:
            seen.add(item)
        found.append(item)
    return found


def union(env: Env, at: Place, lists: Sequence[Sequence[Value]]) -> Value:
    """The built-in `union`."""
    joined = concatenate(env, at, lists)
    return None if joined is None else distinct(env, at, joined)


def duplicates(env: Env, _at: Place, items: Sequence[Value]) -> Value:
    """The built-in `duplicate values`, each once."""
    found: list[Value] = []
    for number, item in enumerate(items):
        if compare.contains(items[:number], item, env) and not compare.contains(found, item, env):
            found.append(item)
    return found


def flatten(env: Env, _at: Place, items: Sequence[Value]) -> Value:
    """The built-in `flatten`."""
    found: list[Value] = []
    waiting = [iter(items)]
    while waiting:
        for item in waiting[-1]:
            env.spend(1)
            if isinstance(item, SEQUENCES):
                waiting.append(iter(item))
                break
            found.append(item)
        else:
            waiting.pop()
    return found


def sort(env: Env, at: Place, items: Sequence[Value], precedes: Function | None = None) -> Value:
    """The built-in `sort`, stable; `precedes` says whether its first argument comes before its second."""
    if precedes is None:
        return ordered(items, env, at) if items else []

    def order(a: Value, b: Value) -> int:
        env.spend(1)
        if call_value(precedes, env, at, (a, b)) is True:
            return -1
        return 1 if call_value(precedes, env, at, (b, a)) is True else 0

    faults = len(env.faults)
    result = sorted(items, key=cmp_to_key(order))
    return result if len(env.faults) == faults else None


LISTS: Mapping[str, Callable[..., Value]] = {
    "list contains": list_contains,
    "sublist": sublist,
    "append": append,
    "concatenate": concatenate,
    "insert before": insert_before,
    "remove": remove,
    "list replace": list_replace,
    "reverse": reverse,
    "index of": index_of,
    "union": union,
    "distinct values": distinct,
    "duplicate values": duplicates,
    "flatten": flatten,
    "sort": sort,
}
