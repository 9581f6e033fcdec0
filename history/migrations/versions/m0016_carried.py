"""What interactions that were removed counted for, and facts that hang on them."""

import sqlalchemy as sa
from alembic import op

from history.schema import key

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    names = (("line", 64), ("dimension", 16), ("grain", 8), ("start", 10), ("value", 64))
    op.create_table(
        "kpi_carried",
        *(sa.Column(name, key(length), primary_key=True) for name, length in names),
        sa.Column("tenant_id", sa.String(64), server_default="default", nullable=False),
        sa.Column("sums", sa.JSON(), nullable=False),
    )
    op.add_column("interaction_fact", sa.Column("settled", sa.Boolean(), server_default=sa.false(), nullable=False))
