"""Any database that SQLAlchemy speaks to, read by cursor and written only as declared."""

from connectors.sql.connector import SqlConnector, open_sql
from connectors.sql.settings import SqlOperation, SqlSource, SqlStream

__all__ = ["SqlConnector", "SqlOperation", "SqlSource", "SqlStream", "open_sql"]
