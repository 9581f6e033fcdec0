"""Contacts, their addresses and merges; the calls that are there get theirs."""

import sqlalchemy as sa
from alembic import op

from history.identity.points import contact_of, telephone
from history.schema import UtcDateTime, key, words

revision = "0003"
down_revision = "0002"


def _tenant() -> "sa.Column[str]":
    return sa.Column("tenant_id", sa.String(64), server_default="default", nullable=False)


def upgrade() -> None:
    op.add_column("interaction", sa.Column("contact_id", key(), server_default="", nullable=False))
    op.create_index("ix_interaction_contact_id_started_at", "interaction", ["contact_id", "started_at"])
    contact = op.create_table(
        "contact",
        sa.Column("id", key(), primary_key=True),
        _tenant(),
        sa.Column("name", words(), server_default="", nullable=False),
        sa.Column("name_at", UtcDateTime()),
        sa.Column("merged_into", key(), server_default="", nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_contact_merged_into", "contact", ["merged_into"])
    point = op.create_table(
        "contact_point",
        sa.Column("contact_id", key(), sa.ForeignKey("contact.id"), primary_key=True),
        sa.Column("kind", key(16), primary_key=True),
        sa.Column("value", key(255), primary_key=True),
        _tenant(),
        sa.Column("confidence", sa.String(16), nullable=False),
        sa.Column("verified_at", UtcDateTime()),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_contact_point_kind_value", "contact_point", ["kind", "value"])
    op.create_table(
        "contact_merge",
        sa.Column("id", key(), primary_key=True),
        _tenant(),
        sa.Column("one", key(), sa.ForeignKey("contact.id"), nullable=False),
        sa.Column("other", key(), sa.ForeignKey("contact.id"), nullable=False),
        sa.Column("actor", words(128), nullable=False),
        sa.Column("reason", words(), nullable=False),
        sa.Column("merged_at", UtcDateTime(), nullable=False),
        sa.Column("undone_at", UtcDateTime()),
        sa.Column("undone_by", words(128), server_default="", nullable=False),
    )
    op.create_index("ix_contact_merge_one", "contact_merge", ["one"])
    op.create_index("ix_contact_merge_other", "contact_merge", ["other"])
    _contacts_of_earlier_calls(contact, point)


def _contacts_of_earlier_calls(contact: sa.Table, point: sa.Table) -> None:
    interaction = sa.table(
        "interaction", sa.column("caller"), sa.column("line"), sa.column("contact_id"),
        sa.column("started_at", UtcDateTime()),
    )  # fmt: skip
    row, connection = interaction.c, op.get_bind()
    seen = sa.func.min(row.started_at), sa.func.max(row.started_at)
    for caller, line, first, last in connection.execute(
        sa.select(row.caller, row.line, *seen).where(row.caller != "").group_by(row.caller, row.line)
    ).all():
        if (number := telephone(caller, line)) is None:
            continue
        contact_id = contact_of(number)
        found = connection.execute(sa.select(contact).where(contact.c.id == contact_id)).one_or_none()
        if found is None:
            span = {"first_seen": first, "last_seen": last}
            connection.execute(sa.insert(contact), {"id": contact_id, **span})
            theirs = {"contact_id": contact_id, "kind": number.kind, "value": number.value, "confidence": "known"}
            connection.execute(sa.insert(point), {**theirs, **span})
        else:
            span = {"first_seen": min(first, found.first_seen), "last_seen": max(last, found.last_seen)}
            connection.execute(sa.update(contact).where(contact.c.id == contact_id).values(**span))
            connection.execute(sa.update(point).where(point.c.contact_id == contact_id).values(**span))
        connection.execute(
            sa.update(interaction).where(row.caller == caller, row.line == line).values(contact_id=contact_id)
        )
