"""What was understood of interactions that are over."""

import sqlalchemy as sa
from alembic import op

from history.schema import key, words

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "analysis",
        sa.Column("interaction_id", key(), sa.ForeignKey("interaction.id"), primary_key=True),
        sa.Column("type", key(32), primary_key=True),
        sa.Column("tenant_id", sa.String(64), server_default="default", nullable=False),
        sa.Column("version", key(), nullable=False),
        sa.Column("method", words(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
    )
