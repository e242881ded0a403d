"""A pulled kill switch tells who pulled it."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0005"
down_revision: Final = "0004"


def upgrade() -> None:
    """Go forward; there is no way back but a backup. Of those pulled before, the journal alone knows by whom."""
    op.add_column("switches", sa.Column("by", sa.Text(), nullable=False, server_default=""))
