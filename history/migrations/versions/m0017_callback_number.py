"""Open call-backs to a number are found without looking at all that are open."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_index("ix_callback_number_done_at", "callback", ["number", "done_at"])
