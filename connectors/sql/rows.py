"""From a row of a table to a record, or to what is wrong with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime

from connectors.formula import Formula, FormulaFault
from connectors.sql.settings import SqlStream, names
from connectors.values import key_of, plain
from engine.events import Record
from engine.ports import Rejected
from engine.source import Place, Problem


@dataclass(frozen=True, slots=True)
class Rows:
    """Turns rows of one stream into records; `told` columns go into the record, `read` ones only steer."""

    source: str
    stream: str
    settings: SqlStream
    zone: tzinfo
    where: Formula | None
    deleted: Formula | None

    @property
    def origin(self) -> str:
        """Where its records were read."""
        return f"{self.source}:{self.settings.table}"

    def record(self, row: Mapping[str, Any], cursor: object, at: datetime | None) -> Record | Rejected:
        """Return the record of a row whose values are FEEL values; one that has left `where` is deleted.

        `cursor` is the row's cursor value, and `at` the moment it names.
        """
        keys = [row[name] for name in names(self.settings.key)]
        if any(value is None for value in keys):
            return self.rejected(row, "null-key", "the key is null", "choose a key that every row has")
        try:
            gone = self._gone(row)
        except FormulaFault as fault:
            return self.rejected(row, "faulty-expression", str(fault))
        fields = self.settings.fields
        return Record(
            source=self.source,
            stream=self.stream,
            key=key_of(keys),
            data={name: row[name] for name in (*fields, *self.settings.rows)} if fields else dict(row),
            version=self._version(row, cursor),
            valid_at=at,
            deleted=gone,
            origin=self.origin,
        )

    def rejected(self, row: Mapping[str, Any], code: str, message: str, hint: str = "") -> Rejected:
        """Return the quarantine item for a row."""
        keys = [row[name] for name in names(self.settings.key)]
        return Rejected(
            source=self.source,
            stream=self.stream,
            key=key_of(keys),
            raw=", ".join(f"{name}={value}" for name, value in row.items()),
            problem=Problem(code=code, message=message, place=Place(self.origin), hint=hint),
        )

    def _gone(self, row: Mapping[str, Any]) -> bool:
        if self.deleted is not None and self.deleted.holds(row):
            return True
        return self.where is not None and not self.where.holds(row)

    def _version(self, row: Mapping[str, Any], cursor: object) -> str:
        value = row[self.settings.version] if self.settings.version else cursor
        if value is None:
            return ""
        return value.isoformat() if isinstance(value, datetime) else str(value)


def converter(column: Column[Any], zone: tzinfo) -> Callable[[object], Any]:
    """Return what makes FEEL values of a column's; SQLite's become what the column declares, where they can."""
    declared = column.info.get("declared")
    if isinstance(declared, Boolean):
        return lambda value: bool(value) if value in (0, 1) else plain(value, zone)
    if isinstance(declared, DateTime | Date):
        read = date.fromisoformat if isinstance(declared, Date) else datetime.fromisoformat
        return lambda value: plain(_declared_time(value, read) if isinstance(value, str) else value, zone)
    return lambda value: plain(value, zone)


def _declared_time(text: str, read: Callable[[str], date]) -> date | str:
    try:
        return read(text)
    except ValueError:
        return text
