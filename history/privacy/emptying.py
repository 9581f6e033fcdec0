"""Taking words, or all that tells a person, out of an interaction; facts, numbers of events and times stay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from history import schema
from history.consents.keeping import forget_whose, keep_before_emptying
from history.privacy.tables import emptied
from history.schema import metadata
from history.search.indexing import index
from history.webhooks.redacting import TOLD

What = Literal["words", "person"]
_RECORDING = frozenset(("file", "sha512", "delete_after", "kept_days", "key_id", "here"))
_OF_CALL = _RECORDING | {"caller", "number", "node"}
"""What stays when only words go: with whom it was, and what points at a recording."""
_NUMBERS = {"operator.wrapped_up": ("code",), "survey.answered": ("survey", "score", "scale", "answered_by")}
"""What stays of the work behind a call and of an answer to a survey: not their note and comment."""
_KEPT_TABLES = frozenset(
    (
        "interaction",
        "interaction_event",
        "segment",
        "callback",
        "media",
        "wrapup",
        "survey_response",
        "emptied",
        "search_document",
    )
)


def emptied_payload(kind: str, payload: Mapping[str, Any], what: What) -> dict[str, Any]:
    """A payload that can still be projected, without words ('words') or without the person, too ('person'). Pure."""
    stays = TOLD | (_OF_CALL if what == "words" else _RECORDING)
    left = {name: value for name, value in payload.items() if name in stays}
    if kind == "call.started":
        left |= {"line": payload.get("line", ""), "caller": payload.get("caller", "") if what == "words" else ""}
    elif kind == "transcript":
        left["text"] = ""
    elif kind == "callback.requested":
        left.pop("reason", None)  # in the caller's words
    elif kind in _NUMBERS:
        left |= {name: payload[name] for name in _NUMBERS[kind] if name in payload}
    elif kind == "event.received":
        event: dict[str, Any] = payload.get("event") or {}
        told = event.get("data")
        data: dict[str, Any] = told if isinstance(told, dict) else {}
        about: dict[str, Any] = {
            name: event[name] for name in ("specversion", "id", "source", "type", "time") if name in event
        }
        about["data"] = {name: data[name] for name in ("channel", "direction", "language", "outcome") if name in data}
        if what == "words" and "contact" in data:
            about["data"]["contact"] = data["contact"]
        left = {"event": about, "trusted": payload.get("trusted", False)}
    return {**left, "emptied": what}


def empty(connection: Connection, interaction_id: str, what: What, why: str, at: datetime) -> None:
    """Overwrites; rows that others derived from what was said (searches, analyses) are deleted, facts stay."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")  # what is overwritten is zeroed in the file, too
    keep_before_emptying(connection, interaction_id)
    if what == "person":
        forget_whose(connection, interaction_id)
    event, segment, callback = schema.interaction_event, schema.segment, schema.callback
    mine = event.c.interaction_id == interaction_id
    rows = connection.execute(select(event.c.seq, event.c.type, event.c.payload).where(mine)).all()
    changed = [{"_seq": row.seq, "_payload": emptied_payload(row.type, row.payload, what)} for row in rows]
    if changed:
        connection.execute(
            update(event).where(mine, event.c.seq == bindparam("_seq")).values(payload=bindparam("_payload")), changed
        )
    connection.execute(update(segment).where(segment.c.interaction_id == interaction_id).values(text=""))
    wrapup, survey = schema.wrapup, schema.survey_response
    connection.execute(update(wrapup).where(wrapup.c.interaction_id == interaction_id).values(note=""))
    connection.execute(update(survey).where(survey.c.interaction_id == interaction_id).values(comment=""))
    gone: dict[str, Any] = {"slots": {}, "reason": ""}
    if what == "person":
        gone["number"] = ""
    connection.execute(update(callback).where(callback.c.interaction_id == interaction_id).values(**gone))
    row: dict[str, Any] = {"subject": "", "topics": ""}
    if what == "person":
        row |= {"caller": "", "contact_id": "", "thread": ""}
    connection.execute(update(schema.interaction).where(schema.interaction.c.id == interaction_id).values(**row))
    index(connection, [(interaction_id, None)])  # what was said is found by nobody any more
    _empty_derived(connection, interaction_id, what)
    connection.execute(delete(emptied).where(emptied.c.interaction_id == interaction_id))
    mark = {"interaction_id": interaction_id, "what": what, "why": why, "at": at}
    connection.execute(insert(emptied), mark)


def _empty_derived(connection: Connection, interaction_id: str, what: What) -> None:
    for table in metadata.sorted_tables:
        if table.name in _KEPT_TABLES or "interaction_id" not in table.c:
            continue
        mine = table.c.interaction_id == interaction_id
        if _holds_words(table):
            connection.execute(delete(table).where(mine))
        elif what == "person" and "contact_id" in table.c:
            connection.execute(update(table).where(mine).values(contact_id=""))


def _holds_words(table: Table) -> bool:
    return any(name in table.c for name in ("text", "text_redacted", "body", "words"))
