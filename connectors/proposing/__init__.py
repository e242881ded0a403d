"""A first manifest and mapping for a system that nobody here has seen, from its own description."""

from connectors.proposing.draft import Draft, StreamDraft
from connectors.proposing.mapping import mapping_of
from connectors.proposing.metadata import from_metadata
from connectors.proposing.openapi import from_openapi
from connectors.proposing.tables import from_database

__all__ = ["Draft", "StreamDraft", "from_database", "from_metadata", "from_openapi", "mapping_of"]
