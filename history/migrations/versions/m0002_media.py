"""Recordings of interactions."""

import sqlalchemy as sa
from alembic import op

from history.schema import UtcDateTime, key, words

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "media",
        sa.Column("interaction_id", key(), sa.ForeignKey("interaction.id"), primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("tenant_id", sa.String(64), server_default="default", nullable=False),
        sa.Column("file", sa.String(255), nullable=False),
        sa.Column("media_type", words(64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha512", words(128), nullable=False),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("reason", words(), nullable=False),
        sa.Column("delete_after", UtcDateTime()),
        sa.Column("deleted_at", UtcDateTime()),
    )
    op.create_index("ix_media_delete_after", "media", ["delete_after"])
