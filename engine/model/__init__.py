"""The unified model: entity types, their fields, and what FEEL knows of them."""

from engine.model.check import check_model
from engine.model.structs import EntityType, Field, Model
from engine.model.types import collections, context_types, feel_types, field_type, with_actions

__all__ = [
    "EntityType",
    "Field",
    "Model",
    "check_model",
    "collections",
    "context_types",
    "feel_types",
    "field_type",
    "with_actions",
]
