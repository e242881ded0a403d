"""A tree-walking FEEL, as much of it as the generator writes: slow, short, and sharing nothing with the compiler.

Strict where the engine promises it: whatever is read is read, on both sides of `and` and for every item of a
collection; only the branch of an `if` that is not taken is left alone. What is unresolved or faulty is an exception.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.feel import Money, YearsMonths, ast


class Waits(Exception):
    """Something read is unresolved or faulty, so the whole expression is."""


class Scope:
    """Names: those bound by the construct around, else the fields of its subject."""

    def __init__(self, lookup: Callable[[str], Any], now: datetime, convert: Callable[..., Any]) -> None:
        self.lookup = lookup
        self.now = now
        self.convert = convert

    def bind(self, values: Mapping[str, Any]) -> "Scope":
        return Scope(lambda name: values[name] if name in values else self.lookup(name), self.now, self.convert)

    def inside(self, item: Any) -> "Scope":
        def lookup(name: str) -> Any:
            if name == "item":
                return item
            return item.read(name) if has(item, name) else self.lookup(name)

        return Scope(lookup, self.now, self.convert)


def has(item: Any, name: str) -> bool:
    return hasattr(item, "read") and item.has(name)


def walk(node: ast.Node, scope: Scope) -> Any:
    return WALKERS[type(node)](node, scope)


def both(values: list[Any], decides: bool) -> bool | None:
    """`and` decided by false, `or` decided by true."""
    if any(value is decides for value in values):
        return decides
    return (not decides) if all(value is (not decides) for value in values) else None


def equal(a: Any, b: Any) -> bool:
    if isinstance(a, Money) and isinstance(b, Money) and a.currency != b.currency:
        raise Waits(f"{a} against {b}")
    if isinstance(a, Money) and isinstance(b, Decimal):
        return a.amount == b
    if isinstance(a, bool) is not isinstance(b, bool):
        return False
    return bool(a == b)


def less(a: Any, b: Any) -> bool:
    if isinstance(a, datetime) and isinstance(b, datetime):
        return a.astimezone(UTC) < b.astimezone(UTC)
    if isinstance(a, Money) and isinstance(b, Money):
        if a.currency != b.currency:
            raise Waits(f"{a} against {b}")
        return a.amount < b.amount
    if isinstance(a, Money):
        a = a.amount
    if isinstance(b, Money):
        b = b.amount
    return bool(a < b)


def compare(operator: str, a: Any, b: Any) -> bool | None:
    if operator in ("=", "!="):
        return equal(a, b) is (operator == "=")
    if a is None or b is None:
        return None
    match operator:
        case "<":
            return less(a, b)
        case ">":
            return less(b, a)
        case "<=":
            return not less(b, a)
    return not less(a, b)


def add(a: Any, b: Any, sign: int) -> Any:
    if a is None or b is None:
        return None
    if isinstance(b, YearsMonths):
        return add_months(a, sign * b.months)
    if isinstance(a, Money) or isinstance(b, Money):
        if not (isinstance(a, Money) and isinstance(b, Money) and a.currency == b.currency):
            raise Waits(f"{a} and {b}")
        return Money(a.amount + sign * b.amount, a.currency)
    if isinstance(a, datetime):
        a = a.astimezone(UTC)
        b = b.astimezone(UTC) if isinstance(b, datetime) else b
    return a + b if sign > 0 else a - b


def add_months(a: Any, months: int) -> Any:
    """The same day of another month, its last one when it has no such day."""
    years, month = divmod(a.year * 12 + a.month - 1 + months, 12)
    day = a.day
    while True:
        try:
            return a.replace(year=years, month=month + 1, day=day)
        except ValueError:
            day -= 1


def arithmetic(node: ast.Arithmetic, scope: Scope) -> Any:
    a, b = walk(node.left, scope), walk(node.right, scope)
    if node.operator in "+-":
        return add(a, b, 1 if node.operator == "+" else -1)
    if a is None or b is None:
        return None
    return a * b if node.operator == "*" else a / b


def path(node: ast.Path, scope: Scope) -> Any:
    source = walk(node.source, scope)
    if isinstance(source, list):
        return [None if item is None else item.read(node.name) for item in source]
    if isinstance(source, timedelta) and node.name == "days":
        return Decimal(int(source / timedelta(days=1)))
    return None if source is None else source.read(node.name)


def between(node: ast.Between, scope: Scope) -> bool | None:
    value, low, high = (walk(part, scope) for part in (node.value, node.low, node.high))
    return both([compare(">=", value, low), compare("<=", value, high)], decides=False)


def contains(node: ast.In, scope: Scope) -> bool | None:
    value = walk(node.value, scope)

    def holds(test: ast.Node) -> bool | None:
        if isinstance(test, ast.Range):
            low, high = walk(test.low, scope), walk(test.high, scope)
            above = compare(">=" if test.low_included else ">", value, low)
            below = compare("<=" if test.high_included else "<", value, high)
            return both([above, below], decides=False)
        return equal(value, walk(test, scope))

    return both([holds(test) for test in node.tests], decides=True)


def quantified(node: ast.Quantified, scope: Scope) -> bool | None:
    (binding,) = node.bindings
    source = walk(binding.source, scope)
    if source is None:
        return None
    found = [walk(node.condition, scope.bind({binding.name: item})) for item in source]
    return both(found, decides=node.quantifier == "some")


def filtered(node: ast.Filter, scope: Scope) -> list[Any]:
    passing = [(item, walk(node.condition, scope.inside(item))) for item in walk(node.source, scope) or []]
    return [item for item, passes in passing if passes is True]


def total(values: list[Any]) -> Any:
    if not values or None in values:
        return None
    found = values[0]
    for value in values[1:]:
        found = add(found, value, 1)
    return found


def extreme(values: list[Any], which: str) -> Any:
    if not values or None in values:
        return None
    found = values[0]
    for value in values[1:]:
        if less(value, found) if which == "min" else less(found, value):
            found = value
    return found


def mean(values: list[Any]) -> Any:
    found = total(values)
    return None if found is None else found / len(values)


def distinct(values: list[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if not any(equal(value, other) for other in found):
            found.append(value)
    return found


def duration(text: str) -> Any:
    days = {"H": timedelta(hours=1), "D": timedelta(days=1)}
    number, unit = int(text.strip("PTDHM")), text[-1]
    return YearsMonths(number) if unit == "M" else number * days[unit]


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "count": lambda values: Decimal(len(values)),
    "sum": total,
    "mean": mean,
    "min": lambda values: extreme(values, "min"),
    "max": lambda values: extreme(values, "max"),
    "any": lambda values: both(values, decides=True),
    "all": lambda values: both(values, decides=False),
    "distinct values": distinct,
    "duration": duration,
    "date": date.fromisoformat,
    "not": lambda value: (not value) if isinstance(value, bool) else None,
}


def call(node: ast.Call, scope: Scope) -> Any:
    assert isinstance(node.function, ast.Name)
    name = node.function.name
    if name == "now":
        return scope.now
    if name == "today":
        return scope.now.date()
    arguments = [walk(argument, scope) for argument in node.arguments]
    if name == "in currency":
        return None if None in arguments else scope.convert(*arguments)
    return None if arguments[0] is None else FUNCTIONS[name](*arguments)


WALKERS: Mapping[type, Callable[[Any, Scope], Any]] = {
    ast.Null: lambda _node, _scope: None,
    ast.Boolean: lambda node, _scope: node.value,
    ast.Number: lambda node, _scope: node.value,
    ast.Text: lambda node, _scope: node.value,
    ast.Name: lambda node, scope: scope.lookup(node.name),
    ast.Path: path,
    ast.Filter: filtered,
    ast.Call: call,
    ast.Negate: lambda node, scope: -walk(node.operand, scope),
    ast.Arithmetic: arithmetic,
    ast.Compare: lambda node, scope: compare(node.operator, walk(node.left, scope), walk(node.right, scope)),
    ast.And: lambda node, scope: both([walk(part, scope) for part in node.operands], decides=False),
    ast.Or: lambda node, scope: both([walk(part, scope) for part in node.operands], decides=True),
    ast.Between: between,
    ast.In: contains,
    ast.If: lambda node, scope: walk(node.yes if walk(node.condition, scope) is True else node.no, scope),
    ast.Quantified: quantified,
    ast.For: lambda node, scope: [
        walk(node.body, scope.bind({node.bindings[0].name: item})) for item in walk(node.bindings[0].source, scope)
    ],
}
