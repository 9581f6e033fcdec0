"""The tables of outgoing calls, in a file of their own: claims and lists change, the history beside it does not.

What happened in a call is in the history only; here is what is still to be done. Times are UTC.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text

from history.schema import UtcDateTime

SCHEMA_VERSION = 1
"""Kept in SQLite's `user_version`; a file with a higher number was written by a newer Centralino."""

metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s"})

campaign = Table(
    "campaign",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("status", String(16), nullable=False),
    Column("plan", JSON, nullable=False),
    Column("columns", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

contact = Table(
    "contact",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("campaign_id", ForeignKey("campaign.id"), nullable=False),
    Column("row", Integer, nullable=False),
    Column("number", String(32), nullable=False),
    Column("name", String(300), nullable=False),
    Column("consent", String(300), nullable=False),
    Column("slots", JSON, nullable=False),
    Column("status", String(16), nullable=False),
    Column("held", String(32), nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("tried", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("interaction_id", String(64), nullable=False),
    Column("claimed_until", UtcDateTime),
    Index(None, "campaign_id", "status", "due_at"),
    Index(None, "number"),
)

attempt = Table(
    "attempt",
    metadata,
    Column("interaction_id", String(64), primary_key=True),
    Column("contact_id", ForeignKey("contact.id"), nullable=False),
    Column("campaign_id", ForeignKey("campaign.id"), nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("ended_at", UtcDateTime, nullable=False),
    Index(None, "campaign_id"),
)

bad_row = Table(
    "bad_row",
    metadata,
    Column("campaign_id", ForeignKey("campaign.id"), primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("why", Text, nullable=False),
    Column("fields", JSON, nullable=False),
)

opt_out = Table(
    "opt_out",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("source", String(32), nullable=False),
    Column("interaction_id", String(64), nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
)

register_check = Table(
    "register_check",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("listed", Boolean, nullable=False),
    Column("checked_at", UtcDateTime, nullable=False),
)

callback_task = Table(
    "callback_task",
    metadata,
    Column("interaction_id", String(64), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("status", String(16), nullable=False),
    Column("holder", String(64), nullable=False),
    Column("tried", Integer, nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("claimed_until", UtcDateTime),
    Column("call_id", String(64), nullable=False),
)
