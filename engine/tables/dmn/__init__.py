"""DMN files (versions 1.1 to 1.5): evaluated as they are, and carried over into tables."""

from engine.tables.dmn.model import Model, evaluate_model
from engine.tables.dmn.read import read_dmn
from engine.tables.dmn.xml import DmnError

__all__ = ["DmnError", "Model", "evaluate_model", "read_dmn"]
