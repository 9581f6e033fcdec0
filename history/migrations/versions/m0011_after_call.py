"""The work behind calls and answers to surveys; the log's are written."""

import sqlalchemy as sa
from alembic import op

from history.after_call import SurveyResponse, WrapUp, after_call
from history.deriving.upserting import put_missing
from history.events import StoredEvent
from history.schema import UtcDateTime, key, words

revision = "0011"
down_revision = "0010"

AT_ONCE = 500


def _of_interaction() -> "sa.Column[str]":
    return sa.Column("interaction_id", key(), sa.ForeignKey("interaction.id"), primary_key=True)


def _tenant() -> "sa.Column[str]":
    return sa.Column("tenant_id", sa.String(64), server_default="default", nullable=False)


def upgrade() -> None:
    wrapup = op.create_table(
        "wrapup",
        _of_interaction(),
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        _tenant(),
        sa.Column("operator", words(128), server_default="", nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("code", words(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    survey_response = op.create_table(
        "survey_response",
        _of_interaction(),
        sa.Column("kind", key(), primary_key=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        _tenant(),
        sa.Column("survey", words(), server_default="", nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("scale", sa.Integer(), nullable=False),
        sa.Column("answered_by", words(16), server_default="", nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    _of_earlier_calls(wrapup, survey_response)


def _of_earlier_calls(wrapup: sa.Table, survey_response: sa.Table) -> None:
    """Page by page: of a million calls they do not all fit into memory."""
    event = sa.table(
        "interaction_event", sa.column("interaction_id"), sa.column("seq"), sa.column("type"),
        sa.column("payload", sa.JSON()), sa.column("at_ms"), sa.column("occurred_at", UtcDateTime()),
    )  # fmt: skip
    row, connection = event.c, op.get_bind()
    kinds = row.type.in_(("operator.wrapped_up", "survey.answered"))
    last = ("", 0)
    while True:
        behind = sa.or_(row.interaction_id > last[0], sa.and_(row.interaction_id == last[0], row.seq > last[1]))
        page = sa.select(event).where(kinds, behind).order_by(row.interaction_id, row.seq).limit(AT_ONCE)
        found = connection.execute(page).all()
        made = [
            after_call(
                StoredEvent(e.interaction_id, e.seq, e.type, e.payload, e.at_ms, "", e.occurred_at, e.occurred_at)
            )
            for e in found
        ]
        put_missing(connection, wrapup, [vars(one) for one in made if isinstance(one, WrapUp)])
        put_missing(connection, survey_response, [vars(one) for one in made if isinstance(one, SurveyResponse)])
        if len(found) < AT_ONCE:
            return
        last = (found[-1].interaction_id, found[-1].seq)
