"""`+ - * / **` and negation (DMN 1.5, 10.3.2.3 and tables 54 to 58)."""

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation, Overflow

from engine.feel.env import Env
from engine.feel.money import CurrencyMismatch, Money
from engine.feel.runtime.kinds import Place, kind
from engine.feel.temporal import arithmetic as temporal
from engine.feel.temporal.wide import duration_nanos, make_duration
from engine.feel.values import NUMBERS, Value, YearsMonths

_NUMBER, _MONEY, _TEXT = "number", "money", "string"
_DATE, _TIME, _MOMENT = "date", "time", "date and time"
_DAYS, _MONTHS = "days and time duration", "years and months duration"
_MAX_NANOS = 10**28
_MAX_MONTHS = 12 * 10**18
Operation = Callable[[Value, Value], Value]


def _same(operation: Operation) -> Operation:
    """An operation on two amounts of one currency; zero without currency is any currency's zero."""

    def on_money(a: Value, b: Value) -> Value:
        first = a.currency if isinstance(a, Money) else b.currency
        for other in (a, b):
            if isinstance(other, Money) and other.currency != first:
                raise CurrencyMismatch(a.currency, b.currency)
            if isinstance(other, Decimal) and other:
                raise CurrencyMismatch(first, "a number without currency")
        return Money(operation(_amount(a), _amount(b)), first)

    return on_money


def _amount(value: Value) -> Decimal:
    amount: Decimal = value.amount if isinstance(value, Money) else value
    return amount


def _days(nanos: int) -> Value:
    return make_duration(nanos) if abs(nanos) < _MAX_NANOS else None


def _months(months: int) -> Value:
    return YearsMonths(months) if abs(months) < _MAX_MONTHS else None


def _scale_days(a: Value, b: Value) -> Value:
    return _days(int(NUMBERS.multiply(duration_nanos(a), b)))


def _scale_months(a: Value, b: Value) -> Value:
    return _months(int(NUMBERS.multiply(a.months, b)))


def _swapped(operation: Operation) -> Operation:
    return lambda a, b: operation(b, a)


def _money_ratio(a: Money, b: Money) -> Decimal:
    if a.currency != b.currency:
        raise CurrencyMismatch(a.currency, b.currency)
    return NUMBERS.divide(a.amount, b.amount)


def _join(a: str, b: str) -> str:
    return a + b


def _plus_days(a: Value, b: Value) -> Value:
    return _days(duration_nanos(a) + duration_nanos(b))


def _minus_days(a: Value, b: Value) -> Value:
    return _days(duration_nanos(a) - duration_nanos(b))


_MONEY_PLUS, _MONEY_MINUS = _same(NUMBERS.add), _same(NUMBERS.subtract)
ADD: Mapping[tuple[str, str], Operation] = {
    (_NUMBER, _NUMBER): NUMBERS.add,
    (_TEXT, _TEXT): _join,
    (_MONEY, _MONEY): _MONEY_PLUS,
    (_MONEY, _NUMBER): _MONEY_PLUS,
    (_NUMBER, _MONEY): _MONEY_PLUS,
    (_DAYS, _DAYS): _plus_days,
    (_MONTHS, _MONTHS): lambda a, b: _months(a.months + b.months),
    (_DATE, _DAYS): temporal.add_to_date,
    (_DAYS, _DATE): _swapped(temporal.add_to_date),
    (_DATE, _MONTHS): temporal.add_months_to_date,
    (_MONTHS, _DATE): _swapped(temporal.add_months_to_date),
    (_MOMENT, _DAYS): temporal.add_to_datetime,
    (_DAYS, _MOMENT): _swapped(temporal.add_to_datetime),
    (_MOMENT, _MONTHS): temporal.add_months,
    (_MONTHS, _MOMENT): _swapped(temporal.add_months),
    (_TIME, _DAYS): temporal.add_to_time,
    (_DAYS, _TIME): _swapped(temporal.add_to_time),
}


def _minus(operation: Operation) -> Operation:
    return lambda a, b: operation(a, temporal.negated(b))


