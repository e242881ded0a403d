"""Language models: one file a provider, one port for all."""

from connectors.llm.provider import Provider, open_model

__all__ = ["Provider", "open_model"]
