"""Runs a compiled mapping over records."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any

from engine.events import ChangeEvent, Record
from engine.feel import Env, to_value
from engine.mapping.coerce import Misfit, as_text, coerce, shown
from engine.mapping.compile import EntityProgram, FieldProgram, Link
from engine.mapping.formula import Formula, Unusable
from engine.mapping.identifiers import identifier
from engine.mapping.rows import document, row_address
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
            return tuple(_gone(record, program) for program in programs if program.each is None)
        run = _Run(self, record)
        mapped = [each for program in programs for each in run.entities(program)]
        return run.problem() if run.faults else tuple(mapped)

    def rows(self, stream: str) -> Collection[str]:
        """Return the entity types of which the stream's records tell row by row."""
        return {program.entity for program in self.streams.get(stream, ()) if program.each is not None}

    def record(self, address: str) -> str:
        """Return the address of the record that told of an entity under this address."""
        _, _, rest = address.partition("/")
        for program in self.streams.get(rest.partition("/")[0], ()):
            if program.each is not None:
                address = document(address)
            elif program.suffix and address.endswith(program.suffix):
                return address.removesuffix(program.suffix)
        return address


class _Run:
    """One record on its way through the programs; `faults` collects what is wrong with it."""

    def __init__(self, mapping: CompiledMapping, record: Record) -> None:
        self.mapping = mapping
        self.record = record
        self.faults: list[str] = []
        self.places: list[Place] = []
        self.env = Env(_EPOCH, mapping.zone)
        self.address = record.address
        self.proposal = f"{record.source}-{record.key}"
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

    def entities(self, program: EntityProgram) -> Iterator[Mapped]:
        if program.each is None:
            self.address = self.record.address + program.suffix
            self.proposal = f"{self.record.source}-{self.record.key}{program.suffix}"
            found = self.entity(program)
            if found is not None:
                yield found
            return
        data, met = self.data, set[str]()
        for index, item in enumerate(self.items(program, program.each), 1):
            self.data = {**data, "item": item, "index": Decimal(index)}
            if self.at_row(program, index, met):
                found = self.entity(program)
                if found is not None and not found.event.deleted:
                    yield found
        self.data = data

    def items(self, program: EntityProgram, each: Formula) -> Sequence[Any]:
        """Return the list in the record; a single context is a list of one, as some systems write it."""
        found = self.value(each, f"{program.entity}, each")
        if found is None or isinstance(found, list):
            return found or ()
        if isinstance(found, dict):
            return (found,)
        self.fault(f"{program.entity}, each: expected a list, found {shown(found)}", each)
        return ()

    def at_row(self, program: EntityProgram, index: int, met: set[str]) -> bool:
        """Go to a row; False when it has no key of its own."""
        formula, name = program.row, f"{program.entity}, row {index}"
        if formula is None:
            return False
        before = len(self.faults)
        row = as_text(self.value(formula, name))
        if not row or row in met:
            if len(self.faults) == before:
                self.fault(f"{name}: " + (f"key {row} stands twice" if row else "it has no key"), formula)
            return False
        met.add(row)
        self.address = row_address(self.record.address, row, program.suffix)
        self.proposal = (
            f"{self.record.source}-{self.address.removeprefix(f'{self.record.source}/{self.record.stream}/')}"
        )
        return True

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
        return _mapped(self.record, program.entity, self.address, proposed, fields, keys, valid_at)

    def keys(self, program: EntityProgram) -> tuple[str, ...]:
        found = (
            identifier(scheme, as_text(self.value(formula, f"{program.entity}, key {scheme}")))
            for scheme, formula in program.keys.items()
        )
        return (self.address, *(key for key in found if key))

    def proposed(self, program: EntityProgram) -> str:
        if program.id is None:
            return self.proposal
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
            return self.reference(each.link, as_text(value), name)
        result = coerce(value, each.field, self.mapping.zone, self.currency(each.field, values))
        if isinstance(result, Misfit):
            self.misfit(name, result, value, each.formula)
            return None
        return result

    def reference(self, link: Link, text: str | None, name: str) -> str | None:
        if link.scheme:
            return identifier(link.scheme, text)
        if not text or link.row is None:
            return text and link.prefix + text
        row = as_text(self.value(link.row, name))
        return row and row_address(link.prefix + text, row)

    def currency(self, field: Field, values: Mapping[str, Any]) -> str | None:
        if field.currency_field and field.currency_field in values:
            return values[field.currency_field] or None
        return field.currency or (None if field.currency_field else self.mapping.currency)

    def misfit(self, name: str, misfit: Misfit, value: Any, formula: Formula) -> None:  # noqa: ANN401
        self.fault(f"{name}: expected {misfit.expected}, found {shown(value)}", formula)


def _gone(record: Record, program: EntityProgram) -> Mapped:
    proposed, address = f"{record.source}-{record.key}{program.suffix}", record.address + program.suffix
    return _mapped(record, program.entity, address, proposed, {}, (address,), record.valid_at, deleted=True)


def _mapped(
    record: Record,
    entity: str,
    address: str,
    proposed: str,
    fields: dict[str, Any],
    keys: tuple[str, ...],
    valid_at: datetime | None,
    *,
    deleted: bool = False,
) -> Mapped:
    event = ChangeEvent(
        entity=entity,
        id=proposed,
        record=address,
        fields=fields,
        keys=keys,
        version=record.version,
        valid_at=valid_at,
        deleted=deleted,
    )
    return Mapped(event=event, proposed_id=proposed, strong=keys)
