"""What every part of a transaction stands on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from sqlalchemy import Executable, Table
from sqlalchemy.dialects import postgresql, sqlite

from engine.ports import Clock
from engine.store.keys import KeyRing
from engine.store.unit import Unit
from engine.store.wire import Answer

Values = Mapping[str, Any] | Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Context:
    """What a store's transactions share."""

    clock: Clock
    ring: KeyRing
    dialect: str


class Work:
    """A transaction's hold on the database."""

    def __init__(self, unit: Unit, context: Context) -> None:
        self._unit = unit
        self._context = context

    async def _run(self, statement: Executable, rows: Any = None) -> Answer:  # noqa: ANN401  (values to bind)
        return await self._unit.execute(statement, rows)

    async def _insert_new(self, table: Table, values: Mapping[str, Any]) -> bool:
        """Insert unless a row with one of its unique keys is there; whether it was inserted."""
        return (await self._run(_new(table, self._context.dialect), values)).rowcount == 1

    async def _upsert(self, table: Table, values: Values) -> None:
        """Insert, or replace what the primary key names."""
        await self._run(_replacing(table, self._context.dialect), values)


@cache
def _new(table: Table, dialect: str) -> sqlite.Insert:
    return _insert(table, dialect).on_conflict_do_nothing()


@cache
def _replacing(table: Table, dialect: str) -> sqlite.Insert:
    statement = _insert(table, dialect)
    keys = [column.name for column in table.primary_key]
    changed = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


def _insert(table: Table, dialect: str) -> sqlite.Insert:
    """The insert statement of a database; both spell ON CONFLICT alike."""
    return cast("sqlite.Insert", postgresql.insert(table)) if dialect == "postgresql" else sqlite.insert(table)
