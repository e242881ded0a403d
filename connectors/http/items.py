"""From an item of an answer to a record, or to what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from connectors.formula import Formula, FormulaFault
from connectors.http.answer import dig
from connectors.http.settings import HttpCursor, HttpStream
from connectors.settings import Surroundings
from connectors.values import digest, key_of, moment, plain
from engine.events import Record
from engine.ports import Rejected
from engine.source import Place, Problem

Mark = datetime | Decimal
"""A cursor value: a moment, or a number that grows with every change."""


@dataclass(frozen=True, slots=True)
class Items:
    """Turns the items of one stream into records."""

    source: str
    stream: str
    settings: HttpStream
    zone: tzinfo
    where: Formula | None
    deleted: Formula | None

    def record(self, item: object) -> Record | Rejected:
        """Return the record of an item; one that has left `where` is deleted."""
        data = plain(item, self.zone)
        if not isinstance(data, Mapping):
            return self._rejected(item, "not-an-object", "the item is no JSON object")
        names = (self.settings.key,) if isinstance(self.settings.key, str) else self.settings.key
        keys = [dig(data, name) for name in names]
        if any(value is None or value == "" for value in keys):
            return self._rejected(item, "missing-key", f"the item has no {', '.join(names)}")
        try:
            gone = self._gone(data)
        except FormulaFault as fault:
            return self._rejected(item, "faulty-expression", str(fault))
        fields, mark = self.settings.fields, self.mark(item)
        return Record(
            source=self.source,
            stream=self.stream,
            key=key_of(keys),
            data={name: dig(data, name) for name in fields} if fields else data,
            version=str(dig(data, self.settings.version) or "") if self.settings.version else digest(data),
            valid_at=mark if isinstance(mark, datetime) else None,
            deleted=gone,
            origin=f"{self.source}:{self.settings.path}",
        )

    def mark(self, item: object) -> Mark | None:
        """Return the item's cursor value, None when it has none."""
        cursor = self.settings.cursor
        return read_mark(dig(item, cursor.field), cursor, self.zone) if cursor and cursor.field else None

    def _gone(self, data: Mapping[str, Any]) -> bool:
        if self.deleted is not None and self.deleted.holds(data):
            return True
        return self.where is not None and not self.where.holds(data)

    def _rejected(self, item: object, code: str, message: str) -> Rejected:
        return Rejected(
            source=self.source,
            stream=self.stream,
            key=digest(item),
            raw=msgspec.json.encode(item, enc_hook=str).decode(),
            problem=Problem(code=code, message=message, place=Place(f"{self.source}:{self.settings.path}")),
        )


def read_mark(value: object, cursor: HttpCursor, zone: tzinfo) -> Mark | None:
    """Return a cursor value from JSON in its declared format, None when it does not have it."""
    if cursor.format in {"iso", "date"}:
        return moment(value, zone)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    if cursor.format == "number":
        return number
    return datetime.fromtimestamp(float(number / 1000 if cursor.format == "epoch_ms" else number), UTC)


def write_mark(mark: Mark, cursor: HttpCursor) -> str:
    """Return a cursor value as the query parameter wants it."""
    if not isinstance(mark, datetime):
        return str(mark)
    match cursor.format:
        case "date":
            return date(mark.year, mark.month, mark.day).isoformat()
        case "epoch" | "epoch_ms":
            return str(int(mark.timestamp() * (1000 if cursor.format == "epoch_ms" else 1)))
        case _:
            text = mark.isoformat()
            return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def make_items(source: str, stream: str, settings: HttpStream, zone: tzinfo, surroundings: Surroundings) -> Items:
    """Compile the stream's expressions; raises ConfigError."""
    place = f"sources.{source}.streams.{stream}"

    def formula(name: str, text: str) -> Formula | None:
        return Formula(text, f"{place}.{name}", surroundings, settings.fields, sparse=True) if text else None

    return Items(source, stream, settings, zone, formula("where", settings.where), formula("deleted", settings.deleted))
