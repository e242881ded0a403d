"""A DMN model as it was read (DMN 1.5, chapters 6, 7 and 10)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal as OneOf

from engine.tables.structs import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxed:
    """Any boxed expression; `type_ref` is the type that its result is made to fit, empty for any."""

    type_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal(Boxed):
    """FEEL text, or text in a language that is not run."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLogic(Boxed):
    """A decision table; `input_types` and `output_types` are the columns' type references."""

    table: Table
    input_types: tuple[str, ...] = ()
    output_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Variable:
    """A name with a type reference."""

    name: str
    type_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextLogic(Boxed):
    """Entries in order; one without a variable is the result."""

    entries: tuple[tuple[Variable | None, Boxed], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation(Boxed):
    """A call with named arguments."""

    function: Boxed
    bindings: tuple[tuple[Variable, Boxed], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLogic(Boxed):
    """A list of expressions."""

    items: tuple[Boxed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation(Boxed):
    """A list of contexts, one for each row."""

    columns: tuple[Variable, ...]
    rows: tuple[tuple[Boxed, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionLogic(Boxed):
    """A function; `kind` is FEEL, Java or PMML, and only FEEL is run."""

    parameters: tuple[Variable, ...]
    body: Boxed
    kind: str = "FEEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional(Boxed):
    """`if` as a box."""

    condition: Boxed
    yes: Boxed
    no: Boxed


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterLogic(Boxed):
    """A filter as a box."""

    source: Boxed
    match: Boxed


@dataclass(frozen=True, slots=True, kw_only=True)
class Iteration(Boxed):
    """`for`, `some` or `every` as a box."""

    kind: OneOf["for", "some", "every"]
    variable: str
    source: Boxed
    body: Boxed


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDefinition:
    """A named type, or a component of one."""

    name: str
    type_ref: str = ""
    allowed: str = ""
    constraint: str = ""
    collection: bool = False
    components: tuple["ItemDefinition", ...] = ()
    function: tuple[tuple[str, ...], str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputData:
    """A value from outside."""

    id: str
    variable: Variable


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision with the ids of what it requires; `aliases` are names that other tools give its result."""

    id: str
    name: str
    variable: Variable
    body: Boxed | None
    inputs: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """A business knowledge model: a function."""

    id: str
    name: str
    variable: Variable
    function: FunctionLogic
    knowledge: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A decision service: a function of its input data and input decisions, by their ids."""

    id: str
    name: str
    variable: Variable
    outputs: tuple[str, ...]
    input_data: tuple[str, ...] = ()
    input_decisions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """A whole model; everything but the items is by its id. `left_out` says in words what was not read."""

    name: str
    items: Mapping[str, ItemDefinition] = field(default_factory=dict)
    inputs: Mapping[str, InputData] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    knowledge: Mapping[str, Knowledge] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
