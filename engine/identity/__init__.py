"""Which entity a record speaks of: by exact identifiers first, then by what parties are called and how they are reached."""

from engine.identity.exact import identify

__all__ = ["identify"]
