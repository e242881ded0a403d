"""The ERP of the sample company: a SQL database with the few columns of Logo Tiger's tables that matter here.

Real names and meanings: CLCARD (ACTIVE 0 is in use), INVOICE (TRCODE 8 wholesale, NETTOTAL in lira, TRCURR and TRNET
in its own currency), CLFLINE (SIGN 1 credits the customer), amounts as floats, CAPIBLOCK_* for the time of change.
Simpler than Tiger: DUEDATE and INVOICEREF stand in the row (there: PAYTRANS), and creation counts as a change.
"""

from collections.abc import Iterable
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


def apply(connection: Connection, rows: Iterable[ErpRow], at: datetime | None = None) -> None:
    """Apply the rows in order, and move the position, in the caller's transaction; known rows stay as they are."""
    for row in rows:
        _apply_row(connection, row)
    if at is not None:
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


def _apply_row(connection: Connection, row: ErpRow) -> None:
    table = METADATA.tables[row.table]
    key = table.c.LOGICALREF
    here = key == row.ref
    values = {**row.values, MODIFIED: row.at.astimezone(ZONE).replace(tzinfo=None)}
    if row.update:
        connection.execute(sa.update(table).where(here).values(values))
    elif connection.execute(sa.select(key).where(here)).first() is None:
        connection.execute(sa.insert(table).values(LOGICALREF=row.ref, **values))


def _durable(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
