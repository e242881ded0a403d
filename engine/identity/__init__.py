"""Which entity a record speaks of: by exact identifiers first, then by name and contact."""

from engine.identity.exact import identify
from engine.identity.resolver import Judged, Pair, Resolver, State, compared, evidence_of
from engine.identity.rows import tell

__all__ = ["Judged", "Pair", "Resolver", "State", "compared", "evidence_of", "identify", "tell"]
