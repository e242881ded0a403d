"""Runs a compiled mapping over records."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from engine.events import ChangeEvent, Record
from engine.feel import Env, to_value
from engine.mapping.coerce import Misfit, as_text, coerce, shown
from engine.mapping.compile import EntityProgram, FieldProgram
from engine.mapping.formula import Formula, Unusable
from engine.mapping.identifiers import identifier
from engine.model.structs import Field
from engine.ports import Mapped
from engine.source.problem import Place, Problem

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # mappings never read the clock, yet FEEL asks for one
_MOMENT = Field(type="datetime")


@dataclass(frozen=True, slots=True)
class CompiledMapping:
    """The mapper of one source; see `engine.ports.Mapper`."""

    streams: Mapping[str, tuple[EntityProgram, ...]]
    zone: tzinfo = UTC
    currency: str | None = None

    def map(self, record: Record) -> tuple[Mapped, ...] | Problem:
        """Return one Mapped for each entity that the record speaks of, or all that is wrong with it.

        A record that no longer fits a mapping's `when` takes back what it said before, as a deleted one does.
        """
        programs = self.streams.get(record.stream, ())
        if record.deleted:
            return tuple(_gone(record, program) for program in programs)
        run = _Run(self, record)
        mapped = tuple(run.entity(program) for program in programs)
        return run.problem() if run.faults else tuple(each for each in mapped if each)


class _Run:
    """One record on its way through the programs; `faults` collects what is wrong with it."""

    def __init__(self, mapping: CompiledMapping, record: Record) -> None:
        self.mapping = mapping
        self.record = record
        self.faults: list[str] = []
        self.places: list[Place] = []
        self.env = Env(_EPOCH, mapping.zone)
        self.data: dict[str, Any] = {}
        for name, value in record.data.items():
            try:
                self.data[name] = to_value(value)
            except TypeError as error:
                self.faults.append(f"{name}: {error}")

    def problem(self) -> Problem:
        record, count = self.record, len(self.faults)
        values = "one value" if count == 1 else f"{count} values"
        message = f"{values} of {record.address} cannot be used: " + "; ".join(self.faults)
        places = ", ".join(dict.fromkeys(map(str, self.places)))
        hint = "correct the record in its source" + (f", or the mapping at {places}" if places else "")
        if any("nothing here is called" in fault for fault in self.faults):
            hint += "; members that a record may leave out are listed as `fields` of the stream, and are null then"
        return Problem("bad-record", message, Place(record.origin or record.address), hint)

    def value(self, formula: Formula | None, name: str) -> Any:  # noqa: ANN401  (a FEEL value)
        if formula is None:
            return None
        try:
            return formula.value(self.data, self.env)
        except Unusable as error:
            self.fault(f"{name}: {error}", formula)
            return None

    def fault(self, text: str, formula: Formula) -> None:
        self.faults.append(text)
        self.places.append(formula.expression.place)

    def entity(self, program: EntityProgram) -> Mapped | None:
        before = len(self.faults)
        if program.when and self.value(program.when, f"{program.entity}, when") is not True:
            return _gone(self.record, program) if len(self.faults) == before else None
        keys = self.keys(program)
        fields = self.fields(program)
        proposed = self.proposed(program)
        valid_at = self.valid_at(program)
        if len(self.faults) > before:
            return None
        return _mapped(self.record, program, proposed, fields, keys, valid_at)

    def keys(self, program: EntityProgram) -> tuple[str, ...]:
        found = (
            identifier(scheme, as_text(self.value(formula, f"{program.entity}, key {scheme}")))
            for scheme, formula in program.keys.items()
        )
        return (self.record.address + program.suffix, *(key for key in found if key))

    def proposed(self, program: EntityProgram) -> str:
        if program.id is None:
            return f"{self.record.source}-{self.record.key}{program.suffix}"
        before = len(self.faults)
        found = as_text(self.value(program.id, f"{program.entity}, id"))
        if not found and len(self.faults) == before:
            self.fault(f"{program.entity}, id: expected text, found nothing", program.id)
        return found or ""

    def valid_at(self, program: EntityProgram) -> datetime | None:
        if program.valid_at is None:
            return self.record.valid_at
        value = self.value(program.valid_at, f"{program.entity}, valid_at")
        moment = coerce(value, _MOMENT, self.mapping.zone)
        if isinstance(moment, Misfit):
            self.misfit(f"{program.entity}, valid_at", moment, value, program.valid_at)
            return None
        return moment or self.record.valid_at

    def fields(self, program: EntityProgram) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for each in sorted(program.fields, key=lambda each: each.field.type == "money"):
            values[each.name] = self.field(program, each, values)
        return {each.name: values[each.name] for each in program.fields if each.kept}

    def field(self, program: EntityProgram, each: FieldProgram, values: Mapping[str, Any]) -> Any:  # noqa: ANN401
        name = f"{program.entity}.{each.name}"
        value = self.value(each.formula, name)
        if each.link:
            text = as_text(value)
            return identifier(each.link.scheme, text) if each.link.scheme else text and each.link.prefix + text
        result = coerce(value, each.field, self.mapping.zone, self.currency(each.field, values))
        if isinstance(result, Misfit):
            self.misfit(name, result, value, each.formula)
            return None
        return result

    def currency(self, field: Field, values: Mapping[str, Any]) -> str | None:
        if field.currency_field and field.currency_field in values:
            return values[field.currency_field] or None
        return field.currency or (None if field.currency_field else self.mapping.currency)

    def misfit(self, name: str, misfit: Misfit, value: Any, formula: Formula) -> None:  # noqa: ANN401
        self.fault(f"{name}: expected {misfit.expected}, found {shown(value)}", formula)


def _gone(record: Record, program: EntityProgram) -> Mapped:
    proposed = f"{record.source}-{record.key}{program.suffix}"
    return _mapped(record, program, proposed, {}, (record.address + program.suffix,), record.valid_at, deleted=True)


def _mapped(
    record: Record,
    program: EntityProgram,
    proposed: str,
    fields: dict[str, Any],
    keys: tuple[str, ...],
    valid_at: datetime | None,
    *,
    deleted: bool = False,
) -> Mapped:
    event = ChangeEvent(
        entity=program.entity,
        id=proposed,
        record=record.address + program.suffix,
        fields=fields,
        keys=keys,
        version=record.version,
        valid_at=valid_at,
        deleted=deleted,
    )
    return Mapped(event=event, proposed_id=proposed, strong=keys)
