"""The ERP of the sample company: a SQL database with the few columns of Logo Tiger's tables that matter here.

Real names and meanings: CLCARD (ACTIVE 0 is in use), INVOICE (TRCODE 8 wholesale, NETTOTAL in lira, TRCURR and TRNET
in its own currency), CLFLINE (SIGN 1 credits the customer), amounts as floats, CAPIBLOCK_* for the time of change.
Simpler than Tiger: DUEDATE and INVOICEREF stand in the row (there: PAYTRANS), and creation counts as a change.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection

from api.demo.changes import ZONE, ErpRow

MODIFIED = "CAPIBLOCK_MODIFIEDDATE"
METADATA = sa.MetaData()


def _table(name: str, *columns: sa.Column[Any]) -> sa.Table:
    key = sa.Column("LOGICALREF", sa.Integer, primary_key=True, autoincrement=False)
    modified = sa.Column(MODIFIED, sa.DateTime, nullable=False)
    return sa.Table(name, METADATA, key, *columns, modified, sa.Index(f"I_{name}_CHANGED", MODIFIED, "LOGICALREF"))


CLCARD = _table(
    "LG_001_CLCARD",
    sa.Column("ACTIVE", sa.SmallInteger),
    sa.Column("CODE", sa.String(17)),
    sa.Column("DEFINITION_", sa.String(201)),
    sa.Column("TAXNR", sa.String(16)),
    sa.Column("EMAILADDR", sa.String(251)),
    sa.Column("TELNRS1", sa.String(51)),
    sa.Column("CITY", sa.String(21)),
    sa.Column("CCURRENCY", sa.SmallInteger),
    sa.Column("RISKLIMIT", sa.Float),
)
INVOICE = _table(
    "LG_001_01_INVOICE",
    sa.Column("FICHENO", sa.String(17)),
    sa.Column("TRCODE", sa.SmallInteger),
    sa.Column("CLIENTREF", sa.Integer),
    sa.Column("DATE_", sa.Date),
    sa.Column("DUEDATE", sa.Date),
    sa.Column("NETTOTAL", sa.Float),
    sa.Column("TRCURR", sa.SmallInteger),
    sa.Column("TRNET", sa.Float),
    sa.Column("SPECODE", sa.String(11)),
    sa.Column("CANCELLED", sa.SmallInteger),
)
CLFLINE = _table(
    "LG_001_01_CLFLINE",
    sa.Column("CLIENTREF", sa.Integer),
    sa.Column("DATE_", sa.Date),
    sa.Column("MODULENR", sa.SmallInteger),
    sa.Column("TRCODE", sa.SmallInteger),
    sa.Column("SIGN", sa.SmallInteger),
    sa.Column("AMOUNT", sa.Float),
    sa.Column("TRCURR", sa.SmallInteger),
    sa.Column("TRNET", sa.Float),
    sa.Column("INVOICEREF", sa.Integer, index=True),
    sa.Column("LINEEXP", sa.String(251)),
    sa.Column("CANCELLED", sa.SmallInteger),
)
POSITION = sa.Table("DEMO_POSITION", METADATA, sa.Column("AT", sa.String(32), primary_key=True))


def connect(url: str) -> Engine:
    """Open the ERP's database, making its tables where they are missing."""
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _durable)
    METADATA.create_all(engine)
    return engine


def position(connection: Connection) -> datetime:
    """Return up to when the world's script has been applied."""
    found = connection.execute(sa.select(POSITION.c.AT)).scalar()
    return datetime.fromisoformat(found) if found else datetime.min.replace(tzinfo=UTC)


def apply(connection: Connection, rows: Sequence[ErpRow], at: datetime) -> None:
    """Apply the rows and move the position, in the caller's transaction; rows that are there stay as they are."""
    for name in METADATA.tables:
        _insert(connection, METADATA.tables[name], [row for row in rows if row.table == name and not row.update])
    for row in rows:
        if row.update:
            table = METADATA.tables[row.table]
            key = table.c.LOGICALREF
            connection.execute(sa.update(table).where(key == row.ref).values(_values(row)))
    connection.execute(sa.delete(POSITION))
    connection.execute(sa.insert(POSITION).values(AT=at.isoformat()))


def late_customers(connection: Connection, before: date) -> frozenset[str]:
    """Return the codes of the customers with an unpaid invoice due before that day, as the ERP would list them."""
    paid = sa.exists().where(CLFLINE.c.INVOICEREF == INVOICE.c.LOGICALREF, CLFLINE.c.CANCELLED == 0)
    query = (
        sa.select(CLCARD.c.CODE)
        .join(INVOICE, INVOICE.c.CLIENTREF == CLCARD.c.LOGICALREF)
        .where(before > INVOICE.c.DUEDATE, INVOICE.c.CANCELLED == 0, ~paid)
    )
    return frozenset(connection.execute(query).scalars())


def _insert(connection: Connection, table: sa.Table, rows: Sequence[ErpRow]) -> None:
    """Insert the rows that are not there; of two with one key the earlier counts."""
    if not rows:
        return
    known = set(connection.execute(sa.select(table.c.LOGICALREF)).scalars())
    fresh = {row.ref: {"LOGICALREF": row.ref, **_values(row)} for row in reversed(rows) if row.ref not in known}
    if fresh:
        connection.execute(sa.insert(table), list(fresh.values()))


def _values(row: ErpRow) -> dict[str, Any]:
    return {**row.values, MODIFIED: row.at.astimezone(ZONE).replace(tzinfo=None)}


def _durable(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
