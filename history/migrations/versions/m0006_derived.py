"""What is derived from interactions that are over: facts, totals of the KPIs, and what is still to be derived."""

import sqlalchemy as sa
from alembic import op

from history.schema import UtcDateTime, key, words

revision = "0006"
down_revision = "0005"


def _tenant() -> "sa.Column[str]":
    return sa.Column("tenant_id", sa.String(64), server_default="default", nullable=False)


def _text(name: str, length: int = 255) -> "sa.Column[str]":
    return sa.Column(name, words(length), server_default="", nullable=False)


def upgrade() -> None:
    op.create_table(
        "to_derive",
        sa.Column("interaction_id", key(), sa.ForeignKey("interaction.id"), primary_key=True),
        _tenant(),
        sa.Column("mark", key(), nullable=False),
    )
    op.create_table(
        "interaction_fact",
        sa.Column("interaction_id", key(), sa.ForeignKey("interaction.id"), primary_key=True),
        _tenant(),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("version", key(), nullable=False),
        _text("channel"),
        _text("direction"),
        _text("line"),
        _text("language"),
        sa.Column("contact_id", key(), nullable=False, server_default=""),
        _text("topic", 64),
        _text("urgency", 16),
        _text("mood", 16),
        _text("outcome"),
        sa.Column("handed", sa.Boolean(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=False),
        sa.Column("contribution", sa.JSON(), nullable=False),
    )
    op.create_index("ix_interaction_fact_contact_id_started_at", "interaction_fact", ["contact_id", "started_at"])
    op.create_index("ix_interaction_fact_topic_started_at", "interaction_fact", ["topic", "started_at"])
    op.create_index("ix_interaction_fact_started_at", "interaction_fact", ["started_at"])
    op.create_table(
        "kpi_total",
        sa.Column("line", key(64), primary_key=True),
        sa.Column("dimension", key(16), primary_key=True),
        sa.Column("grain", key(8), primary_key=True),
        sa.Column("start", key(10), primary_key=True),
        sa.Column("value", key(64), primary_key=True),
        _tenant(),
        sa.Column("sums", sa.JSON(), nullable=False),
    )
