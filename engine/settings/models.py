"""Language models as config/models.yaml states them."""

from decimal import Decimal
from typing import ClassVar, Literal

import msgspec

from engine.settings.values import Env, Text
from engine.source.kinds import Currency, Duration, Name
from engine.source.problem import Place


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"in_": "in"}):
    """The price of a million tokens, in the currency of this file."""

    in_: Decimal | None = None
    """Of what is asked."""
    out: Decimal | None = None
    """Of what is answered."""


class PerDay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A budget for each day of the company's; when it is spent, the next in the route is asked."""

    calls: int | None = None
    """How many calls."""
    tokens: int | None = None
    """How many tokens, asked and answered."""
    cost: Decimal | None = None
    """How much money, in the currency of this file."""


class Provider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One language model and how it is reached."""

    kind: Literal["openai", "anthropic", "google-genai"]
    """The protocol it speaks."""
    model: Text
    """The model's name at the provider."""
    base_url: Text | None = None
    """The address, when it is not the provider's own."""
    api_key: Env | None = None
    """The key."""
    timeout: Duration = "PT30S"
    """How long an answer may take."""
    max_tokens: int = 1000
    """The longest answer, in tokens."""
    can: frozenset[Name] = frozenset({"schema"})
    """What it is able to: `schema` (it can be held to a JSON schema), and names of your own that routes need."""
    context: int | None = None
    """How many tokens question and answer may have together."""
    price: Price = Price()
    """What it costs."""
    per_day: PerDay = PerDay()
    """How much it may be used in a day."""
    place: Place = Place("")


class Route(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is asked for one step, and within which limits."""

    providers: tuple[Name, ...]
    """Who is asked, in this order; `template` is the deterministic one, needs no model and ends the list."""
    needs: frozenset[Name] = frozenset()
    """What a provider must be able to (its `can`) to be asked."""
    within: Duration | None = None
    """How long the step may take with all providers together."""
    max_cost: Decimal | None = None
    """What one call may cost at most, by estimate; who may cost more is passed over."""
    per_day: PerDay = PerDay()
    """How much the step may use in a day."""
    place: Place = Place("")


class Models(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Providers by name, and which of them do what."""

    title_in_messages: ClassVar[str] = "list of models"

    format: Literal[1] = 1
    """The version of this file's form."""
    providers: dict[Name, Provider] = {}
    """The providers by name."""
    routes: dict[Name, tuple[Name, ...] | Route] = {}
    """Step (`draft`, `read`, `judge`) -> who is asked: providers in order, or with limits."""
    replay: Literal["never", "prefer", "only"] = "never"
    """Whether an answer that is in the journal already is taken for the same prompt, or nothing else."""
    currency: Currency = "USD"
    """The currency of prices and costs."""
    place: Place = Place("")

    def route(self, step: str) -> Route:
        """Return the route of a step; one without providers when there is none."""
        found = self.routes.get(step, ())
        return found if isinstance(found, Route) else Route(providers=found)
