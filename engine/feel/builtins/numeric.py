"""Numeric built-ins (DMN 1.5, 10.3.4.5)."""

from collections.abc import Callable, Mapping
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    InvalidOperation,
    Overflow,
)

from engine.feel.env import Env
from engine.feel.money import Money
from engine.feel.runtime.arithmetic import negate
from engine.feel.runtime.kinds import Place, kind
from engine.feel.temporal.wide import duration_nanos
from engine.feel.values import NUMBERS, Value

_ZERO, _TWO = Decimal(0), Decimal(2)
_SCALES = range(-6111, 6177)


def _round(value: Decimal, scale: int, rounding: str) -> Decimal:
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= scale:
        return value
    return value.quantize(Decimal((0, (1,), -scale)), rounding=rounding, context=NUMBERS)


def _rounding(rounding: str) -> Callable[..., Value]:
    def to_scale(env: Env, at: Place, n: Value, scale: Decimal | None = None) -> Value:
        places = int(scale) if scale is not None else 0
        if places not in _SCALES:
            env.fault(f"a scale must be between {_SCALES.start} and {_SCALES.stop - 1}", at)
            return None
        if isinstance(n, Money):
            return Money(_round(n.amount, places, rounding), n.currency)
        return _round(n, places, rounding)

    return to_scale


def absolute(env: Env, at: Place, n: Value) -> Value:
    """The built-in `abs`."""
    match kind(n):
        case "number":
            return NUMBERS.abs(n)
        case "money":
            return Money(NUMBERS.abs(n.amount), n.currency)
        case "years and months duration":
            return negate(n, env, at) if n.months < 0 else n
    return negate(n, env, at) if duration_nanos(n) < 0 else n


def modulo(env: Env, at: Place, dividend: Decimal, divisor: Decimal) -> Value:
    """The built-in `modulo`: dividend - divisor * floor(dividend / divisor)."""
    if not divisor:
        env.fault("modulo by zero", at)
        return None
    try:
        rest = NUMBERS.remainder(dividend, divisor)
    except InvalidOperation:
        env.fault("the quotient has more than 34 digits", at)
        return None
    return NUMBERS.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else rest


def sqrt(env: Env, at: Place, number: Decimal) -> Value:
    """The built-in `sqrt`."""
    if number < 0:
        env.fault("a negative number has no square root", at)
        return None
    return NUMBERS.sqrt(number)


def log(env: Env, at: Place, number: Decimal) -> Value:
    """The built-in `log`, natural."""
    if number <= 0:
        env.fault("only a positive number has a logarithm", at)
        return None
    return NUMBERS.ln(number)


def exp(env: Env, at: Place, number: Decimal) -> Value:
    """The built-in `exp`."""
    try:
        return NUMBERS.exp(number)
    except Overflow:
        env.fault("the result is too large", at)
        return None


def _half_rest(number: Decimal) -> Decimal:
    """What division by two leaves; a number past 34 digits is a multiple of ten."""
    try:
        return NUMBERS.remainder(number, _TWO)
    except InvalidOperation:
        return _ZERO


def odd(_env: Env, _at: Place, number: Decimal) -> bool:
    """The built-in `odd`."""
    return abs(_half_rest(number)) == 1


def even(_env: Env, _at: Place, number: Decimal) -> bool:
    """The built-in `even`."""
    return not _half_rest(number)


NUMERIC: Mapping[str, Callable[..., Value]] = {
    "decimal": _rounding(ROUND_HALF_EVEN),
    "floor": _rounding(ROUND_FLOOR),
    "ceiling": _rounding(ROUND_CEILING),
    "round up": _rounding(ROUND_UP),
    "round down": _rounding(ROUND_DOWN),
    "round half up": _rounding(ROUND_HALF_UP),
    "round half down": _rounding(ROUND_HALF_DOWN),
    "abs": absolute,
    "modulo": modulo,
    "sqrt": sqrt,
    "log": log,
    "exp": exp,
    "odd": odd,
    "even": even,
}
