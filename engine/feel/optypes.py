"""The types of operators, properties and built-ins."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from engine.feel.signatures import Signature
from engine.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    NULL,
    NUMBER,
    SIMPLE,
    STRING,
    TIME,
    YEARS_MONTHS,
    ContextType,
    FunctionType,
    ListType,
    MoneyType,
    RangeType,
    Type,
    join,
)

_MONEY = MoneyType()
_ANY_ORDERED = (NUMBER, STRING, DATE, TIME, DATE_TIME, DAYS_TIME, YEARS_MONTHS, _MONEY)
_DATES = {"year": NUMBER, "month": NUMBER, "day": NUMBER, "weekday": NUMBER}
_TIMES = {"hour": NUMBER, "minute": NUMBER, "second": NUMBER, "time offset": DAYS_TIME, "timezone": STRING}
PROPERTIES: Mapping[Type, Mapping[str, Type]] = {
    DATE: _DATES,
    TIME: _TIMES,
    DATE_TIME: {**_DATES, **_TIMES},
    DAYS_TIME: dict.fromkeys(("days", "hours", "minutes", "seconds"), NUMBER),
    YEARS_MONTHS: dict.fromkeys(("years", "months"), NUMBER),
    _MONEY: {"amount": NUMBER, "currency": STRING},
}


def properties(kind: Type) -> Mapping[str, Type] | None:
    """The properties of a type's values; None for a type that may have any."""
    if isinstance(kind, RangeType):
        ends = {"start": kind.element, "end": kind.element}
        return {**ends, "start included": BOOLEAN, "end included": BOOLEAN}
    if kind in (ANY, NULL):
        return None
    return PROPERTIES.get(_MONEY if isinstance(kind, MoneyType) else kind, {})


_Table: TypeAlias = Mapping[tuple[Type, Type], Type]
_SHIFTS: _Table = {
    (DATE, DAYS_TIME): DATE,
    (DATE, YEARS_MONTHS): DATE,
    (DATE_TIME, DAYS_TIME): DATE_TIME,
    (DATE_TIME, YEARS_MONTHS): DATE_TIME,
    (TIME, DAYS_TIME): TIME,
}
_SAME: _Table = {(kind, kind): kind for kind in (NUMBER, DAYS_TIME, YEARS_MONTHS, _MONEY)}
_GAPS: _Table = {(first, second): DAYS_TIME for first in (DATE, DATE_TIME) for second in (DATE, DATE_TIME)}
_SCALED: _Table = {(kind, NUMBER): kind for kind in (NUMBER, DAYS_TIME, YEARS_MONTHS, _MONEY)}
ARITHMETIC: Mapping[str, _Table] = {
    "+": {**_SAME, **_SHIFTS, **{(b, a): kind for (a, b), kind in _SHIFTS.items()}, (STRING, STRING): STRING},
    "-": {**_SAME, **_SHIFTS, **_GAPS, (TIME, TIME): DAYS_TIME},
    "*": {**_SCALED, **{(b, a): kind for (a, b), kind in _SCALED.items()}},
    "/": {**_SCALED, **{(kind, kind): NUMBER for kind in (NUMBER, DAYS_TIME, YEARS_MONTHS, _MONEY)}},
    "**": {(NUMBER, NUMBER): NUMBER},
}


def arithmetic(operator: str, left: Type, right: Type) -> Type | None:
    """The type of `left operator right`; None when the operands cannot go together."""
    if NULL in (left, right):
        return NULL
    table = ARITHMETIC[operator]
    if ANY in (left, right):
        known = right if left == ANY else left
        fits = any(_plain(known) in pair for pair in table)
        return _only(table, known, left=right == ANY) if fits or known == ANY else None
    result = table.get((_plain(left), _plain(right)))
    if result != _MONEY:
        return result if different_currency(left, right) is None else None
    moneys = [kind for kind in (left, right) if isinstance(kind, MoneyType)]
    return None if different_currency(left, right) else next((kind for kind in moneys if kind.currency), _MONEY)


def _only(table: _Table, known: Type, *, left: bool) -> Type:
    """The result when one operand is unknown, if all that fit have the same."""
    results = {result for pair, result in table.items() if pair[0 if left else 1] == _plain(known)}
    return results.pop() if len(results) == 1 and _MONEY not in results else ANY


def _plain(kind: Type) -> Type:
    return _MONEY if isinstance(kind, MoneyType) else kind


def different_currency(left: Type, right: Type) -> tuple[str, str] | None:
    """Both currencies when they are known and differ."""
    if isinstance(left, MoneyType) and isinstance(right, MoneyType):
        first, second = left.currency, right.currency
        return (first, second) if first and second and first != second else None
    return None


def comparable(operator: str, left: Type, right: Type) -> bool:
    """Whether two types can be compared by an operator."""
    if {ANY, NULL} & {left, right}:
        known = right if left in (ANY, NULL) else left
        return operator in ("=", "!=") or known in (ANY, NULL) or _plain(known) in _ANY_ORDERED
    if different_currency(left, right):
        return False
    first, second = _plain(left), _plain(right)
    if {first, second} == {_MONEY, NUMBER}:
        return True
    if operator in ("=", "!="):
        return family(first) == family(second)
    return first == second and first in _ANY_ORDERED


def family(kind: Type) -> str:
    """The kind of a type's values, "any" when it is not known."""
    match kind:
        case ListType():
            return "list"
        case ContextType():
            return "context"
        case RangeType():
            return "range"
        case FunctionType():
            return "function"
        case MoneyType():
            return "money"
    return "any" if kind in (ANY, NULL) else str(kind)


def accepts(kinds: Sequence[str], given: Type) -> bool:
    """Whether an argument's type fits a built-in's parameter, conversions included."""
    found = family(given)
    if found == "any" or "any" in kinds or found in kinds or "list" in kinds:
        return True
    if found == "date" and "date and time" in kinds:
        return True
    return isinstance(given, ListType) and accepts(kinds, given.element)


def result(signature: Signature, arguments: Sequence[Type]) -> Type:
    """The type of a built-in's result."""
    first = arguments[0] if arguments else ANY
    if signature.variadic and len(arguments) > 1:
        first = ListType(_joined(arguments))
    elif signature.parameters and signature.parameters[0].kinds == ("list",) and not isinstance(first, ListType):
        first = ListType(first)
    element = first.element if isinstance(first, ListType) else first
    match signature.result:
        case "same":
            return first
        case "element":
            return element
        case "list<element>":
            return ListType(element)
        case "list":
            return _list_result(signature.name, arguments)
    return _RESULTS.get(signature.result, ANY)


_RESULTS: Mapping[str, Type] = {
    **SIMPLE,
    "list<number>": ListType(NUMBER),
    "list<string>": ListType(STRING),
    "list<context>": ListType(ContextType({"key": STRING, "value": ANY})),
    "context": ContextType(open=True),
    "range": RangeType(),
}


def _list_result(name: str, arguments: Sequence[Type]) -> Type:
    """Lists of lists' elements, or of one list's elements and an item."""
    inside = [kind.element if isinstance(kind, ListType) else kind for kind in arguments]
    if name in ("concatenate", "union"):
        return ListType(_joined(inside))
    if name in ("append", "insert before", "list replace"):
        return ListType(join(inside[0], _joined(arguments[-1:])))
    return ListType()


def _joined(kinds: Sequence[Type]) -> Type:
    found = kinds[0]
    for kind in kinds[1:]:
        found = join(found, kind)
    return found
