"""The CRM's own database: documents with a version, in one SQLite file that may be opened by several processes."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec

from api.demo.changes import utc_text

KINDS = frozenset({"owners", "accounts", "contacts", "notes", "tasks"})
SCHEMA = """
CREATE TABLE IF NOT EXISTS document (
    kind TEXT, id TEXT, version INTEGER, modified_at TEXT, external_id TEXT, body TEXT, PRIMARY KEY (kind, id));
CREATE INDEX IF NOT EXISTS document_changed ON document (kind, modified_at, id);
CREATE INDEX IF NOT EXISTS document_external ON document (kind, external_id);
CREATE TABLE IF NOT EXISTS clock (one INTEGER PRIMARY KEY CHECK (one = 1), at TEXT);
"""


class Document(msgspec.Struct, frozen=True):
    """One record of the CRM; `version` grows with each change and is its ETag."""

    id: str
    version: int
    modified_at: str
    body: dict[str, Any]

    def shown(self) -> dict[str, Any]:
        """Return the record as the API shows it."""
        return {**self.body, "id": self.id, "version": self.version, "modified_at": self.modified_at}


class CrmStore:
    """Reads and writes documents; each call is one durable transaction, from whichever thread."""

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        self._database = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.executescript(SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def now(self) -> str:
        """Return the world's time as last set, else the real one."""
        with self._open() as database:
            row = database.execute("SELECT at FROM clock").fetchone()
        return str(row[0]) if row else utc_text(datetime.now(UTC))

    def set_now(self, at: datetime) -> None:
        """Set the world's time."""
        with self._open() as database:
            database.execute("INSERT OR REPLACE INTO clock VALUES (1, ?)", (utc_text(at),))

    def get(self, kind: str, id: str) -> Document | None:
        """Return one document, None when there is none."""
        with self._open() as database:
            row = database.execute(f"{_SELECT} WHERE kind = ? AND id = ?", (kind, id)).fetchone()
        return _document(row) if row else None

    def page(self, kind: str, since: str, after: tuple[str, str], limit: int, external_id: str = "") -> list[Document]:
        """Return documents changed at or after `since`, in order of (modified_at, id), behind `after`."""
        query = f"{_SELECT} WHERE kind = ? AND modified_at >= ? AND (modified_at, id) > (?, ?)"
        values: list[object] = [kind, since, *after]
        if external_id:
            query += " AND external_id = ?"
            values.append(external_id)
        with self._open() as database:
            rows = database.execute(f"{query} ORDER BY modified_at, id LIMIT ?", [*values, limit]).fetchall()
        return [_document(row) for row in rows]

    def add(self, kind: str, body: dict[str, Any], *, id: str = "", external_id: str = "", at: str = "") -> Document:
        """Insert a document, numbered when it has no id; a known id stays as it is."""
        at = at or self.now()
        with self._open() as database:
            if not id:
                count = database.execute("SELECT count(*) FROM document WHERE kind = ?", (kind,)).fetchone()[0]
                id = f"{kind[0].upper()}-{count + 1:05}"
            database.execute(_INSERT, (kind, id, at, external_id, _text(body)))
            return _document(database.execute(f"{_SELECT} WHERE kind = ? AND id = ?", (kind, id)).fetchone())

    def add_all(self, kind: str, bodies: Mapping[str, dict[str, Any]], at: str) -> None:
        """Insert many documents by id in one transaction; known ids stay as they are."""
        with self._open() as database:
            database.executemany(_INSERT, [(kind, id, at, "", _text(body)) for id, body in bodies.items()])

    def change(self, kind: str, id: str, version: int, fields: dict[str, Any]) -> Document | None:
        """Change fields of the document if it still has this version, else return None."""
        at = self.now()
        with self._open() as database:
            row = database.execute(
                f"{_SELECT} WHERE kind = ? AND id = ? AND version = ?", (kind, id, version)
            ).fetchone()
            if row is None:
                return None
            text = _text({**_document(row).body, **fields})
            database.execute(
                "UPDATE document SET body = ?, version = version + 1, modified_at = ? WHERE kind = ? AND id = ?",
                (text, at, kind, id),
            )
        return self.get(kind, id)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")


_SELECT = "SELECT id, version, modified_at, body FROM document"
_INSERT = "INSERT OR IGNORE INTO document VALUES (?, ?, 1, ?, ?, ?)"


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False)


def _document(row: tuple[str, int, str, str]) -> Document:
    return Document(row[0], row[1], row[2], json.loads(row[3]))
