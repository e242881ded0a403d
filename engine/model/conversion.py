"""`in currency(money, "EUR", day)`: the function for rules, models and prompts; who evaluates them has the rates."""

from datetime import date

from engine.feel import Env, HostFunction, Money, ast
from engine.feel.types import DATE, STRING, MoneyType, Type

NAME = "in currency"


def _convert(env: Env, money: Money | None, currency: str | None, on: date | None) -> Money | None:
    if money is None or currency is None or on is None:
        return None
    return env.host.convert(money, currency, on)  # type: ignore[no-any-return]  # engine.inference.rates.Rates


def _typed(call: ast.Call) -> Type | None:
    """The currency is known where it is written out."""
    match call.arguments:
        case (_, ast.Text(currency), _) if not call.names:
            return MoneyType(currency)
    return None


CONVERSION = HostFunction(
    NAME, (("money", MoneyType()), ("currency", STRING), ("on", DATE)), MoneyType(), _convert, typed=_typed
)
"""`in currency(money, "EUR", day)`."""


def converts(node: ast.Node) -> bool:
    """Whether an expression converts money."""
    return any(isinstance(part, ast.Call) and part.function == ast.Name(NAME) for part in ast.walk(node))