SUBTRACT: Mapping[tuple[str, str], Operation] = {
    (_NUMBER, _NUMBER): NUMBERS.subtract,
    (_MONEY, _MONEY): _MONEY_MINUS,
    (_MONEY, _NUMBER): _MONEY_MINUS,
    (_NUMBER, _MONEY): _MONEY_MINUS,
    (_DAYS, _DAYS): _minus_days,
    (_MONTHS, _MONTHS): lambda a, b: _months(a.months - b.months),
    **dict.fromkeys(((_DATE, _DATE), (_DATE, _MOMENT), (_MOMENT, _DATE), (_MOMENT, _MOMENT)), temporal.between_moments),
    (_TIME, _TIME): temporal.between_times,
    (_DATE, _DAYS): _minus(temporal.add_to_date),
    (_DATE, _MONTHS): _minus(temporal.add_months_to_date),
    (_MOMENT, _DAYS): _minus(temporal.add_to_datetime),
    (_MOMENT, _MONTHS): _minus(temporal.add_months),
    (_TIME, _DAYS): _minus(temporal.add_to_time),
}
MULTIPLY: Mapping[tuple[str, str], Operation] = {
    (_NUMBER, _NUMBER): NUMBERS.multiply,
    (_MONEY, _NUMBER): lambda a, b: Money(NUMBERS.multiply(a.amount, b), a.currency),
    (_NUMBER, _MONEY): lambda a, b: Money(NUMBERS.multiply(a, b.amount), b.currency),
    (_DAYS, _NUMBER): _scale_days,
    (_NUMBER, _DAYS): _swapped(_scale_days),
    (_MONTHS, _NUMBER): _scale_months,
    (_NUMBER, _MONTHS): _swapped(_scale_months),
}
DIVIDE: Mapping[tuple[str, str], Operation] = {
    (_NUMBER, _NUMBER): NUMBERS.divide,
    (_MONEY, _NUMBER): lambda a, b: Money(NUMBERS.divide(a.amount, b), a.currency),
    (_MONEY, _MONEY): _money_ratio,
    (_DAYS, _NUMBER): lambda a, b: _days(int(NUMBERS.divide(duration_nanos(a), b))),
    (_DAYS, _DAYS): lambda a, b: NUMBERS.divide(duration_nanos(a), duration_nanos(b)),
    (_MONTHS, _NUMBER): lambda a, b: _months(int(NUMBERS.divide(a.months, b))),
    (_MONTHS, _MONTHS): lambda a, b: NUMBERS.divide(a.months, b.months),
}


def _power(a: Decimal, b: Decimal) -> Decimal:
    return NUMBERS.power(a, b) if a or b else _ONE


_ONE = Decimal(1)
POWER: Mapping[tuple[str, str], Operation] = {(_NUMBER, _NUMBER): _power}


def _apply(table: Mapping[tuple[str, str], Operation], verb: str, a: Value, b: Value, env: Env, at: Place) -> Value:
    if a is None or b is None:
        return None
    operation = table.get((kind(a), kind(b)))
    if operation is None:
        env.fault(f"cannot {verb} {kind(a)} and {kind(b)}", at)
        return None
    try:
        result = operation(a, b)
    except ZeroDivisionError:
        env.fault("division by zero", at)
        return None
    except (Overflow, InvalidOperation):
        env.fault(f"cannot {verb} these: the result is no number of 34 digits and exponent below 6145", at)
        return None
    except CurrencyMismatch as mismatch:
        env.fault(str(mismatch), at)
        return None
    if result is None:
        env.fault(f"cannot {verb} these: the result is out of range, or only one has a time zone", at)
    return result


def add(a: Value, b: Value, env: Env, at: Place) -> Value:
    """`a + b`."""
    result = _apply(ADD, "add", a, b, env, at)
    if type(result) is str and len(result) > env.limits.characters:
        env.fault(f"the string would be longer than {env.limits.characters:,} characters", at)
        return None
    return result


def subtract(a: Value, b: Value, env: Env, at: Place) -> Value:
    """`a - b`."""
    if type(a) is datetime and type(b) is datetime and type(a.tzinfo) is type(b.tzinfo) is timezone:
        return a - b
    return _apply(SUBTRACT, "subtract", a, b, env, at)


def multiply(a: Value, b: Value, env: Env, at: Place) -> Value:
    """`a * b`."""
    return _apply(MULTIPLY, "multiply", a, b, env, at)


def divide(a: Value, b: Value, env: Env, at: Place) -> Value:
    """`a / b`."""
    return _apply(DIVIDE, "divide", a, b, env, at)


def power(a: Value, b: Value, env: Env, at: Place) -> Value:
    """`a ** b`."""
    return _apply(POWER, "raise to a power", a, b, env, at)


def negate(value: Value, env: Env, at: Place) -> Value:
    """`-value`."""
    if type(value) is Decimal:
        return NUMBERS.minus(value)
    match kind(value):
        case "null":
            return None
        case "money":
            return Money(NUMBERS.minus(value.amount), value.currency)
        case "days and time duration" | "years and months duration":
            return temporal.negated(value)
    env.fault(f"cannot negate {kind(value)}", at)
    return None
