"""The base of everything that is read from sources.yaml."""

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything read from sources.yaml; a misspelt key is an error."""
