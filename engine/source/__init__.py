"""Reading what people write: YAML with places, and problems as data."""

from engine.source.expression import Expression
from engine.source.problem import ConfigError, Place, Problem

__all__ = ["ConfigError", "Expression", "Place", "Problem"]
