"""The shipped model that a home may extend, so that what every company has is named alike everywhere.

It becomes one more text of the home, and so of its bundles: a journal is read again under the model it was written
under, whatever a later version ships.
"""

from collections.abc import Mapping
from importlib.resources import files
from typing import Final

import msgspec

from engine.model.structs import EntityType, Model

BASE: Final = "config/base.yaml"
"""Where the base stands among a home's files; a home that has one of its own is read with that."""


_KEYS: Final = ("root", "label", "person", "identity", "rates", "about")


def shipped() -> bytes:
    """Return the base as this version brings it."""
    return files("engine.model").joinpath("base.yaml").read_bytes()


def extended(model: Model, base: Model) -> Model:
    """Return the base with what a home adds: new types, new fields, and its own word where both speak of one."""
    entities = dict(base.entities)
    for name, entity in model.entities.items():
        known = entities.get(name)
        entities[name] = entity if known is None else _over(known, entity)
    return msgspec.structs.replace(model, entities=entities)


def _over(base: EntityType, own: EntityType) -> EntityType:
    def said(name: str) -> object:
        return getattr(own, name) or getattr(base, name)

    own_keys: Mapping[str, object] = {
        name: said(name) for name in ("root", "label", "person", "identity", "rates", "about")
    }
    return msgspec.structs.replace(own, fields={**base.fields, **own.fields}, **own_keys)
