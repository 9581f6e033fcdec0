"""The tables of privacy.

audit_log: who looked at or did what, each row with the hash of the one before (`chain`); ids only. legal_hold: what may
not be deleted, of an interaction or of a contact. emptied: interactions whose words ('words') or all that tells a
person ('person') were taken out. shredded: recordings that were deleted, with the ids of their keys; done_at: None
while the server that has key and file has not destroyed them. It outlives the interactions.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from history.schema import DEFAULT_TENANT, UtcDateTime, key, metadata, words

__all__ = ["audit_log", "emptied", "legal_hold", "shredded"]


def _tenant() -> Column[str]:
    return Column("tenant_id", String(64), nullable=False, server_default=DEFAULT_TENANT)


audit_log = Table(
    "audit_log",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _tenant(),
    Column("at", String(32), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("role", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject_kind", String(16), nullable=False),
    Column("subject_id", String(128), nullable=False),
    Column("origin", String(64), nullable=False),
    Column("detail", Text, nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index(None, "subject_id"),
)

legal_hold = Table(
    "legal_hold",
    metadata,
    Column("id", String(64), primary_key=True),
    _tenant(),
    Column("subject_kind", String(16), nullable=False),
    Column("subject_id", String(64), nullable=False),
    Column("reason", String(255), nullable=False),
    Column("set_by", String(128), nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
    Column("lifted_by", String(128), nullable=False, server_default=""),
    Column("lifted_at", UtcDateTime),
    Index(None, "subject_id"),
)

emptied = Table(
    "emptied",
    metadata,
    Column("interaction_id", ForeignKey("interaction.id"), primary_key=True),
    _tenant(),
    Column("what", String(16), nullable=False),
    Column("why", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

shredded = Table(
    "shredded",
    metadata,
    Column("file", key(255), primary_key=True),
    _tenant(),
    Column("key_id", words(64), nullable=False, server_default=""),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Index(None, "done_at"),
)
