"""Writing the journal: entries gather while a database transaction is open and go out in bulk before its commit."""

from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from engine.canonical import canonical_json
from engine.ports import Entry
from engine.store import chain, schema
from engine.store.codec import encode
from engine.store.columns import clean
from engine.store.keys import DataKey

PARTITION: Final = 0
"""One chain while one process evaluates; the tables and the format know several."""

Row = dict[str, Any]
Mark = tuple[int, bytes, int]


class Tail:
    """The growing end of one partition's chain within a database transaction."""

    def __init__(self, seq: int, hash: bytes, erasures: int) -> None:
        self.seq = seq
        self.hash = hash
        self.erasures = erasures
        self._began = seq
        self._entries: list[Row] = []
        self._bodies: list[Row] = []

    @classmethod
    def read(cls, connection: Connection) -> "Tail":
        """Lock the head of the chain, so that one process at a time appends."""
        columns = (schema.heads.c.seq, schema.heads.c.hash, schema.heads.c.erasures)
        wanted = select(*columns).where(schema.heads.c.partition == PARTITION).with_for_update()
        return cls(*connection.execute(wanted).one())

    @property
    def grown(self) -> bool:
        """Whether anything was appended."""
        return self.seq > self._began

    def append(self, entry: Entry, key: DataKey | None) -> int:
        """Chain an entry and return its number; `key` seals the body of an entry about a person."""
        body = canonical_json(entry.body)
        salt = chain.new_salt()
        committed = chain.commitment(salt, body)
        row: Row = {
            "partition": PARTITION,
            "seq": self.seq + 1,
            "kind": entry.kind,
            "recorded_at": entry.recorded_at,
            "valid_at": entry.valid_at,
            "actor": clean(entry.actor),
            "subjects": tuple(clean(subject) for subject in entry.subjects),
            "revision": clean(entry.revision),
            "person": clean(entry.person),
        }
        self.hash = chain.link(self.hash, chain.header(**row), committed)
        self.seq += 1
        self._entries.append(row | {"commitment": committed, "hash": self.hash})
        self._bodies.append(_body_row(row, salt, body, key))
        return self.seq

    def mark(self) -> Mark:
        """Where the chain is, to come back to."""
        return self.seq, self.hash, len(self._entries)

    def reset(self, mark: Mark) -> None:
        """Forget what was appended since the mark."""
        self.seq, self.hash, count = mark
        del self._entries[count:], self._bodies[count:]

    def flush(self, connection: Connection) -> None:
        """Write what has gathered."""
        if not self._entries:
            return
        subjects = [_subject_row(row, subject) for row in self._entries for subject in dict.fromkeys(row["subjects"])]
        rows = [row | {"subjects": encode(row["subjects"])} for row in self._entries]
        connection.execute(insert(schema.journal), rows)
        if subjects:
            connection.execute(insert(schema.journal_subjects), subjects)
        connection.execute(insert(schema.bodies), self._bodies)
        head = update(schema.heads).where(schema.heads.c.partition == PARTITION)
        connection.execute(head.values(seq=self.seq, hash=self.hash))
        self._entries, self._bodies = [], []


def _subject_row(row: Row, subject: str) -> Row:
    return {"subject": subject, "partition": row["partition"], "seq": row["seq"], "kind": row["kind"]}


def _body_row(row: Row, salt: bytes, body: bytes, key: DataKey | None) -> Row:
    place = {"partition": row["partition"], "seq": row["seq"], "person": row["person"]}
    if key is None:
        return place | {"key_id": None, "salt": salt, "content": body}
    content = key.seal(salt + body, body_context(row["partition"], row["seq"], row["kind"]))
    return place | {"key_id": key.id, "salt": None, "content": content}


def body_context(partition: int, seq: int, kind: str) -> bytes:
    """What an encrypted body is bound to, so that none can be moved to another entry."""
    return f"opslayer body 1/{partition}/{seq}/{kind}".encode()
