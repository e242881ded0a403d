"""The types of FEEL (DMN 1.5, 10.3.2.2 and 10.3.2.9) and how they conform to each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class Type:
    """A FEEL type; every type also admits null."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Simple(Type):
    """A type without parameters."""

    name: str

    def __str__(self) -> str:
        return self.name


ANY = Simple("Any")
NULL = Simple("Null")
NUMBER = Simple("number")
STRING = Simple("string")
BOOLEAN = Simple("boolean")
DATE = Simple("date")
TIME = Simple("time")
DATE_TIME = Simple("date and time")
DAYS_TIME = Simple("days and time duration")
YEARS_MONTHS = Simple("years and months duration")
SIMPLE: Mapping[str, Simple] = {
    each.name: each for each in (ANY, NULL, NUMBER, STRING, BOOLEAN, DATE, TIME, DATE_TIME, DAYS_TIME, YEARS_MONTHS)
}


@dataclass(frozen=True, slots=True)
class MoneyType(Type):
    """A number with a currency (our extension); no currency means it is known at run time only."""

    currency: str | None = None

    def __str__(self) -> str:
        return f'money<"{self.currency}">' if self.currency else "money"


@dataclass(frozen=True, slots=True)
class ListType(Type):
    """`list<element>`."""

    element: Type = ANY

    def __str__(self) -> str:
        return f"list<{self.element}>"


@dataclass(frozen=True, slots=True)
class RangeType(Type):
    """`range<element>`."""

    element: Type = ANY

    def __str__(self) -> str:
        return f"range<{self.element}>"


@dataclass(frozen=True, slots=True)
class FunctionType(Type):
    """`function<parameters> -> result`; parameters None means unknown."""

    parameters: tuple[Type, ...] | None = None
    result: Type = ANY

    def __str__(self) -> str:
        return f"function<{', '.join(map(str, self.parameters or ()))}> -> {self.result}"


@dataclass(frozen=True, slots=True)
class ContextType(Type):
    """A context with these fields; a name makes it nominal, so that `fields` may be lazy and lead back to it.

    `fields` is any mapping: the owner of a cyclic model gives one that looks its types up when asked.
    An `open` context may have further fields, of type Any.
    """

    fields: Mapping[str, Type] = field(default_factory=dict)
    name: str = ""
    open: bool = False

    def __str__(self) -> str:
        if self.name:
            return self.name
        inside = ", ".join(f"{name}: {type_}" for name, type_ in self.fields.items())
        return f"context<{inside}>" if inside else "context"

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, ContextType) or self.name != other.name or self.open != other.open:
            return False
        return bool(self.name) or self.fields == other.fields

    def __hash__(self) -> int:
        return hash((self.name, self.open)) if self.name else hash((frozenset(self.fields), self.open))


OPEN_CONTEXT = ContextType(open=True)


def conforms(source: Type, target: Type) -> bool:
    """Whether every value of `source` is a value of `target` (DMN 1.5, 10.3.2.9.2)."""
    if target in (ANY, source) or source == NULL:
        return True
    match source, target:
        case MoneyType(), MoneyType():
            return target.currency is None
        case ListType(), ListType():
            return conforms(source.element, target.element)
        case RangeType(), RangeType():
            return conforms(source.element, target.element)
        case ContextType(), ContextType():
            return all(name in source.fields and conforms(source.fields[name], kind) for name, kind in _entries(target))
        case FunctionType(), FunctionType():
            return _function_conforms(source, target)
    return False


def _entries(context: ContextType) -> tuple[tuple[str, Type], ...]:
    return tuple(context.fields.items())


def _function_conforms(source: FunctionType, target: FunctionType) -> bool:
    if not conforms(source.result, target.result):
        return False
    if source.parameters is None or target.parameters is None:
        return target.parameters is None
    return len(source.parameters) == len(target.parameters) and all(
        conforms(wanted, given) for given, wanted in zip(source.parameters, target.parameters, strict=True)
    )


def join(first: Type, second: Type) -> Type:
    """The narrowest type both conform to, as far as this lattice has one."""
    if second in (first, NULL):
        return first
    if first == NULL:
        return second
    match first, second:
        case MoneyType(), MoneyType():
            return MoneyType()
        case ListType(), ListType():
            return ListType(join(first.element, second.element))
        case RangeType(), RangeType():
            return RangeType(join(first.element, second.element))
    return ANY
