"""The audit log, which no statement may change; legal holds; interactions that were emptied."""

import sqlalchemy as sa
from alembic import op

from history.schema import UtcDateTime, key

revision = "0009"
down_revision = "0008"

REFUSAL = "the audit log is append-only"


def _tenant() -> "sa.Column[str]":
    return sa.Column("tenant_id", sa.String(64), server_default="default", nullable=False)


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        _tenant(),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("role", sa.String(64), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject_kind", sa.String(16), nullable=False),
        sa.Column("subject_id", sa.String(128), nullable=False),
        sa.Column("origin", sa.String(64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("ix_audit_log_subject_id", "audit_log", ["subject_id"])
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.String(64), primary_key=True),
        _tenant(),
        sa.Column("subject_kind", sa.String(16), nullable=False),
        sa.Column("subject_id", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(255), nullable=False),
        sa.Column("set_by", sa.String(128), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.Column("lifted_by", sa.String(128), server_default="", nullable=False),
        sa.Column("lifted_at", UtcDateTime()),
    )
    op.create_index("ix_legal_hold_subject_id", "legal_hold", ["subject_id"])
    op.create_table(
        "emptied",
        sa.Column("interaction_id", key(), sa.ForeignKey("interaction.id"), primary_key=True),
        _tenant(),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("why", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    _refuse_changes()


def _refuse_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_log_no_{change.lower()} BEFORE {change} ON audit_log "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse()"
    )
