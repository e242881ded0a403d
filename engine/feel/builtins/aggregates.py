"""Built-ins that make one value of a list (DMN 1.5, 10.3.4.4)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, Overflow
from functools import reduce
from operator import attrgetter

from engine.feel.env import Env
from engine.feel.money import Money
from engine.feel.runtime import arithmetic, compare
from engine.feel.runtime.kinds import Place, kind
from engine.feel.values import NUMBERS, Value

_ONE = Decimal(1)
_PLAIN = {Decimal, str, date}
_AMOUNT = attrgetter("amount")
_SUMMABLE = ("number", "money", "days and time duration", "years and months duration")


def _addable(items: Sequence[Value], env: Env, at: Place, kinds: tuple[str, ...] = _SUMMABLE) -> bool:
    for item in items:
        if type(item) is Decimal:
            continue
        if item is None:
            return False
        if kind(item) not in kinds:
            env.fault(f"a list of numbers has {kind(item)} in it", at)
            return False
    return bool(items)


def total(env: Env, at: Place, items: Sequence[Value]) -> Value:
    """The built-in `sum`: null of an empty list or one with null."""
    types = set(map(type, items))
    try:
        if types == {Decimal}:
            return reduce(NUMBERS.add, items)
        if types == {Money} and len({item.currency for item in items}) == 1:
            return Money(reduce(NUMBERS.add, [item.amount for item in items]), items[0].currency)
    except Overflow:
        env.fault("the sum is too large", at)
        return None
    if not _addable(items, env, at):
        return None
    result = items[0]
    for item in items[1:]:
        result = arithmetic.add(result, item, env, at)
        if result is None:
            return None
    return result


def product(env: Env, at: Place, items: Sequence[Value]) -> Value:
    """The built-in `product`."""
    if not _addable(items, env, at, ("number", "money")):
        return None
    result = items[0]
    for item in items[1:]:
        result = arithmetic.multiply(result, item, env, at)
        if result is None:
            return None
    return result


def mean(env: Env, at: Place, items: Sequence[Value]) -> Value:
    """The built-in `mean`."""
    return arithmetic.divide(total(env, at, items), Decimal(len(items)), env, at)


def _extreme(
    better: Callable[[Value, Value, Env, Place], bool | None], of_plain: Callable[..., Value]
) -> Callable[..., Value]:
    def extreme(env: Env, at: Place, items: Sequence[Value]) -> Value:
        if not items:
            return None
        types = set(map(type, items))
        if len(types) == 1 and types <= _PLAIN:
            return of_plain(items)
        if types == {Money} and len({item.currency for item in items}) == 1:
            return of_plain(items, key=_AMOUNT)
        best = items[0]
        if better(best, best, env, at) is None:
            return None
        for item in items[1:]:
            found = better(item, best, env, at)
            if found is None:
                return None
            if found:
                best = item
        return best

    return extreme


def count(_env: Env, _at: Place, items: Sequence[Value]) -> Decimal:
    """The built-in `count`."""
    return Decimal(len(items))


def every(env: Env, at: Place, items: Sequence[Value]) -> bool | None:
    """The built-in `all`: three-valued conjunction; a non-boolean counts as null."""
    return _junction(env, at, items, decisive=False)


def some(env: Env, at: Place, items: Sequence[Value]) -> bool | None:
    """The built-in `any`: three-valued disjunction; a non-boolean counts as null."""
    return _junction(env, at, items, decisive=True)


def _junction(env: Env, at: Place, items: Sequence[Value], *, decisive: bool) -> bool | None:
    unknown = False
    for item in items:
        if item is decisive:
            return bool(item)
        if type(item) is not bool:
            unknown = True
            if item is not None:
                env.fault(f"{kind(item)} is no truth value", at)
    return None if unknown else not decisive


def ordered(items: Sequence[Value], env: Env, at: Place) -> list[Value] | None:
    """Comparable values in ascending order."""
    keys = []
    for item in items:
        pair = compare.ordered(items[0], item) if item is not None else None
        if pair is None:
            if item is not None:
                env.fault(f"{kind(items[0])} and {kind(item)} have no order", at)
            return None
        keys.append(pair[1])
    return [items[number] for number in sorted(range(len(items)), key=keys.__getitem__)]


def median(env: Env, at: Place, items: Sequence[Value]) -> Value:
    """The built-in `median`: of an even count the mean of the two in the middle."""
    if not _addable(items, env, at):
        return None
    values = ordered(items, env, at)
    if values is None:
        return None
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else mean(env, at, values[middle - 1 : middle + 1])


def stddev(env: Env, at: Place, items: Sequence[Value]) -> Value:
    """The built-in `stddev`: of a sample; null for fewer than two numbers."""
    if not _addable(items, env, at, ("number",)) or len(items) < 2:
        return None
    center = mean(env, at, items)
    if center is None:
        return None
    try:
        squares = [NUMBERS.multiply(gap, gap) for gap in (NUMBERS.subtract(item, center) for item in items)]
    except Overflow:
        env.fault("the result is too large", at)
        return None
    variance = arithmetic.divide(total(env, at, squares), Decimal(len(items)) - _ONE, env, at)
    return None if variance is None else NUMBERS.sqrt(variance)


def mode(env: Env, at: Place, items: Sequence[Value]) -> Value:
    """The built-in `mode`: the most frequent values in ascending order."""
    if not items:
        return []
    if not _addable(items, env, at):
        return None
    values = ordered(items, env, at)
    if values is None:
        return None
    runs: list[tuple[Value, int]] = []
    for value in values:
        same = runs and compare.equal(runs[-1][0], value, env)
        runs[-1:] = [(runs[-1][0], runs[-1][1] + 1)] if same else [*runs[-1:], (value, 1)]
    most = max(times for _, times in runs)
    return [value for value, times in runs if times == most]


AGGREGATES: Mapping[str, Callable[..., Value]] = {
    "count": count,
    "sum": total,
    "product": product,
    "mean": mean,
    "median": median,
    "stddev": stddev,
    "mode": mode,
    "min": _extreme(compare.lt, min),
    "max": _extreme(compare.gt, max),
    "all": every,
    "any": some,
}
