"""Lists that stand in a table of their own, read with the rows they belong to: the lines of the orders of a page."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, Table, and_, or_, select

from connectors.sql.database import Database
from connectors.sql.keyset import equal
from connectors.sql.settings import SqlRows, names

MOST_ASKED = 500
"""Documents that one statement asks for; databases limit the number of parameters."""


@dataclass(frozen=True, slots=True)
class Nested:
    """One such list; the columns `here` of its table equal the columns `there` of the stream's."""

    name: str
    here: tuple[Column[Any], ...]
    there: tuple[str, ...]
    statement: Select[Any]
    converters: tuple[tuple[str, Callable[[object], Any]], ...]

    async def of(self, database: Database, owners: Sequence[tuple[Any, ...]]) -> Mapping[tuple[Any, ...], list[Any]]:
        """Return the lists of some rows by what these hold in `there`, as the driver gives it."""
        found: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
        wanted = list(dict.fromkeys(owners))
        for start in range(0, len(wanted), MOST_ASKED):
            some = wanted[start : start + MOST_ASKED]
            for row in await database.run(partial(_all, statement=self.statement.where(self._belongs(some)))):
                owner, values = tuple(row[: len(self.here)]), row[len(self.here) :]
                told = {name: convert(value) for (name, convert), value in zip(self.converters, values, strict=True)}
                found[owner].append(told)
        return found

    def _belongs(self, owners: Sequence[tuple[Any, ...]]) -> ColumnElement[bool]:
        if len(self.here) == 1:
            return self.here[0].in_([owner[0] for owner in owners])
        return or_(*(and_(*(a == b for a, b in zip(self.here, owner, strict=True))) for owner in owners))


def nested(
    name: str, settings: SqlRows, table: Table, converter: Callable[[Column[Any]], Callable[[object], Any]]
) -> Nested:
    """Build the list from names that the table has."""
    here = tuple(table.c[each] for each in settings.match)
    columns = [table.c[each] for each in settings.fields or table.c.keys()]
    keys = [each.label(f"opslayer_{index}") for index, each in enumerate(here)]
    statement = select(*keys, *columns).order_by(*here, *(table.c[each] for each in names(settings.order)))
    condition = equal(table, settings.only)
    return Nested(
        name=name,
        here=here,
        there=tuple(settings.match.values()),
        statement=statement if condition is None else statement.where(condition),
        converters=tuple((each.name, converter(each)) for each in columns),
    )


def _all(connection: Connection, statement: Select[Any]) -> Sequence[Row[Any]]:
    return connection.execute(statement).all()
