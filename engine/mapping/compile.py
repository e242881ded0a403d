"""From mappings/*.yaml to programs: every fault at once, then what a mapper runs for each record."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.feel import FeelError, HostFunction
from engine.mapping.formula import Formula
from engine.mapping.rows import ROW_NAMES
from engine.mapping.structs import EntityMapping, FieldMapping, SourceMapping
from engine.model import faults
from engine.model.structs import EntityType, Field, Model
from engine.settings.sources import SourceSettings
from engine.source.excerpt import did_you_mean, excerpt
from engine.source.expression import Expression
from engine.source.locate import Index
from engine.source.problem import Place, Problem

Kept = frozenset[tuple[str, str]]
"""The (entity type, field) pairs that rules read; everything else stays in its source system."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a reference points: `prefix` of a record address, and `row` in it, or the scheme of an identifier."""

    prefix: str = ""
    scheme: str = ""
    row: Formula | None = None


@dataclass(frozen=True, slots=True)
class FieldProgram:
    """How one field is filled; `kept` tells whether it is emitted or only needed for the currency of another."""

    name: str
    field: Field
    formula: Formula
    link: Link | None = None
    kept: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityProgram:
    """What one mapping of a stream does with a record."""

    entity: str
    id: Formula | None
    keys: Mapping[str, Formula]
    when: Formula | None
    valid_at: Formula | None
    fields: tuple[FieldProgram, ...]
    suffix: str = ""
    each: Formula | None = None
    row: Formula | None = None


