"""Conversion built-ins (DMN 1.5, 10.3.4.1) and `not`."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation, Overflow

from engine.feel import ast
from engine.feel.env import Env
from engine.feel.errors import FeelSyntaxError
from engine.feel.parser import parse
from engine.feel.runtime import compare
from engine.feel.runtime.arithmetic import negate
from engine.feel.runtime.kinds import Place, kind
from engine.feel.runtime.membership import make_range
from engine.feel.temporal import text
from engine.feel.temporal.wide import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    date_part,
    datetime_parts,
    day_number,
    duration_nanos,
    fixed_offset,
    make_date,
    make_datetime,
    make_time,
    time_parts,
)
from engine.feel.unparse import quoted
from engine.feel.values import NUMBERS, Range, Value, keys

_NUMERAL = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_MAX_TEXT_NUMBER = 10_000
_WRITING = 10
"""Steps that writing one value counts."""


def _parsed(value: Value, found: str, what: str, env: Env, at: Place) -> Value:
    if value is None:
        env.fault(f"{found!r} is no {what}", at)
    return value


def _whole(number: Decimal) -> int | None:
    return int(number) if number == number.to_integral_value() and abs(number) < 10**12 else None


def date_from(env: Env, at: Place, value: Value) -> Value:
    """The built-in `date` of from."""
    if isinstance(value, str):
        return _parsed(text.parse_date(value), value, "date", env, at)
    return value if kind(value) == "date" else date_part(value)


def date_of_parts(env: Env, at: Place, year: Decimal, month: Decimal, day: Decimal) -> Value:
    """The built-in `date` of year, month, day."""
    parts = _whole(year), _whole(month), _whole(day)
    found = make_date(*parts) if None not in parts else None  # type: ignore[arg-type]
    return _parsed(found, f"{year}-{month}-{day}", "date", env, at)


def datetime_from(env: Env, at: Place, value: Value) -> Value:
    """The built-in `date and time` of from; of a date, its midnight in UTC."""
    if isinstance(value, str):
        return _parsed(text.parse_datetime(value), value, "date and time", env, at)
    return value if kind(value) == "date and time" else make_datetime(day_number(value), 0, fixed_offset(0))


def datetime_of_parts(_env: Env, _at: Place, day: Value, clock: Value) -> Value:
    """The built-in `date and time` of date, time."""
    when = day if kind(day) == "date" else date_part(day)
    return make_datetime(day_number(when), *time_parts(clock))


def time_from(env: Env, at: Place, value: Value) -> Value:
    """The built-in `time` of from; of a date, midnight in UTC."""
    match kind(value):
        case "string":
            return _parsed(text.parse_time(value), value, "time", env, at)
        case "date and time":
            return make_time(*datetime_parts(value)[1:])
        case "date":
            return make_time(0, fixed_offset(0))
    return value


def time_of_parts(env: Env, at: Place, hour: Decimal, minute: Decimal, second: Decimal, offset: Value = None) -> Value:
    """The built-in `time` of hour, minute, second, offset; the second may have a fraction."""
    hours, minutes = _whole(hour), _whole(minute)
    if hours is None or minutes is None or not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= second < 60):
        return _parsed(None, f"{hour}:{minute}:{second}", "time", env, at)
    nanos = hours * HOUR + minutes * MINUTE + int(second * SECOND)
    if offset is None:
        return make_time(nanos, None)
    shift = duration_nanos(offset)
    if abs(shift) >= DAY or shift % SECOND:
        return _parsed(None, text.format_any(offset), "offset", env, at)
    return make_time(nanos, fixed_offset(shift))


def number(env: Env, at: Place, value: Value, grouping: str | None = None, point: str | None = None) -> Value:
    """The built-in `number`."""
    if isinstance(value, Decimal):
        return value
    if grouping not in (None, " ", ",", ".") or point not in (None, ".", ",") or (point and point == grouping):
        env.fault("separators are space, comma or point for groups, point or comma for decimals, and differ", at)
        return None
    plain = value.replace(grouping, "") if grouping else value
    plain = plain.replace(point, ".") if point else plain
    foreign_point = point == "," and "." in value and grouping != "."
    if len(plain) > _MAX_TEXT_NUMBER or foreign_point or not _NUMERAL.fullmatch(plain):
        return _parsed(None, value[:60], "number", env, at)
    try:
        return NUMBERS.create_decimal(plain)
    except (InvalidOperation, Overflow):
        return _parsed(None, value[:60], "number", env, at)


def to_string(env: Env, at: Place, value: Value) -> Value:
    """The built-in `string`; null of null."""
    if value is None or isinstance(value, str):
        return value
    found = written(value, env)
    if len(found) > env.limits.characters:
        env.fault(f"the string would be longer than {env.limits.characters:,} characters", at)
        return None
    return found


def written(value: Value, env: Env) -> str:
    """A value as FEEL would write it; nested strings in quotes."""
    env.spend(_WRITING)
    match kind(value):
        case "null":
            return "null"
        case "boolean":
            return "true" if value else "false"
        case "number":
            return plain_number(value)
        case "string":
            env.spend(len(value) // 100)
            return quoted(value)
        case "list":
            return f"[{', '.join(written(item, env) for item in value)}]"
        case "context":
            return f"{{{', '.join(f'{key}: {written(value.get(key), env)}' for key in keys(value))}}}"
        case "range":
            return _written_range(value, env)
        case "function":
            return f"function({', '.join(value.names)})"
        case "money":
            return f"{plain_number(value.amount)} {value.currency}"
    return text.format_any(value)


def plain_number(value: Decimal) -> str:
    """Digits without exponent; no trailing zeros behind the point."""
    shown = format(value, "f")
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def _written_range(value: Range, env: Env) -> str:
    if value.operator:
        operand = value.high if value.operator in ("<", "<=") else value.low
        return f"({value.operator} {written(operand, env)})"
    start, end = "[" if value.low_included else "(", "]" if value.high_included else ")"
    return f"{start}{written(value.low, env)}..{written(value.high, env)}{end}"


def duration(env: Env, at: Place, value: Value) -> Value:
    """The built-in `duration` of from."""
    if isinstance(value, str):
        return _parsed(text.parse_duration(value), value, "duration", env, at)
    return value


def range_from(env: Env, at: Place, written_range: str) -> Value:
    """The built-in `range` of from: of literal ends in ascending order."""
    try:
        node = parse(written_range)
    except FeelSyntaxError:
        node = ast.Null()
    if not isinstance(node, ast.Range):
        return _parsed(None, written_range[:60], "range", env, at)
    low, high = _literal(node.low, env, at), _literal(node.high, env, at)
    if low is None or high is None:
        return _parsed(None, written_range[:60], "range of literals", env, at)
    found = make_range(low, high, (node.low_included, node.high_included), env, at)
    if found is not None and compare.gt(low, high, env, at):
        return _parsed(None, written_range[:60], "range, as it descends", env, at)
    return found


_LITERAL_CALLS: Mapping[str, Callable[[Env, Place, Value], Value]] = {
    "date": date_from,
    "time": time_from,
    "date and time": datetime_from,
    "duration": duration,
}


def _literal(node: ast.Node, env: Env, at: Place) -> Value:
    match node:
        case ast.Number(value=value) | ast.Text(value=value):
            return value
        case ast.At(text=moment):
            return text.parse_any(moment)
        case ast.Negate(operand=ast.Number(value=value)):
            return negate(value, env, at)
        case ast.Call(function=ast.Name(name=name), arguments=(ast.Text(value=value),)) if name in _LITERAL_CALLS:
            return _LITERAL_CALLS[name](env, at, value)
    return None


def negation(_env: Env, _at: Place, negand: bool) -> bool:
    """The built-in `not`."""
    return not negand


def same_value(env: Env, _at: Place, first: Value, second: Value) -> bool:
    """The built-in `is`: the same value of the same kind, time zones included."""
    return _identity(first, env) == _identity(second, env)


def _identity(value: Value, env: Env) -> object:
    env.spend(1)
    found = kind(value)
    match found:
        case "time":
            return found, *_zoned(time_parts(value))
        case "date and time":
            return found, *_zoned(datetime_parts(value))
        case "list":
            return found, tuple(_identity(item, env) for item in value)
        case "context":
            return found, frozenset((key, _identity(value.get(key), env)) for key in keys(value))
        case "range":
            ends = _identity(value.low, env), _identity(value.high, env)
            return found, ends, value.low_included, value.high_included, value.operator
        case "days and time duration":
            return found, duration_nanos(value)
    return found, value


def _zoned(parts: Sequence[object]) -> tuple[object, ...]:
    zone = parts[-1]
    return *parts[:-1], text.format_zone(zone)  # type: ignore[arg-type]


CONVERSION: Mapping[str, Callable[..., Value] | tuple[Callable[..., Value], ...]] = {
    "date": (date_from, date_of_parts),
    "date and time": (datetime_from, datetime_of_parts),
    "time": (time_from, time_of_parts),
    "number": number,
    "string": to_string,
    "duration": duration,
    "range": range_from,
    "not": negation,
    "is": same_value,
}
