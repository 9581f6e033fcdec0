"""What people were told, agreed to and refused; of calls that are there it is derived in the background."""

import sqlalchemy as sa
from alembic import op

from history.schema import UtcDateTime, key, words

revision = "0012"
down_revision = "0011"


def _text(name: str, length: int = 255) -> "sa.Column[str]":
    return sa.Column(name, words(length), server_default="", nullable=False)


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("interaction_id", key(), sa.ForeignKey("interaction.id"), primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("tenant_id", sa.String(64), server_default="default", nullable=False),
        sa.Column("contact_id", key(), server_default="", nullable=False),
        sa.Column("kind", key(32), nullable=False),
        sa.Column("state", key(16), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        _text("flowbook"),
        _text("revision"),
        _text("text_key"),
        _text("language", 16),
        sa.Column("told_words", sa.Text(), server_default="", nullable=False),
        sa.Column("started_ms", sa.BigInteger()),
        sa.Column("ended_ms", sa.BigInteger()),
        _text("method", 16),
        sa.Column("answer_seq", sa.Integer()),
        _text("answer_key", 16),
        _text("sound_sha512", 128),
    )
    op.create_index("ix_consent_contact_id_at", "consent", ["contact_id", "at"])
    _of_earlier_calls()


def _of_earlier_calls() -> None:
    """Those that are over are marked, so that a long history does not keep the server from starting. What was emptied
    before has nothing left to tell."""
    interaction = sa.table("interaction", sa.column("id"), sa.column("status"), sa.column("channel"))
    to_derive = sa.table("to_derive", sa.column("interaction_id"), sa.column("mark"))
    emptied = sa.table("emptied", sa.column("interaction_id"))
    row = interaction.c
    over = sa.select(row.id, row.id).where(
        row.status == "ended",
        row.channel == "voice",
        row.id.not_in(sa.select(to_derive.c.interaction_id)),
        row.id.not_in(sa.select(emptied.c.interaction_id)),
    )
    op.get_bind().execute(sa.insert(to_derive).from_select(["interaction_id", "mark"], over))
