"""Events that other channels sent, by source and id; what an interaction was about, and to what it belongs."""

import sqlalchemy as sa
from alembic import op

from history.schema import key, words

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("interaction", sa.Column("subject", words(), server_default="", nullable=False))
    op.add_column("interaction", sa.Column("thread", words(), server_default="", nullable=False))
    op.create_table(
        "received_event",
        sa.Column("source", key(255), primary_key=True),
        sa.Column("event_id", key(255), primary_key=True),
        sa.Column("tenant_id", sa.String(64), server_default="default", nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("interaction_id", key(), sa.ForeignKey("interaction.id"), nullable=False),
    )
