"""The settings of an SQL source."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

import msgspec

from connectors.settings import Idempotency, OperationSettings, SourceSettings, StreamSettings
from connectors.strict import Settings

Names = str | tuple[str, ...]
Scalar = str | int | float | bool


class SqlRows(Settings, frozen=True, kw_only=True):
    """A list in a table of its own: `match` maps its columns to those of the stream's table that they must equal.

    `fields`: its columns, default all. `order`: by what it is sorted. `only`: as of a stream. A change of a row counts
    when the stream's own cursor moves with it.
    """

    table: str
    match: Annotated[Mapping[str, str], msgspec.Meta(min_length=1)]
    schema: str = ""
    fields: tuple[str, ...] = ()
    order: Names = ()
    only: Mapping[str, Scalar | tuple[str | int | float, ...]] = {}


class SqlStream(StreamSettings, frozen=True, kw_only=True):
    """One table or view.

    `key`: columns that are unique together. `cursor`: the column that grows with every change; of several the first
    that is not null counts. Without one every read is a full scan, and what it does not find is gone.
    `lag`: how long a writer's transaction may stay open, so that late commits with earlier cursor values are found.
    `scan`: with a cursor, how often a full scan looks for deleted rows. `only`: equality on columns that never change
    in a row, asked of the database. `where`: FEEL; a row that leaves it counts as deleted. `deleted`: FEEL, the row
    is a tombstone. `fields`: columns to read, default all. `version`: the column with the row version. `rows`: lists
    from other tables, by the name under which they stand in the record.
    """

    table: str
    key: Names
    schema: str = ""
    cursor: Names = ()
    fields: tuple[str, ...] = ()
    only: Mapping[str, Scalar | tuple[str | int | float, ...]] = {}
    where: str = ""
    deleted: str = ""
    version: str = ""
    lag: timedelta = timedelta(seconds=10)
    scan: timedelta | None = None
    rows: Mapping[str, SqlRows] = {}
    page_size: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1000


class SqlOperation(OperationSettings, frozen=True, kw_only=True):
    """One declared UPDATE: `set` and `where` map columns to FEEL over the payload.

    `match`: columns that must still hold these values, else the write is a conflict. `rows`: how many rows it must
    touch, else nothing is written.
    """

    table: str
    schema: str = ""
    set: Annotated[Mapping[str, str], msgspec.Meta(min_length=1)]
    where: Annotated[Mapping[str, str], msgspec.Meta(min_length=1)]
    match: Mapping[str, str] = {}
    rows: Annotated[int, msgspec.Meta(ge=1)] = 1
    idempotency: Idempotency = "upsert"


class SqlSource(SourceSettings, frozen=True, kw_only=True):
    """A database by its SQLAlchemy URL; a relative SQLite path starts at the home folder."""

    url: str
    streams: Mapping[str, SqlStream] = {}
    operations: Mapping[str, SqlOperation] = {}


def names(value: Names) -> tuple[str, ...]:
    """Return one name or many as many."""
    return (value,) if isinstance(value, str) else value
