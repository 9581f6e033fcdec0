"""The tables of the shared history. `interaction_event` is the truth; the others are projections of it.

Times are UTC; ids are UUIDv7 text. Every change here needs a migration in `history/migrations/versions`, which uses the
types of this file, so that it makes the same on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine

REVISION = "0017"
"""The newest migration: what a reader of the database expects to find."""

DEFAULT_TENANT = "default"


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC datetimes: `timestamptz` on PostgreSQL; SQLite's column keeps no time zone."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name == "postgresql":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)  # PostgreSQL's connections are in UTC


def key(length: int = 64) -> TypeEngine[str]:
    """Text that is compared and sorted byte by byte, as SQLite does: ids, and whatever an export is sorted by."""
    return String(length).with_variant(Text(collation="C"), "postgresql")


def words(length: int = 255) -> TypeEngine[str]:
    """Text whose length nothing enforces: what has happened cannot be refused for its length when it is projected."""
    return String(length).with_variant(Text(), "postgresql")


def _tenant() -> Column[str]:
    return Column("tenant_id", String(64), nullable=False, server_default=DEFAULT_TENANT)


def _text(name: str, kind: TypeEngine[str] | None = None) -> Column[str]:
    return Column(name, kind or words(), nullable=False, server_default="")


def _of_interaction() -> Column[str]:
    return Column("interaction_id", ForeignKey("interaction.id"), primary_key=True)


BY_MONTH = "RANGE (interaction_id)"
"""On PostgreSQL such a table has a partition for each month (`postgres_months.py`)."""

metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s"})

interaction = Table(
    "interaction",
    metadata,
    Column("id", key(), primary_key=True),
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
    Column("started_at", UtcDateTime, nullable=False),
    Column("queued_at", UtcDateTime),
    Column("joined_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("duration_ms", BigInteger),
    Column("last_seq", Integer, nullable=False),
    _text("contact_id", key()),
    _text("subject"),
    _text("thread"),
    Column("topics", Text, nullable=False, server_default=""),
    Index(None, "status"),
    Index(None, "contact_id", "started_at"),
    Index(None, "tenant_id", "started_at"),
)

interaction_event = Table(
    "interaction_event",
    metadata,
    _of_interaction(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _tenant(),
    Column("type", String(64), nullable=False),
    Column("actor", words(128), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("payload", JSON, nullable=False),
    postgresql_partition_by=BY_MONTH,
)

segment = Table(
    "segment",
    metadata,
    _of_interaction(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _tenant(),
    Column("speaker", String(16), nullable=False),
    Column("start_ms", BigInteger, nullable=False),
    Column("end_ms", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("confidence", Float),
    Column("engine", words(64)),
    Column("article", words()),
    Column("key", words()),
    Column("interrupted", Boolean, nullable=False),
    Column("latency_ms", BigInteger),
    postgresql_partition_by=BY_MONTH,
)

callback = Table(
    "callback",
    metadata,
    _of_interaction(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _tenant(),
    Column("queue", words(), nullable=False),
    Column("number", words(64), nullable=False),
    Column("reason", words(), nullable=False),
    Column("slots", JSON, nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("done_by", words(128)),
    Index(None, "done_at"),
    Index(None, "number", "done_at"),
)

media = Table(
    "media",
    metadata,
    _of_interaction(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _tenant(),
    Column("file", String(255), nullable=False),
    Column("media_type", words(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha512", words(128), nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("reason", words(), nullable=False),
    Column("delete_after", UtcDateTime),
    Column("deleted_at", UtcDateTime),
    _text("key_id", words(64)),
    Index(None, "delete_after"),
)

wrapup = Table(
    "wrapup",
    metadata,
    _of_interaction(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _tenant(),
    _text("operator", words(128)),
    Column("duration_ms", BigInteger, nullable=False),
    _text("code"),
    Column("note", Text, nullable=False, server_default=""),
    Column("at", UtcDateTime, nullable=False),
)

survey_response = Table(
    "survey_response",
    metadata,
    _of_interaction(),
    Column("kind", key(), primary_key=True),
    Column("seq", Integer, nullable=False),
    _tenant(),
    _text("survey"),
    Column("score", Integer, nullable=False),
    Column("scale", Integer, nullable=False),
    _text("answered_by", words(16)),
    Column("comment", Text, nullable=False, server_default=""),
    Column("at", UtcDateTime, nullable=False),
)

contact = Table(
    "contact",
    metadata,
    Column("id", key(), primary_key=True),
    _tenant(),
    _text("name"),
    Column("name_at", UtcDateTime),
    _text("merged_into", key()),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
    Index(None, "merged_into"),
)

contact_point = Table(
    "contact_point",
    metadata,
    Column("contact_id", ForeignKey("contact.id"), primary_key=True),
    Column("kind", key(16), primary_key=True),
    Column("value", key(255), primary_key=True),
    _tenant(),
    Column("confidence", String(16), nullable=False),
    Column("verified_at", UtcDateTime),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
    Index(None, "kind", "value"),
)

contact_merge = Table(
    "contact_merge",
    metadata,
    Column("id", key(), primary_key=True),
    _tenant(),
    Column("one", ForeignKey("contact.id"), nullable=False),
    Column("other", ForeignKey("contact.id"), nullable=False),
    Column("actor", words(128), nullable=False),
    Column("reason", words(), nullable=False),
    Column("merged_at", UtcDateTime, nullable=False),
    Column("undone_at", UtcDateTime),
    _text("undone_by", words(128)),
    Index(None, "one"),
    Index(None, "other"),
)

thread_decision = Table(
    "thread_decision",
    metadata,
    Column("id", key(), primary_key=True),
    _tenant(),
    Column("kind", String(16), nullable=False),
    Column("one", key(), nullable=False),
    _text("other", key()),
    Column("actor", words(128), nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("undone_at", UtcDateTime),
    _text("undone_by", words(128)),
    Index(None, "one"),
    Index(None, "other"),
)

received_event = Table(
    "received_event",
    metadata,
    Column("source", key(255), primary_key=True),
    Column("event_id", key(255), primary_key=True),
    _tenant(),
    Column("sha256", String(64), nullable=False),
    Column("interaction_id", ForeignKey("interaction.id"), nullable=False),
)

webhook_endpoint = Table(
    "webhook_endpoint",
    metadata,
    Column("id", key(), primary_key=True),
    _tenant(),
    Column("url", Text, nullable=False),
    _text("description"),
    Column("types", JSON, nullable=False),
    Column("detail", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    _text("why"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("failing_since", UtcDateTime),
    Column("secret", String(128), nullable=False),
    _text("previous_secret", words(128)),
    Column("previous_until", UtcDateTime),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", key(), primary_key=True),
    _tenant(),
    Column("topic", String(64), nullable=False),
    Column("interaction_id", key(), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "created_at"),
    Index(None, "interaction_id"),
)

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    Column("outbox_id", ForeignKey("outbox.id"), primary_key=True),
    Column("endpoint_id", ForeignKey("webhook_endpoint.id"), primary_key=True),
    _tenant(),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    _text("claimed_by"),
    Column("first_tried_at", UtcDateTime),
    Column("last_tried_at", UtcDateTime),
    Column("delivered_at", UtcDateTime),
    Column("status", Integer, nullable=False, server_default="0"),
    _text("error"),
    Index(None, "endpoint_id", "state", "due_at"),
)
