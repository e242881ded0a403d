"""Verdicts are journal entries; the table beside the journal was never read."""

from typing import Final

from alembic import op

revision: Final = "0004"
down_revision: Final = "0003"


def upgrade() -> None:
    """Go forward; there is no way back but a backup."""
    op.drop_table("verdicts")
