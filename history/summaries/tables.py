"""to_summarize: interactions whose summary a model is still to write. tries: how many were begun. due_at: nobody tries
(again) before this moment, when a try that a killed server never ended is taken up, too. error: of the last try, never
with words of the conversation."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from history.schema import DEFAULT_TENANT, UtcDateTime, metadata, words

__all__ = ["to_summarize"]

to_summarize = Table(
    "to_summarize",
    metadata,
    Column("interaction_id", ForeignKey("interaction.id"), primary_key=True),
    Column("tenant_id", String(64), nullable=False, server_default=DEFAULT_TENANT),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("due_at", UtcDateTime, nullable=False),
    Column("error", words(255), nullable=False, server_default=""),
)
