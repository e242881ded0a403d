"""Rows to records, or to quarantine items with file and line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from connectors.files.rows import Row
from connectors.files.settings import FileStream
from connectors.formula import Formula, FormulaFault
from connectors.settings import Surroundings
from connectors.values import digest, key_of, moment, plain
from engine.events import Record
from engine.ports import Rejected
from engine.source import Place, Problem


@dataclass(frozen=True, slots=True)
class Records:
    """Makes the records of one stream; formulas are keyed by the setting they stand in."""

    source: str
    stream: str
    file: str
    settings: FileStream
    zone: tzinfo
    formulas: Mapping[str, Formula]
    appears: Mapping[str, Formula]

    def record(self, row: Row, keys: dict[str, int]) -> Record | Rejected | None:
        """Return the record of a row, None when it does not pass `where`; `keys` gathers key -> line."""
        if row.cells is None:
            return self.rejected(row, *row.fault)
        data = plain(row.cells, self.zone)
        try:
            key = self._key(data)
        except KeyError as error:
            return self.rejected(row, "missing-key", f"there is no {error.args[0]}")
        if not key.replace("|", "").strip():
            return self.rejected(row, "missing-key", "the key is empty")
        if (line := keys.setdefault(key, row.line)) != row.line:
            return self.rejected(row, "duplicate-key", f"key {key} stands in line {line} already; that one is used")
        try:
            return self._record(row, key, data)
        except FormulaFault as fault:
            return self.rejected(row, "faulty-expression", str(fault))

    def rejected(self, row: Row, code: str, message: str, hint: str = "") -> Rejected:
        """Return the quarantine item for a row; its key is its place."""
        place = Place(self.file, row.line, 1)
        problem = Problem(code=code, message=message, place=place, hint=hint)
        return Rejected(
            source=self.source, stream=self.stream, key=f"{self.file}:{row.line}", raw=row.raw, problem=problem
        )

    def guessed(self, row: Row) -> Rejected:
        """Note that a line was no UTF-8 and was read as Latin-1."""
        hint = "declare the encoding of the file, e.g. `encoding: cp1254`; the row itself was used"
        return self.rejected(
            row, "not-utf-8", "this line is not UTF-8; it and others like it are read as Latin-1", hint
        )

    def moment(self, name: str, data: Mapping[str, Any]) -> datetime | None:
        """Return the moment that the setting `name` gives for a row; raises FormulaFault."""
        value = (self.appears.get(name) or self.formulas[name]).value(data)
        found = moment(value, self.zone) if isinstance(value, date) else None
        if value is not None and found is None:
            raise FormulaFault(f"{name} gives {value!r}, which is neither a date nor a date and time")
        return found

    def _record(self, row: Row, key: str, data: Mapping[str, Any]) -> Record | None:
        if "where" in self.formulas and not self.formulas["where"].holds(data):
            return None
        return Record(
            source=self.source,
            stream=self.stream,
            key=key,
            data=data,
            version=digest(data),
            valid_at=self.moment("valid_at", data) if "valid_at" in self.formulas else None,
            deleted="deleted" in self.formulas and self.formulas["deleted"].holds(data),
            origin=f"{self.file}:{row.line}",
        )

    def _key(self, data: Mapping[str, Any]) -> str:
        names = (self.settings.key,) if isinstance(self.settings.key, str) else self.settings.key
        return key_of(["" if data[name] is None else data[name] for name in names])


def make_records(source: str, stream: str, file: str, settings: FileStream, surroundings: Surroundings) -> Records:
    """Compile the stream's expressions; raises ConfigError."""
    place = f"sources.{source}.streams.{stream}"
    texts = {name: getattr(settings, name) for name in ("where", "deleted", "valid_at", "visible")}

    def formula(name: str, text: str) -> Formula:
        sparse = settings.format == "jsonl"
        return Formula(text, f"{place}.{name}", surroundings, settings.columns if sparse else None, sparse=sparse)

    return Records(
        source,
        stream,
        file,
        settings,
        surroundings.zone,
        {name: formula(name, text) for name, text in texts.items() if text},
        {column: formula(f"appears.{column}", text) for column, text in settings.appears.items()},
    )
