"""With which key a recording is encrypted, and which recordings and keys were destroyed or are still to be."""

import sqlalchemy as sa
from alembic import op

from history.schema import UtcDateTime, key, words

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("media", sa.Column("key_id", words(64), server_default="", nullable=False))
    op.create_table(
        "shredded",
        sa.Column("file", key(255), primary_key=True),
        sa.Column("tenant_id", sa.String(64), server_default="default", nullable=False),
        sa.Column("key_id", words(64), server_default="", nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime()),
    )
    op.create_index("ix_shredded_done_at", "shredded", ["done_at"])
