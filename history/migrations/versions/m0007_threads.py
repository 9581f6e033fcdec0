"""What interactions are about, and what people decided of the threads they form."""

import sqlalchemy as sa
from alembic import op

from history import topics
from history.schema import UtcDateTime, key, words

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("interaction", sa.Column("topics", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "thread_decision",
        sa.Column("id", key(), primary_key=True),
        sa.Column("tenant_id", sa.String(64), server_default="default", nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("one", key(), nullable=False),
        sa.Column("other", key(), server_default="", nullable=False),
        sa.Column("actor", words(128), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("undone_at", UtcDateTime()),
        sa.Column("undone_by", words(128), server_default="", nullable=False),
    )
    op.create_index("ix_thread_decision_one", "thread_decision", ["one"])
    op.create_index("ix_thread_decision_other", "thread_decision", ["other"])
    interaction = sa.table("interaction", *map(sa.column, ("subject", "article", "topics")))
    row, connection = interaction.c, op.get_bind()
    found = sa.select(row.subject, row.article).where(sa.or_(row.subject != "", row.article != "")).distinct()
    for subject, article in connection.execute(found).all():
        known = topics.joined("", [*topics.subject_keys(subject), topics.key_of(article)])
        these = sa.and_(row.subject == subject, row.article == article)
        connection.execute(sa.update(interaction).where(these).values(topics=known))
