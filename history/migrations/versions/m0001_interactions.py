"""Interactions, their log, transcript segments and callbacks."""

import sqlalchemy as sa
from alembic import op

from history.schema import BY_MONTH, UtcDateTime, key, words

revision = "0001"
down_revision = None


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, words(), server_default="", nullable=False)


def _tenant() -> "sa.Column[str]":
    return sa.Column("tenant_id", sa.String(64), server_default="default", nullable=False)


def _keys() -> "tuple[sa.Column[str], sa.Column[int]]":
    return (
        sa.Column("interaction_id", key(), sa.ForeignKey("interaction.id"), primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
    )


def upgrade() -> None:
    op.create_table(
        "interaction",
        sa.Column("id", key(), primary_key=True),
        _tenant(),
        _text("node"),
        _text("channel"),
        _text("direction"),
        _text("status"),
        _text("line"),
        _text("door"),
        _text("language"),
        _text("caller"),
        _text("recognizer"),
        _text("flowbook"),
        _text("flowbook_revision"),
        _text("queue"),
        _text("operator"),
        _text("article"),
        _text("outcome"),
        _text("end_reason"),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("queued_at", UtcDateTime()),
        sa.Column("joined_at", UtcDateTime()),
        sa.Column("ended_at", UtcDateTime()),
        sa.Column("duration_ms", sa.BigInteger()),
        sa.Column("last_seq", sa.Integer(), nullable=False),
    )
    op.create_index("ix_interaction_status", "interaction", ["status"])
    op.create_index("ix_interaction_tenant_id_started_at", "interaction", ["tenant_id", "started_at"])
    op.create_table(
        "interaction_event",
        *_keys(),
        _tenant(),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("actor", words(128), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        postgresql_partition_by=BY_MONTH,
    )
    op.create_table(
        "segment",
        *_keys(),
        _tenant(),
        sa.Column("speaker", sa.String(16), nullable=False),
        sa.Column("start_ms", sa.BigInteger(), nullable=False),
        sa.Column("end_ms", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float()),
        sa.Column("engine", words(64)),
        sa.Column("article", words()),
        sa.Column("key", words()),
        sa.Column("interrupted", sa.Boolean(), nullable=False),
        sa.Column("latency_ms", sa.BigInteger()),
        postgresql_partition_by=BY_MONTH,
    )
    op.create_table(
        "callback",
        *_keys(),
        _tenant(),
        sa.Column("queue", words(), nullable=False),
        sa.Column("number", words(64), nullable=False),
        sa.Column("reason", words(), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime()),
        sa.Column("done_by", words(128)),
    )
    op.create_index("ix_callback_done_at", "callback", ["done_at"])
    if op.get_bind().dialect.name == "postgresql":
        for table in ("interaction_event", "segment"):  # the months are made when they are needed
            op.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT")
        op.execute("ALTER TABLE interaction SET (fillfactor = 80)")  # a row changes with every event of its call