@dataclass
class Compilation:
    """One mapping file on its way to programs; `problems` collects what is wrong."""

    mapping: SourceMapping
    model: Model
    source: SourceSettings | None = None
    keep: Kept | None = None
    text: str = ""
    index: Index = field(default_factory=Index)
    functions: Mapping[str, HostFunction] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def streams(self) -> dict[str, tuple[EntityProgram, ...]]:
        """Return the programs of each stream."""
        result: dict[str, tuple[EntityProgram, ...]] = {}
        for stream, mappings in self.mapping.streams.items():
            columns = self._columns(stream, self.index.key(self.mapping.place, "streams", stream))
            programs: list[EntityProgram] = []
            for mapping in mappings:
                same = sum(1 for each in programs if each.entity == mapping.entity)
                program = self._entity(mapping, columns, f"#{same + 1}" if same else "")
                programs += [program] if program else []
            result[stream] = tuple(programs)
        return result

    def _columns(self, stream: str, place: Place) -> Sequence[str]:
        if self.source is None:
            return ()
        settings = self.source.told.get(stream)
        if settings is None:
            known = self.source.told
            message = f"{self.mapping.source} has no stream `{stream}`{did_you_mean(stream, known)}"
            self._fault("unknown-stream", message, place, f"known: {', '.join(known) or 'none'}")
            return ()
        return (*settings.fields, *settings.rows) if settings.fields else ()

    def _entity(self, mapping: EntityMapping, columns: Sequence[str], suffix: str) -> EntityProgram | None:
        entity = self.model.entities.get(mapping.entity)
        if entity is None:
            known = self.model.entities
            message = f"`{mapping.entity}` is no entity type of the model{did_you_mean(mapping.entity, known)}"
            place = self.index.value(mapping.place, "entity")
            self._fault("unknown-entity", message, place, f"known: {', '.join(known)}")
        each = self._optional(mapping.each, columns)
        columns = self._row_columns(mapping, columns)
        keys = {scheme: self._formula(value, columns) for scheme, value in mapping.keys.items()}
        fields = [program for each in self._fields(mapping, entity, columns) for program in [each] if program]
        return EntityProgram(
            entity=mapping.entity,
            id=self._optional(mapping.id, columns),
            keys={scheme: formula for scheme, formula in keys.items() if formula},
            when=self._optional(mapping.when, columns),
            valid_at=self._optional(mapping.valid_at, columns),
            fields=tuple(fields),
            suffix=suffix,
            each=each,
            row=self._optional(mapping.row, columns),
        )

    def _row_columns(self, mapping: EntityMapping, columns: Sequence[str]) -> Sequence[str]:
        """Return what the formulas of a mapping may read; `each` and `row` go together."""
        if mapping.each is None:
            if mapping.row is not None:
                self._fault("rows-unclear", "`row` names the items of a list; say which list", mapping.row.place,
                            "write each: LIST beside it")  # fmt: skip
            return columns
        place = mapping.each.place
        if mapping.row is None:
            hint = "write row: item.FIELD, or row: index where an item is known by its place alone"
            self._fault("rows-unclear", "each item needs a key, so that it is known again", place, hint)
        if taken := [name for name in ROW_NAMES if name in columns]:
            message = f"`{taken[0]}` is a column of the stream, and stands for the list's items here"
            self._fault("rows-unclear", message, place, "leave it out of the stream's `fields`")
        return (*columns, *ROW_NAMES) if columns else columns

    def _fields(
        self, mapping: EntityMapping, entity: EntityType | None, columns: Sequence[str]
    ) -> Iterator[FieldProgram | None]:
        needed = self._needed(mapping.entity, entity)
        for name, value in mapping.fields.items():
            formula = self._formula(value.key or value.value or Expression("null"), columns)
            declared = self._declared(mapping, entity, name, value)
            link = self._link(value, columns) if value.key else None
            if formula and declared and name in needed:
                yield FieldProgram(name, declared, formula, link, needed[name])

    def _needed(self, type: str, entity: EntityType | None) -> dict[str, bool]:
        """Map each field that must be computed to whether it is emitted."""
        fields = entity.fields if entity else {}
        kept = {name: True for name in fields if self.keep is None or (type, name) in self.keep}
        currencies = [fields[name].currency_field for name in kept]
        return {name: False for name in currencies if name} | kept

    def _declared(
        self, mapping: EntityMapping, entity: EntityType | None, name: str, value: FieldMapping
    ) -> Field | None:
        if entity is None:
            return None
        type, place = mapping.entity, self.index.key(mapping.place, "fields", name)
        declared = entity.fields.get(name)
        if declared is None:
            message = f"`{name}` is no field of {type}{did_you_mean(name, entity.fields)}"
            self._fault("unknown-field", message, place, f"known: {', '.join(entity.fields)}")
        elif declared.derived or declared.concluded:
            what = "derived from other fields" if declared.derived else "concluded by rules"
            self._fault("not-mappable", f"{type}.{name} is {what}; a mapping cannot fill it", place)
        elif declared.ref and not value.key:
            hint = f"write {name}: {{key: COLUMN, stream: STREAM}} or {{key: COLUMN, scheme: SCHEME}}"
            message = f"{type}.{name} refers to a {declared.ref}; say which record or identifier it points at"
            self._fault("reference-expected", message, value.place, hint)
        elif value.key and not declared.ref:
            self._fault("no-reference", f"{type}.{name} is no reference, it takes FEEL", value.place)
        else:
            return declared
        return None

    def _link(self, value: FieldMapping, columns: Sequence[str]) -> Link:
        if value.row and value.scheme:
            self._fault("reference-target", "an identifier has no rows", value.row.place, "`row` belongs to `stream`")
        if bool(value.stream) == bool(value.scheme):
            hint = "`stream` when the column holds another record's key, `scheme` when it holds an identifier"
            self._fault("reference-target", "a reference needs one of `stream` and `scheme`", value.place, hint)
        return (
            Link(f"{value.source or self.mapping.source}/{value.stream}/", row=self._optional(value.row, columns))
            if value.stream
            else Link("", value.scheme or "")
        )

    def _optional(self, expression: Expression | None, columns: Sequence[str]) -> Formula | None:
        return self._formula(expression, columns) if expression else None

    def _formula(self, expression: Expression, columns: Sequence[str]) -> Formula | None:
        try:
            formula = Formula(expression, columns, self.functions)
        except FeelError as error:
            self.problems += faults.problems(
                error, expression, self.text, {f"{self.mapping.source}": columns}, "column"
            )
            return None
        if formula.reads_clock():
            hint = "leave it to the model: a derived field may use today() and now()"
            self._fault("clock-in-mapping", "a mapping cannot depend on the clock", expression.place, hint)
        return formula

    def _fault(self, code: str, message: str, place: Place, hint: str = "") -> None:
        self.problems.append(Problem(code, message, place, hint, excerpt(self.text, place) if self.text else ""))
