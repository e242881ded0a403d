"""Paging by (cursor, key): the statement for each page, and cursor values as text that survives a restart."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Column, ColumnElement, Date, Select, Table, and_, func, or_, select

Position = tuple[Any, ...]


class Keyset(msgspec.Struct, frozen=True):
    """The order in which a stream is read: by `order` (cursor first, if any, then the keys), then page by page."""

    columns: tuple[Column[Any], ...]
    order: tuple[ColumnElement[Any], ...]
    keys: tuple[Column[Any], ...]
    condition: ColumnElement[bool] | None
    whole_days: bool = False

    def page(self, after: Position | None, limit: int) -> Select[Any]:
        """Return the statement for the rows behind a position; each row is its position, then its columns."""
        labelled = [column.label(f"opslayer_{index}") for index, column in enumerate(self.order)]
        statement = select(*labelled, *self.columns).order_by(*self.order).limit(limit)
        if self.condition is not None:
            statement = statement.where(self.condition)
        if after is not None:
            statement = statement.where(behind(self.order, after))
        return statement.where(self.order[0].is_not(None))

    def one(self, key: str) -> Select[Any]:
        """Return the statement for the row with a record's key, its parts joined by `|`."""
        parts = key.split("|") if len(self.keys) > 1 else [key]
        labelled = [column.label(f"opslayer_{index}") for index, column in enumerate(self.order)]
        wanted = and_(*(column == typed(column, part) for column, part in zip(self.keys, parts, strict=True)))
        statement = select(*labelled, *self.columns).where(wanted).limit(1)
        return statement if self.condition is None else statement.where(self.condition)

    def without_cursor(self, limit: int) -> Select[Any]:
        """Return the statement for rows that no cursor value will ever bring."""
        statement = select(*self.keys).where(self.order[0].is_(None)).limit(limit)
        return statement if self.condition is None else statement.where(self.condition)


def typed(column: Column[Any], text: str) -> Any:  # noqa: ANN401  (a driver's value)
    """Return a key's text as its column declares it; as it is where that is not known or does not fit."""
    declared = column.info.get("declared", column.type)
    try:
        return declared.python_type(text)
    except (NotImplementedError, TypeError, ValueError, ArithmeticError):
        return text


def keyset(
    table: Table, cursor: Sequence[str], keys: Sequence[str], columns: Sequence[str], only: Mapping[str, Any]
) -> Keyset:
    """Build the keyset from names that the table has; without `cursor` it is in order of the keys."""
    parts = [table.c[name] for name in cursor]
    time: list[ColumnElement[Any]] = [func.coalesce(*parts)] if len(parts) > 1 else list(parts)
    identity = tuple(table.c[name] for name in keys)
    return Keyset(
        columns=tuple(table.c[name] for name in columns),
        order=(*time, *identity),
        keys=identity,
        condition=equal(table, only),
        whole_days=bool(parts) and isinstance(parts[0].info.get("declared", parts[0].type), Date),
    )


def behind(order: Sequence[ColumnElement[Any]], after: Position) -> ColumnElement[bool]:
    """Return `order > after` in lexicographic order, spelled out because not every dialect compares rows.

    The leading `>=` lets an index on the first column be used.
    """
    cases = [
        and_(*(order[before] == after[before] for before in range(index)), order[index] > after[index])
        for index in range(len(order))
    ]
    return and_(order[0] >= after[0], or_(*cases))


def equal(table: Table, only: Mapping[str, Any]) -> ColumnElement[bool] | None:
    """Return the condition that columns hold these values, None for no condition."""
    if not only:
        return None
    return and_(
        *(
            table.c[name].in_(value) if isinstance(value, tuple) else table.c[name] == value
            for name, value in only.items()
        )
    )


def encode(value: object) -> Any:  # noqa: ANN401  (JSON)
    """Return a position's value as JSON from which `decode` gets the same Python type back."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return {"datetime": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case bytes() | bytearray() | memoryview():
            return {"bytes": bytes(value).hex()}
        case Decimal() | UUID():
            return {type(value).__name__.lower(): str(value)}
        case _:
            msg = f"a {type(value).__name__} column cannot be a cursor or key"
            raise TypeError(msg)


def decode(value: object) -> Any:  # noqa: ANN401  (a driver's value)
    """Return what `encode` was given."""
    if not isinstance(value, dict):
        return value
    ((kind, text),) = value.items()
    return {
        "datetime": datetime.fromisoformat,
        "date": date.fromisoformat,
        "bytes": bytes.fromhex,
        "decimal": Decimal,
        "uuid": UUID,
    }[kind](text)
