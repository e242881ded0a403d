"""Mappings: what the records of source systems say of the entities of the model."""

from collections.abc import Mapping
from datetime import UTC, tzinfo

from engine.feel import HostFunction
from engine.mapping.compile import Compilation, Kept
from engine.mapping.functions import FUNCTIONS
from engine.mapping.identifiers import identifier
from engine.mapping.mapper import CompiledMapping
from engine.mapping.structs import EntityMapping, FieldMapping, SourceMapping
from engine.model.structs import Model
from engine.settings.sources import SourceSettings
from engine.source.locate import Index
from engine.source.problem import ConfigError, Problem

__all__ = [
    "FUNCTIONS",
    "CompiledMapping",
    "EntityMapping",
    "FieldMapping",
    "Kept",
    "SourceMapping",
    "check_mapping",
    "compile_mapping",
    "identifier",
]


def compile_mapping(
    mapping: SourceMapping,
    model: Model,
    source: SourceSettings | None = None,
    *,
    keep: Kept | None = None,
    zone: tzinfo = UTC,
    currency: str | None = None,
    functions: Mapping[str, HostFunction] | None = None,
) -> CompiledMapping:
    """Return the mapper of a source; raises ConfigError with everything that is wrong with the mapping.

    `keep`: only these fields are emitted. `currency`: of money whose field names none. `zone` makes the day.
    `functions` are decision tables that formulas may call besides the mapping functions.
    """
    compilation = Compilation(mapping, model, source, keep, functions=functions or {})
    streams = compilation.streams()
    if compilation.problems:
        raise ConfigError(tuple(compilation.problems))
    return CompiledMapping(streams, zone, currency)


def check_mapping(
    mapping: SourceMapping,
    model: Model,
    source: SourceSettings | None,
    text: str = "",
    index: Index | None = None,
    *,
    functions: Mapping[str, HostFunction] | None = None,
) -> list[Problem]:
    """Return everything that is wrong with a mapping; `text` is its file, `index` finds the places of its keys."""
    compilation = Compilation(mapping, model, source, text=text, index=index or Index(), functions=functions or {})
    compilation.streams()
    return compilation.problems
