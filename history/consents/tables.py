"""What people were told, agreed to and refused: one row for each event that shows it, made anew from the log.

`told_words` are the words that were played; they and the contact are all that is emptied when a person is erased.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from history.schema import DEFAULT_TENANT, UtcDateTime, key, metadata, words


def _text(name: str, length: int = 255) -> Column[str]:
    return Column(name, words(length), nullable=False, server_default="")


consent = Table(
    "consent",
    metadata,
    Column("interaction_id", ForeignKey("interaction.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("tenant_id", String(64), nullable=False, server_default=DEFAULT_TENANT),
    Column("contact_id", key(), nullable=False, server_default=""),
    Column("kind", key(32), nullable=False),
    Column("state", key(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    _text("flowbook"),
    _text("revision"),
    _text("text_key"),
    _text("language", 16),
    Column("told_words", Text, nullable=False, server_default=""),
    Column("started_ms", BigInteger),
    Column("ended_ms", BigInteger),
    _text("method", 16),
    Column("answer_seq", Integer),
    _text("answer_key", 16),
    _text("sound_sha512", 128),
    Index(None, "contact_id", "at"),
)
