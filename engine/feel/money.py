"""Money, the one type here that DMN does not know: a number with a currency."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency; compared with a plain number it is its amount, with another currency it is a fault."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"


class CurrencyMismatch(ValueError):
    """Two currencies in one operation."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second} cannot be combined")
