"""Truth values in cells of decision tables, and what becomes of an evaluation that is stopped."""

from engine.feel.env import Env
from engine.feel.runtime.kinds import Place
from engine.feel.runtime.membership import in_test
from engine.feel.values import Value


def opposite(a: bool | None) -> bool | None:
    """Three-valued negation of a truth value."""
    return None if a is None else not a


def cell(value: Value, result: Value, env: Env, at: Place) -> bool | None:
    """A cell's condition on `?`: a truth value as it is, anything else by `in`."""
    return result if type(result) is bool else in_test(value, result, env, at)


def no_literal(text: str, env: Env, at: Place) -> None:
    """An `@` literal whose text means nothing."""
    env.fault(f"{text!r} is no date, time, date and time or duration", at)


def stopped(stop: Exception, env: Env) -> None:
    """The result of an evaluation that went past a limit."""
    message = "functions or values are nested too deeply" if isinstance(stop, RecursionError) else str(stop)
    env.fault(message, (1, 1))
