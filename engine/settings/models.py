"""Language models as config/models.yaml states them."""

from typing import ClassVar, Literal

import msgspec

from engine.settings.values import Env, Text
from engine.source.kinds import Duration, Name
from engine.source.problem import Place


class Provider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One language model and how it is reached."""

    kind: Literal["openai", "anthropic"]
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
    """The longest answer."""
    place: Place = Place("")


class Models(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Providers by name, and which of them do what."""

    title_in_messages: ClassVar[str] = "list of models"

    format: Literal[1] = 1
    """The version of this file's form."""
    providers: dict[Name, Provider] = {}
    """The providers by name."""
    routes: dict[Name, tuple[Name, ...]] = {}
    """Purpose -> providers in the order they are tried; `template` is the deterministic one and needs none."""
    place: Place = Place("")
