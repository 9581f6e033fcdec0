"""The tables of the shared history. `interaction_event` is the truth; the others are projections of it.

Times are UTC; ids are UUIDv7 text. Every change here needs a migration in `history/migrations/versions`.
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

REVISION = "0004"
"""The newest migration: what a reader of the database expects to find."""

DEFAULT_TENANT = "default"


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC datetimes in a column that keeps no time zone (SQLite)."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def _tenant() -> Column[str]:
    return Column("tenant_id", String(64), nullable=False, server_default=DEFAULT_TENANT)


def _text(name: str, length: int = 255) -> Column[str]:
    return Column(name, String(length), nullable=False, server_default="")


def _of_interaction() -> Column[str]:
    return Column("interaction_id", ForeignKey("interaction.id"), primary_key=True)


metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s"})

interaction = Table(
    "interaction",
    metadata,
    Column("id", String(64), primary_key=True),
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
    _text("contact_id", 64),
    _text("subject"),
    _text("thread"),
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
    Column("actor", String(128), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("payload", JSON, nullable=False),
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
    Column("engine", String(64)),
    Column("article", String(255)),
    Column("key", String(255)),
    Column("interrupted", Boolean, nullable=False),
    Column("latency_ms", BigInteger),
)

callback = Table(
    "callback",
    metadata,
    _of_interaction(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _tenant(),
    Column("queue", String(255), nullable=False),
    Column("number", String(64), nullable=False),
    Column("reason", String(255), nullable=False),
    Column("slots", JSON, nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("done_by", String(128)),
    Index(None, "done_at"),
)

media = Table(
    "media",
    metadata,
    _of_interaction(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _tenant(),
    Column("file", String(255), nullable=False),
    Column("media_type", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha512", String(128), nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("reason", String(255), nullable=False),
    Column("delete_after", UtcDateTime),
    Column("deleted_at", UtcDateTime),
    Index(None, "delete_after"),
)

contact = Table(
    "contact",
    metadata,
    Column("id", String(64), primary_key=True),
    _tenant(),
    _text("name"),
    Column("name_at", UtcDateTime),
    _text("merged_into", 64),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
    Index(None, "merged_into"),
)

contact_point = Table(
    "contact_point",
    metadata,
    Column("contact_id", ForeignKey("contact.id"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("value", String(255), primary_key=True),
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
    Column("id", String(64), primary_key=True),
    _tenant(),
    Column("one", ForeignKey("contact.id"), nullable=False),
    Column("other", ForeignKey("contact.id"), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("reason", String(255), nullable=False),
    Column("merged_at", UtcDateTime, nullable=False),
    Column("undone_at", UtcDateTime),
    _text("undone_by", 128),
    Index(None, "one"),
    Index(None, "other"),
)

received_event = Table(
    "received_event",
    metadata,
    Column("source", String(255), primary_key=True),
    Column("event_id", String(255), primary_key=True),
    _tenant(),
    Column("sha256", String(64), nullable=False),
    Column("interaction_id", ForeignKey("interaction.id"), nullable=False),
)
