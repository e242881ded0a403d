"""What a model is told, by its digest: the same question is known by it, whoever is asked."""

import hashlib

import msgspec

from engine.ports import Ask


def digest(ask: Ask) -> str:
    """Return the SHA-256 of all that a model is told."""
    return hashlib.sha256(msgspec.json.encode(ask, order="sorted")).hexdigest()
