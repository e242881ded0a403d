"""Language models that write words: one file a provider."""

from connectors.llm.provider import Provider, open_drafter

__all__ = ["Provider", "open_drafter"]
