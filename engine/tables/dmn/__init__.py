"""DMN files (versions 1.1 to 1.5): evaluated as they are, and carried over into tables."""

from engine.tables.dmn.carry import Carried, carry
from engine.tables.dmn.model import Model, evaluate_model
from engine.tables.dmn.read import read_dmn
from engine.tables.dmn.report import report
from engine.tables.dmn.xml import DmnError

__all__ = ["Carried", "DmnError", "Model", "carry", "evaluate_model", "read_dmn", "report"]
