"""Analyses that came with a vCon stay as they came."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("analysis", sa.Column("taken_in", sa.Boolean(), server_default=sa.false(), nullable=False))
