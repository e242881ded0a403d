"""The providers there are, and what each is told in models.yaml."""

from datetime import timedelta
from typing import Annotated, Literal

import msgspec

from connectors.strict import Settings
from engine.ports import Model


class Provider(Settings, frozen=True, kw_only=True):
    """One model. `base_url`: the address when it is not the provider's own; `timeout`: for the whole answer.

    `schema`: whether the server can be held to a JSON schema; without it the answer is checked only afterwards.
    """

    kind: Literal["openai", "anthropic", "google-genai"]
    model: str
    base_url: str | None = None
    api_key: str | None = None
    timeout: timedelta = timedelta(seconds=30)
    max_tokens: Annotated[int, msgspec.Meta(ge=1)] = 1000
    schema: bool = True


def open_model(name: str, provider: Provider) -> Model:
    """Return the model behind a provider; raises ImportError when its extra is not installed."""
    if provider.kind == "anthropic":
        from connectors.llm.anthropic import AnthropicModel

        return AnthropicModel(name, provider)
    if provider.kind == "google-genai":
        from connectors.llm.google import GoogleModel

        return GoogleModel(name, provider)
    from connectors.llm.openai import OpenAIModel

    return OpenAIModel(name, provider)
