"""Declared updates: by key, checked by the number of rows, in one transaction."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, select, update
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from connectors.formula import Formula, FormulaFault
from connectors.settings import Surroundings, build_all
from connectors.sql.database import Database, reflect
from connectors.sql.settings import SqlOperation, SqlSource
from connectors.values import key_of, plain
from engine.events import Receipt
from engine.ports import SourceDown


@dataclass(slots=True)
class Attempt:
    """How far a write has come, for the one who must judge a failure."""

    connected: bool = False
    committing: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """The values of one declared update, evaluated."""

    settings: SqlOperation
    set: Mapping[str, Any]
    where: Mapping[str, Any]
    match: Mapping[str, Any]

    @property
    def reference(self) -> str:
        """Where it was written: `TABLE/key`."""
        return f"{self.settings.table}/{key_of(list(self.where.values()))}"


class Unknown(Exception):
    """The source declares no such operation."""


class Writing:
    """The write operations of one database."""

    def __init__(self, name: str, settings: SqlSource, surroundings: Surroundings, database: Database | None) -> None:
        self._name = name
        self._settings = settings
        self._zone = surroundings.zone
        self._database = database
        self._formulas = build_all(
            {key: partial(_parts, name, key, each, surroundings) for key, each in settings.operations.items()}
        )

    async def perform(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt:  # noqa: ARG002  (an update repeats safely, so it needs no key)
        """Run the update and say what became of it."""
        if self._database is None:
            return Receipt(result="rejected", detail=f"{self._name} is read only; set `write: true` to allow writing")
        try:
            change = self._change(operation, payload)
        except (Unknown, FormulaFault) as fault:
            return Receipt(result="rejected", detail=str(fault))
        attempt = Attempt()
        try:
            async with asyncio.timeout(self._settings.timeout.total_seconds()):
                return await self._database.run(partial(_write, change=change, attempt=attempt))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            return _failed(error, attempt)

    async def probe(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt | None:  # noqa: ARG002  (the row itself tells)
        """Return a receipt when the row holds the values already."""
        if self._database is None:
            raise SourceDown(f"{self._name} is read only")
        try:
            change = self._change(operation, payload)
        except (Unknown, FormulaFault) as fault:
            raise SourceDown(str(fault)) from fault
        return await self._database.run(partial(_done, change=change))

    def _change(self, operation: str, payload: Mapping[str, Any]) -> Change:
        settings = self._settings.operations.get(operation)
        if settings is None:
            raise Unknown(f"{self._name} has no operation {operation}")
        scope = plain(payload, self._zone)
        parts = {
            part: {column: formula.value(scope) for column, formula in formulas.items()}
            for part, formulas in self._formulas[operation].items()
        }
        return Change(settings, **parts)


def _parts(
    name: str, key: str, settings: SqlOperation, surroundings: Surroundings
) -> Mapping[str, Mapping[str, Formula]]:
    return {part: _formulas(name, key, part, settings, surroundings) for part in ("set", "where", "match")}


def _formulas(name: str, key: str, part: str, settings: SqlOperation, surroundings: Surroundings) -> dict[str, Formula]:
    texts: Mapping[str, str] = getattr(settings, part)
    place = f"sources.{name}.operations.{key}.{part}"
    return {column: Formula(text, f"{place}.{column}", surroundings, settings.fields) for column, text in texts.items()}


def _write(connection: Connection, change: Change, attempt: Attempt) -> Receipt:
    attempt.connected = True
    table = reflect(connection, change.settings.table, change.settings.schema, raw=False)
    done = connection.execute(
        update(table).where(_equal(table, {**change.where, **change.match})).values(_bound(table, change.set))
    )
    if done.rowcount == change.settings.rows:
        attempt.committing = True
        connection.commit()
        return Receipt(result="ok", reference=change.reference)
    connection.rollback()
    return _not_touched(connection, change, done.rowcount)


def _not_touched(connection: Connection, change: Change, touched: int) -> Receipt:
    """Say why the update did not touch the rows it should have."""
    if touched:
        return Receipt(result="rejected", detail=f"it would have changed {touched} rows; nothing was written")
    if done := _done(connection, change):
        return done
    table = reflect(connection, change.settings.table, change.settings.schema, raw=False)
    found = connection.execute(select(table.c[next(iter(change.where))]).where(_equal(table, change.where))).first()
    if found is None:
        return Receipt(result="rejected", detail=f"there is no row {change.reference}")
    return Receipt(result="conflict", detail=f"{change.reference} was changed by someone else")


def _done(connection: Connection, change: Change) -> Receipt | None:
    table = reflect(connection, change.settings.table, change.settings.schema, raw=False)
    condition = _equal(table, {**change.where, **change.set})
    rows = connection.execute(select(table.c[next(iter(change.where))]).where(condition)).all()
    return Receipt(result="ok", reference=change.reference) if len(rows) == change.settings.rows else None


def _equal(table: Table, values: Mapping[str, Any]) -> ColumnElement[bool]:
    return and_(*(table.c[name] == value for name, value in _bound(table, values).items()))


def _bound(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _driver_value(value, table.c[name]) for name, value in values.items()}


def _driver_value(value: object, column: Column[Any]) -> Any:  # noqa: ANN401  (whatever the driver takes)
    """Return the number type that the column takes; drivers differ in whether they convert a Decimal."""
    if not isinstance(value, Decimal):
        return value
    wanted = column.type.python_type
    return wanted(value) if wanted in (int, float) else value


def _failed(error: Exception, attempt: Attempt) -> Receipt:
    detail = str(getattr(error, "orig", None) or error).strip().partition("\n")[0] or type(error).__name__
    if not attempt.connected:
        return Receipt(result="unavailable", detail=detail)
    if attempt.committing or isinstance(error, TimeoutError):
        return Receipt(result="uncertain", detail=detail)
    if isinstance(error, OperationalError | InterfaceError | OSError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    ):
        return Receipt(result="unavailable", detail=detail)
    return Receipt(result="rejected", detail=detail)
