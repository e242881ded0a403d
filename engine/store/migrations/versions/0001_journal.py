"""The journal: entries, bodies, keys, heads, and what guards them."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0001"
down_revision: Final = None

BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ERASED: Final = (
    "EXISTS (SELECT 1 FROM journal_subjects e WHERE e.subject = OLD.person AND e.kind = 'erasure' "
    "AND e.partition = OLD.partition AND e.seq > OLD.seq)"
)


def upgrade() -> None:
    """Go forward; there is no way back but a backup."""
    _entries()
    heads = _bodies()
    op.bulk_insert(heads, [{"partition": 0, "seq": 0, "hash": bytes(32), "erasures": 0}])
    for statement in _guards_sqlite() if op.get_bind().dialect.name == "sqlite" else _guards_postgresql():
        op.execute(statement)


def _entries() -> None:
    op.create_table(
        "journal",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", BIG, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("subjects", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "seq", name="pk_journal"),
    )
    op.create_index("ix_journal_kind_partition_seq", "journal", ["kind", "partition", "seq"])
    op.create_table(
        "journal_subjects",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", BIG, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partition", "seq"], ["journal.partition", "journal.seq"], name="fk_journal_subjects_journal"
        ),
        sa.PrimaryKeyConstraint("subject", "partition", "seq", name="pk_journal_subjects"),
    )
    op.create_index(
        "ix_journal_subjects_subject_kind_partition_seq", "journal_subjects", ["subject", "kind", "partition", "seq"]
    )


def _bodies() -> sa.Table:
    op.create_table(
        "person_keys",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person_keys"),
        sa.UniqueConstraint("person", name="uq_person_keys_person"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "bodies",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", BIG, autoincrement=False, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("key_id", BIG, nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["person_keys.id"], name="fk_bodies_person_keys"),
        sa.ForeignKeyConstraint(["partition", "seq"], ["journal.partition", "journal.seq"], name="fk_bodies_journal"),
        sa.PrimaryKeyConstraint("partition", "seq", name="pk_bodies"),
    )
    op.create_index("ix_bodies_key_id", "bodies", ["key_id"])
    op.create_index("ix_bodies_person_partition_seq", "bodies", ["person", "partition", "seq"])
    return op.create_table(
        "heads",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("erasures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("partition", name="pk_heads"),
    )


def _guards_sqlite() -> list[str]:
    """Triggers that refuse every change of what was written; a body may go after its person's erasure is entered."""
    never = "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
    tables = ("journal", "journal_subjects")
    guards = [
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} {never}"
        for table in tables
        for verb in ("update", "delete")
    ]
    guards.append(f"CREATE TRIGGER bodies_no_update BEFORE UPDATE ON bodies {never}")
    guards.append(f"CREATE TRIGGER bodies_no_delete BEFORE DELETE ON bodies WHEN NOT {_ERASED} {never}")
    return guards


def _guards_postgresql() -> list[str]:
    refuse = "RAISE EXCEPTION 'the journal is append-only'"
    never = "FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()"
    erase = f"BEGIN IF NOT {_ERASED} THEN {refuse}; END IF; RETURN OLD; END"
    return [
        f"CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {refuse}; END $$",
        f"CREATE FUNCTION journal_erase() RETURNS trigger LANGUAGE plpgsql AS $$ {erase} $$",
        f"CREATE TRIGGER journal_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON journal {never}",
        f"CREATE TRIGGER subjects_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_subjects {never}",
        f"CREATE TRIGGER bodies_guard BEFORE UPDATE OR TRUNCATE ON bodies {never}",
        "CREATE TRIGGER bodies_erase BEFORE DELETE ON bodies FOR EACH ROW EXECUTE FUNCTION journal_erase()",
    ]
