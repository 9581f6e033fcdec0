"""Interactions whose summary a language model is still to write."""

import sqlalchemy as sa
from alembic import op

from history.schema import UtcDateTime, key, words

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "to_summarize",
        sa.Column("interaction_id", key(), sa.ForeignKey("interaction.id"), primary_key=True),
        sa.Column("tenant_id", sa.String(64), server_default="default", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("error", words(255), server_default="", nullable=False),
    )
