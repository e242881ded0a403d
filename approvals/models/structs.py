"""What config/models.yaml says of providers and routes, as calls read it."""

from datetime import timedelta
from decimal import Decimal
from typing import Literal

import msgspec

TEMPLATE = "template"
"""The provider that needs no model; a route ends where it stands."""

Replay = Literal["never", "prefer", "only"]


class PerDay(msgspec.Struct, frozen=True, kw_only=True):
    """At most so much in one day of the company's; None without limit."""

    calls: int | None = None
    tokens: int | None = None
    cost: Decimal | None = None


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider can, and what it costs for a million tokens in and out; `context` in tokens."""

    can: frozenset[str] = frozenset()
    context: int | None = None
    max_tokens: int = 1000
    price_in: Decimal = Decimal(0)
    price_out: Decimal = Decimal(0)
    per_day: PerDay = PerDay()

    def cost(self, tokens_in: int, tokens_out: int) -> Decimal:
        """Return what so many tokens cost."""
        return (self.price_in * tokens_in + self.price_out * tokens_out) / 1_000_000


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asked in which order for one step; `within` is for all of them together, `max_cost` for one call."""

    providers: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    within: timedelta | None = None
    max_cost: Decimal | None = None
    per_day: PerDay = PerDay()


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of the agreed form; `replayed` when it was read from the journal."""

    value: dict[str, object]
    provider: str
    model: str
    tokens_in: int = 0
    tokens_out: int = 0
    replayed: bool = False


class About(msgspec.Struct, frozen=True):
    """What a call is filed under: journal subjects, and the person whose key protects it."""

    subjects: tuple[str, ...] = ()
    person: str = ""
    revision: str = ""
