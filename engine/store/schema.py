"""The tables. What is looked up has a column; the whole value is JSON text beside it (`engine.store.codec`)."""

from typing import Final

from sqlalchemy import (
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
)

from engine.store.columns import BIG, Instant, Words

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str, *, key: bool = False, null: bool = False) -> Column[str]:
    return Column(name, Words, primary_key=key, nullable=null)


def _at(name: str, *, null: bool = False) -> Column[object]:
    return Column(name, Instant, nullable=null)


# --- the journal: never changed, never deleted from (triggers refuse it) -----------------------------------------

journal: Final = Table(
    "journal",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("seq", BIG, primary_key=True, autoincrement=False),
    _text("kind"),
    _at("recorded_at"),
    _at("valid_at", null=True),
    _text("actor"),
    _text("subjects"),  # a JSON list
    _text("revision"),
    _text("person"),  # whose key protects the body, "" nobody's
    Column("commitment", LargeBinary, nullable=False),  # SHA-256(salt || body)
    Column("hash", LargeBinary, nullable=False),  # SHA-256(hash before || header || commitment)
    Index(None, "kind", "partition", "seq"),
)

journal_subjects: Final = Table(
    "journal_subjects",
    metadata,
    _text("subject", key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("seq", BIG, primary_key=True, autoincrement=False),
    _text("kind"),
    ForeignKeyConstraint(["partition", "seq"], ["journal.partition", "journal.seq"]),
    Index(None, "subject", "kind", "partition", "seq"),
)

person_keys: Final = Table(
    "person_keys",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("person", Words, nullable=False, unique=True),
    Column("wrapped", LargeBinary, nullable=False),  # AES-256-GCM under the store's secret
    _at("created_at"),
    sqlite_autoincrement=True,  # an id is never used again
)

bodies: Final = Table(
    "bodies",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("seq", BIG, primary_key=True, autoincrement=False),
    _text("person"),
    Column("key_id", BIG, ForeignKey("person_keys.id"), nullable=True, index=True),
    Column("salt", LargeBinary, nullable=True),  # inside `content` where that is encrypted
    Column("content", LargeBinary, nullable=False),
    ForeignKeyConstraint(["partition", "seq"], ["journal.partition", "journal.seq"]),
    Index(None, "person", "partition", "seq"),
)

heads: Final = Table(
    "heads",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("seq", BIG, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("erasures", Integer, nullable=False),  # how many, so that other processes forget keys
)

# --- what came in ------------------------------------------------------------------------------------------------

cursors: Final = Table("cursors", metadata, _text("source", key=True), _text("stream", key=True), _text("cursor"))

seen_events: Final = Table(
    "seen_events",
    metadata,
    _text("source", key=True),
    _text("event_id", key=True),
    _at("at"),
    Index(None, "at"),
)

quarantine: Final = Table(
    "quarantine",
    metadata,
    Column("position", BIG, primary_key=True),
    Column("id", Words, nullable=False, unique=True),
    _text("source"),
    _text("state"),
    _at("first_at"),
    _at("last_at"),
    Column("times", Integer, nullable=False),
    _text("document"),
    Index(None, "state", "position"),
    Index(None, "source", "state", "position"),
    sqlite_autoincrement=True,
)

hints: Final = Table(
    "hints",
    metadata,
    _text("source", key=True),
    _text("stream", key=True),
    _text("key", key=True),
    Column("gone", Integer, nullable=False),  # 1 when any of them said that the record is gone
    Column("told", Integer, nullable=False),  # how often, so that one told meanwhile is not taken for done
)

heard: Final = Table(
    "heard",
    metadata,
    _text("source", key=True),
    _text("stream", key=True),
    _text("key", key=True),
    _text("mark"),  # the greatest place in the source's own order that was heard of
)

identity: Final = Table(
    "identity",
    metadata,
    _text("entity", key=True),
    _text("key", key=True),
    _text("id"),
    Index(None, "entity", "id"),
)

# --- decisions and actions ---------------------------------------------------------------------------------------

decisions: Final = Table(
    "decisions",
    metadata,
    Column("position", BIG, primary_key=True),
    Column("id", Words, nullable=False, unique=True),
    Column("seq", BIG, nullable=False),
    _text("proposal"),
    _text("ruleset"),
    _text("rule"),
    _text("subject"),
    _text("group_key"),
    _text("document"),
    Index(None, "proposal"),
    Index(None, "ruleset", "rule", "position"),
    Index(None, "ruleset", "position"),
    Index(None, "rule", "position"),
    Index(None, "subject", "position"),
    Index(None, "group_key"),
    sqlite_autoincrement=True,
)

actions: Final = Table(
    "actions",
    metadata,
    Column("position", BIG, primary_key=True),
    Column("id", Words, nullable=False, unique=True),
    _text("state"),
    Column("version", Integer, nullable=False),
    _text("digest"),
    _text("subject"),
    _text("policy"),
    _text("recipient"),
    _at("due_at", null=True),  # when a worker should look: not_before, or the end of a lease
    _at("expires_at", null=True),  # when silence ends it, while it is proposed or pending
    _text("worker"),  # who holds the lease
    _at("started_at", null=True),  # when sending last began
    _text("document"),
    Index(None, "state", "position"),
    Index(None, "subject", "position"),
    Index(None, "subject", "state", "position"),
    Index(None, "due_at"),
    Index(None, "expires_at"),
    Index(None, "started_at"),
    Index(None, "policy", "started_at"),
    Index(None, "recipient", "started_at"),
    sqlite_autoincrement=True,
)

action_versions: Final = Table(
    "action_versions",
    metadata,
    Column("action", Words, ForeignKey("actions.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    _text("digest"),
    _at("at"),
    _text("document"),
)

# --- running it --------------------------------------------------------------------------------------------------

switches: Final = Table("switches", metadata, _text("scope", key=True), _text("reason"), _text("by"), _at("at"))

snapshots: Final = Table(
    "snapshots",
    metadata,
    Column("seq", BIG, primary_key=True, autoincrement=False),
    _at("at"),
    Column("content", LargeBinary, nullable=False),
)

api_keys: Final = Table(
    "api_keys",
    metadata,
    _text("id", key=True),
    _text("name"),
    _text("role"),
    _text("kind"),
    _text("person"),
    Column("hash", LargeBinary, nullable=False, unique=True),  # SHA-256 of a random key of 256 bits
    _at("created_at"),
    _at("expires_at", null=True),
    _at("revoked_at", null=True),
)

remembered: Final = Table(
    "remembered",
    metadata,
    Column("seq", BIG, primary_key=True, autoincrement=False),
    _text("person"),
    _text("words"),  # as engine.store.recall.folded writes them; an index of words stands beside
    Index(None, "person"),
)

settings: Final = Table("settings", metadata, _text("name", key=True), _text("value"))
