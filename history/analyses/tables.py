"""What was understood of an interaction that is over: one row of each kind, made anew when its version rises.

taken_in: it came with a vCon and stays as it came.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, String, Table, false

from history.schema import DEFAULT_TENANT, key, metadata, words

analysis = Table(
    "analysis",
    metadata,
    Column("interaction_id", ForeignKey("interaction.id"), primary_key=True),
    Column("type", key(32), primary_key=True),
    Column("tenant_id", String(64), nullable=False, server_default=DEFAULT_TENANT),
    Column("version", key(), nullable=False),
    Column("method", words(), nullable=False),
    Column("body", JSON, nullable=False),
    Column("why", JSON, nullable=False),
    Column("taken_in", Boolean, nullable=False, server_default=false()),
)
