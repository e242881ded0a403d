"""Decision tables (DMN 1.5, chapter 8): read, compiled, checked, and callable by name from any expression."""

from engine.tables.compile import compile_table
from engine.tables.structs import InputClause, OutputClause, Row, Table
from engine.tables.table import DecisionTable

__all__ = ["DecisionTable", "InputClause", "OutputClause", "Row", "Table", "compile_table"]
