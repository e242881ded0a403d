"""The providers there are, and what each is told in models.yaml."""

from datetime import timedelta
from typing import Annotated, Literal

import msgspec

from connectors.settings import Settings
from engine.ports import Drafter


class Provider(Settings, frozen=True, kw_only=True):
    """One model. `base_url`: the address when it is not the provider's own; `timeout`: for the whole answer.

    `schema`: whether the server can be held to a JSON schema; without it the answer is checked only afterwards.
    """

    kind: Literal["openai", "anthropic"]
    model: str
    base_url: str | None = None
    api_key: str | None = None
    timeout: timedelta = timedelta(seconds=30)
    max_tokens: Annotated[int, msgspec.Meta(ge=1)] = 1000
    schema: bool = True


def open_drafter(name: str, provider: Provider) -> Drafter:
    """Return the drafter for a provider; raises ImportError when its extra is not installed."""
    if provider.kind == "anthropic":
        from connectors.llm.anthropic import AnthropicDrafter

        return AnthropicDrafter(name, provider)
    from connectors.llm.openai import OpenAIDrafter

    return OpenAIDrafter(name, provider)
