"""The built-in functions' names, parameters and results (DMN 1.5, 10.3.4), as one table.

A parameter is `name: kind|kind`, with `?` behind the name when it may be left out; `...` takes any number. A result of
`same` is the first argument's type, `element` the type of its elements, `list<element>` a list of them.
A name with several lines has several forms; forms of one length share their implementation.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_TABLE = """
date(from: string|date|date and time) -> date
date(year: number, month: number, day: number) -> date
date and time(from: string|date|date and time) -> date and time
date and time(date: date|date and time, time: time) -> date and time
time(from: string|time|date|date and time) -> time
time(hour: number, minute: number, second: number, offset?: days and time duration) -> time
number(from: string|number, grouping separator?: string, decimal separator?: string) -> number
string(from: any) -> string
duration(from: string|days and time duration|years and months duration) -> any
years and months duration(from: date|date and time, to: date|date and time) -> years and months duration
context(entries: list) -> context
range(from: string) -> range
not(negand: boolean) -> boolean
substring(string: string, start position: number, length?: number) -> string
string length(string: string) -> number
upper case(string: string) -> string
lower case(string: string) -> string
substring before(string: string, match: string) -> string
substring after(string: string, match: string) -> string
replace(input: string, pattern: string, replacement: string, flags?: string) -> string
contains(string: string, match: string) -> boolean
starts with(string: string, match: string) -> boolean
ends with(string: string, match: string) -> boolean
matches(input: string, pattern: string, flags?: string) -> boolean
split(string: string, delimiter: string) -> list<string>
string join(list: list, delimiter?: string) -> string
list contains(list: list, element: any) -> boolean
count(list: list) -> number
min(list: list...) -> element
max(list: list...) -> element
sum(list: list...) -> element
mean(list: list...) -> element
all(list: list...) -> boolean
any(list: list...) -> boolean
sublist(list: list, start position: number, length?: number) -> same
append(list: list, item: any...) -> list
concatenate(list: list...) -> list
insert before(list: list, position: number, newItem: any) -> list
remove(list: list, position: number) -> same
list replace(list: list, position: number|function, newItem: any) -> list
list replace(list: list, match: number|function, newItem: any) -> list
reverse(list: list) -> same
index of(list: list, match: any) -> list<number>
union(list: list...) -> list
distinct values(list: list) -> same
duplicate values(list: list) -> same
flatten(list: list) -> list
product(list: list...) -> element
median(list: list...) -> element
stddev(list: list...) -> number
mode(list: list...) -> list<element>
sort(list: list, precedes?: function) -> same
decimal(n: number|money, scale: number) -> same
floor(n: number|money) -> same
floor(n: number|money, scale: number) -> same
ceiling(n: number|money) -> same
ceiling(n: number|money, scale: number) -> same
round up(n: number|money, scale: number) -> same
round down(n: number|money, scale: number) -> same
round half up(n: number|money, scale: number) -> same
round half down(n: number|money, scale: number) -> same
abs(n: number|money|days and time duration|years and months duration) -> same
modulo(dividend: number, divisor: number) -> number
sqrt(number: number) -> number
log(number: number) -> number
exp(number: number) -> number
odd(number: number) -> boolean
even(number: number) -> boolean
get value(m: context, key: string) -> any
get value(context: context, key: string) -> any
get entries(m: context) -> list<context>
get entries(context: context) -> list<context>
context put(context: context, key: string|list, value: any) -> context
context put(context: context, keys: string|list, value: any) -> context
context merge(contexts: list) -> context
is(value1: any, value2: any) -> boolean
now() -> date and time
today() -> date
day of year(date: date|date and time) -> number
day of week(date: date|date and time) -> string
month of year(date: date|date and time) -> string
week of year(date: date|date and time) -> number
before(point1: any, point2: any) -> boolean
before(point: any, range: any) -> boolean
before(range: any, point: any) -> boolean
before(range1: any, range2: any) -> boolean
after(point1: any, point2: any) -> boolean
after(point: any, range: any) -> boolean
after(range: any, point: any) -> boolean
after(range1: any, range2: any) -> boolean
meets(range1: range, range2: range) -> boolean
met by(range1: range, range2: range) -> boolean
overlaps(range1: range, range2: range) -> boolean
overlaps before(range1: range, range2: range) -> boolean
overlaps after(range1: range, range2: range) -> boolean
finishes(point: any, range: range) -> boolean
finishes(range1: any, range2: range) -> boolean
finished by(range: range, point: any) -> boolean
finished by(range1: range, range2: any) -> boolean
includes(range: range, point: any) -> boolean
includes(range1: range, range2: any) -> boolean
during(point: any, range: range) -> boolean
during(range1: any, range2: range) -> boolean
starts(point: any, range: range) -> boolean
starts(range1: any, range2: range) -> boolean
started by(range: range, point: any) -> boolean
started by(range1: range, range2: any) -> boolean
coincides(point1: any, point2: any) -> boolean
coincides(range1: any, range2: any) -> boolean
"""
_LINE = re.compile(r"([a-z ]+)\((.*)\) -> (.+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: the kinds it takes; `any` among them takes null as well."""

    name: str
    kinds: tuple[str, ...]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """One form of a built-in; a variadic one takes its last parameter any number of times."""

    name: str
    parameters: tuple[Parameter, ...]
    variadic: bool
    result: str

    def takes(self, count: int) -> bool:
        """Whether it can be called with that many arguments by position."""
        required = sum(not parameter.optional for parameter in self.parameters)
        return required <= count and (self.variadic or count <= len(self.parameters))

    def order(self, names: Iterable[str]) -> tuple[int | None, ...] | None:
        """For each parameter the number of the argument with its name; None when names or counts do not fit."""
        given = list(names)
        found = tuple(given.index(each.name) if each.name in given else None for each in self.parameters)
        missing = any(at is None and not each.optional for at, each in zip(found, self.parameters, strict=True))
        used = sum(at is not None for at in found)
        return None if missing or used != len(given) else found

    def __str__(self) -> str:
        shown = ", ".join(each.name + ("?" if each.optional else "") for each in self.parameters)
        return f"{self.name}({shown}{', ...' if self.variadic else ''})"


def _read() -> Mapping[str, tuple[Signature, ...]]:
    found: dict[str, tuple[Signature, ...]] = {}
    for line in _TABLE.strip().splitlines():
        match = _LINE.fullmatch(line)
        assert match, line
        name, inside, result = match.groups()
        parameters = tuple(map(_parameter, inside.split(", "))) if inside else ()
        found[name] = (*found.get(name, ()), Signature(name, parameters, inside.endswith("..."), result))
    return found


def _parameter(text: str) -> Parameter:
    name, kinds = text.removesuffix("...").split(": ")
    return Parameter(name.removesuffix("?"), tuple(kinds.split("|")), name.endswith("?"))


SIGNATURES = _read()
BUILTIN_NAMES = tuple(SIGNATURES)
