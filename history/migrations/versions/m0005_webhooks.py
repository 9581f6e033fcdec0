"""Endpoints outside that are told of events, the messages to them, and how far these got."""

import sqlalchemy as sa
from alembic import op

from history.schema import UtcDateTime, key, words

revision = "0005"
down_revision = "0004"


def _tenant() -> "sa.Column[str]":
    return sa.Column("tenant_id", sa.String(64), server_default="default", nullable=False)


def _text(name: str, length: int = 255) -> "sa.Column[str]":
    return sa.Column(name, words(length), server_default="", nullable=False)


def upgrade() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", key(), primary_key=True),
        _tenant(),
        sa.Column("url", sa.Text(), nullable=False),
        _text("description"),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("detail", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        _text("why"),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("failing_since", UtcDateTime()),
        sa.Column("secret", sa.String(128), nullable=False),
        _text("previous_secret", 128),
        sa.Column("previous_until", UtcDateTime()),
    )
    op.create_table(
        "outbox",
        sa.Column("id", key(), primary_key=True),
        _tenant(),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("interaction_id", key(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_outbox_created_at", "outbox", ["created_at"])
    op.create_index("ix_outbox_interaction_id", "outbox", ["interaction_id"])
    op.create_table(
        "webhook_delivery",
        sa.Column("outbox_id", key(), sa.ForeignKey("outbox.id"), primary_key=True),
        sa.Column("endpoint_id", key(), sa.ForeignKey("webhook_endpoint.id"), primary_key=True),
        _tenant(),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        _text("claimed_by"),
        sa.Column("first_tried_at", UtcDateTime()),
        sa.Column("last_tried_at", UtcDateTime()),
        sa.Column("delivered_at", UtcDateTime()),
        sa.Column("status", sa.Integer(), server_default="0", nullable=False),
        _text("error"),
    )
    op.create_index(
        "ix_webhook_delivery_endpoint_id_state_due_at", "webhook_delivery", ["endpoint_id", "state", "due_at"]
    )
