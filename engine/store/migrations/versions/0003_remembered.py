"""What is remembered, to be found by its words: FTS5 on SQLite, tsvector on PostgreSQL."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0003"
down_revision: Final = "0002"

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SQLITE: Final = (
    """
CREATE VIRTUAL TABLE remembered_words USING fts5(
    words, tokenize='unicode61 remove_diacritics 2', prefix='2 3'
)""",
)
_POSTGRES: Final = ("CREATE INDEX ix_remembered_words ON remembered USING gin (to_tsvector('simple', words))",)


def upgrade() -> None:
    """Go forward; there is no way back but a backup."""
    op.create_table(
        "remembered",
        sa.Column("seq", _BIG, nullable=False, autoincrement=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_remembered"),
    )
    op.create_index("ix_remembered_person", "remembered", ["person"])
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES:
        op.execute(statement)
