"""A draft from a database's own catalogue."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect

from connectors.proposing.draft import Draft, StreamDraft, changed_field, stream_name
from connectors.sql.database import open_database


async def from_database(url: str, home: Path, env: str) -> Draft:
    """Return the tables that have a primary key as streams; raises SQLAlchemyError, OSError."""
    database = open_database(url, home)
    try:
        tables = await database.run(_tables)
    finally:
        await database.aclose()
    streams: dict[str, StreamDraft] = {}
    doubts = []
    for table, (key, fields) in tables.items():
        if not key:
            doubts.append(f"the table {table} has no primary key; name the columns that are unique under `key`")
            continue
        cursor = changed_field(fields)
        settings: dict[str, Any] = {"table": table, "key": key[0] if len(key) == 1 else list(key)}
        settings |= {"cursor": cursor, "scan": "P1D"} if cursor else {}
        settings["fields"] = list(fields)
        name = stream_name(table, streams)
        streams[name] = StreamDraft(settings, fields)
        if not cursor:
            doubts.append(f"{name}: no column tells of changes, so every read is whole")
    return Draft({"connector": "sql", "url": {"env": env}}, streams, tuple(doubts))


def _tables(connection: Connection) -> dict[str, tuple[tuple[str, ...], dict[str, str]]]:
    catalogue = inspect(connection)
    return {
        table: (
            tuple(catalogue.get_pk_constraint(table)["constrained_columns"]),
            {column["name"]: type(column["type"]).__name__ for column in catalogue.get_columns(table)},
        )
        for table in sorted(catalogue.get_table_names())
    }
