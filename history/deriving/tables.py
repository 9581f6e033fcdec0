"""The tables of what is derived from the log. All can be emptied and made again (`storing.Forget`), but for
the facts of interactions whose words were taken out, and what hangs on interactions that were removed.

interaction_fact: one row for an interaction that is over; `settled`: what it counts for stays as it is, as what came
later was removed. to_derive: those whose facts must be made (again); `mark` is new each time, so that who has done the
work takes away only what was asked for before it began. kpi_total: what the contributions of all calls add up to, see
`history.kpis.contribution.Cell`; kpi_carried: the part of it that interactions added which were removed since.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, false

from history.schema import DEFAULT_TENANT, UtcDateTime, key, metadata, words

__all__ = ["interaction_fact", "kpi_carried", "kpi_total", "to_derive"]


def _tenant() -> Column[str]:
    return Column("tenant_id", String(64), nullable=False, server_default=DEFAULT_TENANT)


def _text(name: str, length: int = 255) -> Column[str]:
    return Column(name, words(length), nullable=False, server_default="")


def _key(name: str, length: int) -> Column[str]:
    return Column(name, key(length), primary_key=True)


to_derive = Table(
    "to_derive",
    metadata,
    Column("interaction_id", ForeignKey("interaction.id"), primary_key=True),
    _tenant(),
    Column("mark", key(), nullable=False),
)

interaction_fact = Table(
    "interaction_fact",
    metadata,
    Column("interaction_id", ForeignKey("interaction.id"), primary_key=True),
    _tenant(),
    Column("seq", Integer, nullable=False),
    Column("version", key(), nullable=False),
    _text("channel"),
    _text("direction"),
    _text("line"),
    _text("language"),
    Column("contact_id", key(), nullable=False, server_default=""),
    _text("topic", 64),
    _text("urgency", 16),
    _text("mood", 16),
    _text("outcome"),
    Column("handed", Boolean, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, nullable=False),
    Column("contribution", JSON, nullable=False),
    Column("settled", Boolean, nullable=False, server_default=false()),
    Index(None, "contact_id", "started_at"),
    Index(None, "topic", "started_at"),
    Index(None, "started_at"),
)


def _totals(name: str) -> Table:
    return Table(
        name,
        metadata,
        _key("line", 64),
        _key("dimension", 16),
        _key("grain", 8),
        _key("start", 10),
        _key("value", 64),
        _tenant(),
        Column("sums", JSON, nullable=False),
    )


kpi_total = _totals("kpi_total")
kpi_carried = _totals("kpi_carried")
