"""From an item of an answer to a record, or to what is wrong with it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from connectors.formula import Formula, FormulaFault
from connectors.http.answer import dig
from connectors.http.settings import Format, HttpCursor, HttpStream
from connectors.settings import Surroundings
from connectors.values import digest, key_of, moment, plain
from engine.events import Record
from engine.ports import Rejected
from engine.source import Place, Problem

ODATA_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d+)?\)/")
Mark = datetime | Decimal
"""A cursor value: a moment, or a number that grows with every change."""
Shape = Callable[[Any], Any]
"""What a protocol does to an item before anything else sees it."""


@dataclass(frozen=True, slots=True)
class Items:
    """Turns the items of one stream into records."""

    source: str
    stream: str
    settings: HttpStream
    zone: tzinfo
    where: Formula | None
    deleted: Formula | None
    shape: Shape | None = None

    def key(self, item: object) -> str:
        """Return the record key of an item, "" when it has none."""
        keys = [dig(item, name) for name in self._names]
        return "" if any(value is None or value == "" for value in keys) else key_of(keys)

    @property
    def _names(self) -> tuple[str, ...]:
        return (self.settings.key,) if isinstance(self.settings.key, str) else self.settings.key

    def record(self, item: object) -> Record | Rejected:
        """Return the record of an item; one that has left `where` is deleted."""
        data = plain(item, self.zone) if self.shape is None else self.shape(plain(item, self.zone))
        if not isinstance(data, Mapping):
            return self._rejected(item, "not-an-object", "the item is no JSON object")
        key = self.key(data)
        if not key:
            return self._rejected(item, "missing-key", f"the item has no {', '.join(self._names)}")
        try:
            gone = self._gone(data)
        except FormulaFault as fault:
            return self._rejected(item, "faulty-expression", str(fault))
        fields, mark = self.settings.fields, self.mark(item)
        return Record(
            source=self.source,
            stream=self.stream,
            key=key,
            data={name: dig(data, name) for name in fields} if fields else data,
            version=str(dig(data, self.settings.version) or "") if self.settings.version else digest(data),
            valid_at=mark if isinstance(mark, datetime) else None,
            deleted=gone,
            origin=f"{self.source}:{self.settings.path}",
        )

    def mark(self, item: object) -> Mark | None:
        """Return the item's cursor value, None when it has none."""
        cursor = self.settings.cursor
        return read_mark(dig(item, cursor.field), cursor.format, self.zone) if cursor and cursor.field else None

    def _gone(self, data: Mapping[str, Any]) -> bool:
        if self.deleted is None and self.where is None:
            return False
        scope = {"item": data, **data}
        if self.deleted is not None and self.deleted.holds(scope):
            return True
        return self.where is not None and not self.where.holds(scope)

    def _rejected(self, item: object, code: str, message: str) -> Rejected:
        return Rejected(
            source=self.source,
            stream=self.stream,
            key=digest(item),
            raw=msgspec.json.encode(item, enc_hook=str).decode(),
            problem=Problem(code=code, message=message, place=Place(f"{self.source}:{self.settings.path}")),
        )


def read_mark(value: object, format: Format, zone: tzinfo) -> Mark | None:
    """Return a cursor value from JSON in its declared format, None when it does not have it."""
    if format == "odata2":
        return odata_moment(value) or moment(value, zone)
    if format in {"iso", "utc", "date"}:
        return moment(value, zone)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    if format == "number":
        return number
    return datetime.fromtimestamp(float(number / 1000 if format == "epoch_ms" else number), UTC)


def odata_moment(value: object) -> datetime | None:
    """Return the moment of `/Date(milliseconds+offset)/` (OData V2, JSON format), None for anything else."""
    found = ODATA_DATE.fullmatch(value) if isinstance(value, str) else None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(found[1])) if found else None


def write_mark(mark: Mark, cursor: HttpCursor) -> str:
    """Return a cursor value as the query parameter wants it."""
    if not isinstance(mark, datetime):
        return str(mark)
    match cursor.send or cursor.format:
        case "date":
            return date(mark.year, mark.month, mark.day).isoformat()
        case "epoch" | "epoch_ms":
            return str(int(mark.timestamp() * (1000 if (cursor.send or cursor.format) == "epoch_ms" else 1)))
        case "odata2":
            return mark.astimezone(UTC).replace(tzinfo=None).isoformat()
        case "utc":
            return mark.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case _:
            text = mark.isoformat()
            return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def make_items(
    source: str,
    stream: str,
    settings: HttpStream,
    zone: tzinfo,
    surroundings: Surroundings,
    shape: Shape | None = None,
) -> Items:
    """Compile the stream's expressions; raises ConfigError."""
    place = f"sources.{source}.streams.{stream}"

    def formula(name: str, text: str) -> Formula | None:
        names = ("item", *settings.fields)
        return Formula(text, f"{place}.{name}", surroundings, names, sparse=True) if text else None

    where, deleted = formula("where", settings.where), formula("deleted", settings.deleted)
    return Items(source, stream, settings, zone, where, deleted, shape)
