"""Decision tables as rules/*/tables/*.yaml and *.csv state them (DMN 1.5, chapter 8)."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

import msgspec

from engine.source.expression import Expression
from engine.source.kinds import FieldName
from engine.source.problem import Place

HitPolicy = Literal["U", "A", "P", "F", "R", "O", "C", "C+", "C<", "C>", "C#"]
Written = Literal[
    "UNIQUE",
    "ANY",
    "PRIORITY",
    "FIRST",
    "RULE ORDER",
    "OUTPUT ORDER",
    "COLLECT",
    "COLLECT +",
    "COLLECT <",
    "COLLECT >",
    "COLLECT #",
    "COLLECT SUM",
    "COLLECT MIN",
    "COLLECT MAX",
    "COLLECT COUNT",
    "U",
    "A",
    "P",
    "F",
    "R",
    "O",
    "C",
    "C+",
    "C<",
    "C>",
    "C#",
]
UnaryTests = Annotated[Expression, msgspec.Meta(extra={"kind": "FEEL tests"})]
TypeText = Annotated[Expression, msgspec.Meta(extra={"kind": "FEEL type"})]

POLICIES: Mapping[str, HitPolicy] = {
    "UNIQUE": "U",
    "ANY": "A",
    "PRIORITY": "P",
    "FIRST": "F",
    "RULE ORDER": "R",
    "OUTPUT ORDER": "O",
    "COLLECT": "C",
    "COLLECT SUM": "C+",
    "COLLECT MIN": "C<",
    "COLLECT MAX": "C>",
    "COLLECT COUNT": "C#",
    "COLLECT +": "C+",
    "COLLECT <": "C<",
    "COLLECT >": "C>",
    "COLLECT #": "C#",
    "U": "U",
    "A": "A",
    "P": "P",
    "F": "F",
    "R": "R",
    "O": "O",
    "C": "C",
    "C+": "C+",
    "C<": "C<",
    "C>": "C>",
    "C#": "C#",
}
"""Every way to write a hit policy."""


class InputClause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One input column."""

    title_in_messages: ClassVar[str] = "input"
    short_form: ClassVar[str] = "expression"

    expression: Expression
    """What is tested: FEEL over the fields of `for`, or the name under which callers give the value."""
    label: str | None = None
    """The name for callers and cells; without it the expression itself."""
    type: TypeText | None = None
    """A FEEL type; without it the expression's, or that of the cells."""
    values: tuple[UnaryTests, ...] = ()
    """What the input may be, as FEEL tests; anything else is a fault."""
    place: Place = Place("")

    @property
    def name(self) -> str:
        """The name for callers and cells."""
        return self.label or " ".join(self.expression.text.split())


class OutputClause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One output column."""

    title_in_messages: ClassVar[str] = "output"
    short_form: ClassVar[str] = "name"

    name: str = ""
    """The entry's name in the result when there are several outputs."""
    type: TypeText | None = None
    """A FEEL type; without it that of the entries."""
    values: tuple[UnaryTests, ...] = ()
    """What the output may be, the most important first: the order of PRIORITY and OUTPUT ORDER."""
    default: Expression | None = None
    """The value when no row matches."""
    place: Place = Place("")


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule of the table."""

    title_in_messages: ClassVar[str] = "row"

    when: tuple[UnaryTests, ...] = ()
    """One cell for each input: FEEL tests, or `-` for anything."""
    then: tuple[Expression, ...] = ()
    """One cell for each output: FEEL over the inputs."""
    note: str = ""
    """What the row is for, for people."""
    place: Place = Place("")


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"for_": "for"}):
    """One decision table, which any expression of the home can call by its name."""

    title_in_messages: ClassVar[str] = "table"

    format: Literal[1] = 1
    """The version of this file's form."""
    name: str = ""
    """The function's name; without it the file's."""
    for_: FieldName | None = None
    """The entity type whose fields the input expressions read; without it callers give the values by name."""
    hit: Written = "U"
    """What happens when several rows match (DMN 1.5, 8.2.10)."""
    about: str = ""
    """What the table is for, for people."""
    inputs: tuple[InputClause, ...] = ()
    """The input columns, in the order in which callers give them."""
    outputs: tuple[OutputClause, ...]
    """The output columns."""
    rows: tuple[Row, ...] = ()
    """The rules; their order matters for FIRST and RULE ORDER alone."""
    place: Place = Place("")

    @property
    def policy(self) -> HitPolicy:
        """The hit policy's letter."""
        return POLICIES[self.hit]
