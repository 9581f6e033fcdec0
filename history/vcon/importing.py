"""A vCon taken in: one of ours becomes the interaction it was; anybody else's an interaction of its own, kept whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError
from sqlalchemy import Connection, insert

from history.analyses.tables import analysis
from history.analyses.understanding import Analysis
from history.events import MAX_PAYLOAD_BYTES, Entry, StoredEvent
from history.ingestion.envelope import received
from history.journal import Journal
from history.payloads import Ms
from history.privacy.tables import emptied
from history.projections import project_all
from history.timeline import Timeline
from history.transaction import AlreadyThere
from history.vcon.content import decoded
from history.vcon.exporting import EVENTS, EVENTS_FORMAT
from history.vcon.foreign import entries_of, facts_of
from history.vcon.found_out import restored
from history.vcon.model import Vcon

LARGEST_VCON_BYTES = 64 * 1024 * 1024
DEEPEST = 50
MOST_EVENTS = 50_000
_RENAMED = {"mimetype": "mediatype", "appended": "amended", "must_support": "critical",
            "transfer-target": "transfer_target", "dtmf": "button"}  # fmt: skip
"""Names of earlier drafts, and what they are called now."""


class NotAVcon(ValueError):
    """What was given cannot be taken in; the message says why and where."""


class VconConflict(ValueError):
    """The interaction is in the history, and says something else."""


class _Event(BaseModel):
    seq: int
    type: str
    payload: dict[str, Any]
    at_ms: Ms
    actor: str
    occurred_at: datetime


class _Log(BaseModel):
    format: Literal["centralino.events/1"]
    interaction_id: str = Field(min_length=1, max_length=64)
    events: list[_Event] = Field(min_length=1, max_length=MOST_EVENTS)


@dataclass(frozen=True)
class Read:
    """What a vCon stands for. audio: the recordings that were inside, by the file in which they belong. left_out: parts
    that are not kept: too large for the log, or put by somebody else into one of ours. analyses: what was understood
    of one of ours."""

    interaction_id: str
    entries: tuple[Entry, ...]
    audio: Mapping[str, bytes]
    left_out: int = 0
    analyses: tuple[Analysis, ...] = ()


def read_vcon(raw: bytes) -> Read:
    """Check a file and say what it stands for. Raises NotAVcon."""
    document = _document(raw)
    if not isinstance(document, dict):
        raise NotAVcon("a vCon is a JSON object")
    if {"payload", "signatures"} <= document.keys() or "ciphertext" in document:
        raise NotAVcon("this vCon is signed or encrypted (JWS, JWE): give the unsigned form that is inside")
    try:
        vcon = Vcon.model_validate(_renamed(document))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc'])) or 'vCon'}: {e['msg']}" for e in error.errors()[:5]]
        raise NotAVcon("; ".join(faults)) from error
    try:
        bodies = {n: decoded(dialog, f"dialog {n}") for n, dialog in enumerate(vcon.dialog)}
        logs = [one.body for one in vcon.attachments if one.purpose == EVENTS and one.encoding == "json"]
        if logs and isinstance(logs[0], dict) and logs[0].get("format") == EVENTS_FORMAT:
            read = _ours(logs[0], {vcon.dialog[n].filename or "": raw for n, raw in bodies.items() if raw is not None})
            analyses, others = restored(vcon.analysis, vcon.created_at)
            return replace(read, analyses=analyses, left_out=others + len(vcon.attachments) - len(logs))
        event = received(facts_of(vcon))
        entries, left_out = entries_of(vcon)
    except ValidationError as error:
        fault = error.errors()[0]
        raise NotAVcon(f"{EVENTS}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}") from error
    except NotAVcon:
        raise
    except ValueError as error:
        raise NotAVcon(str(error)) from error
    return Read(event.interaction_id, (event.entry(trusted=False), *entries), {}, left_out)


async def import_vcon(read: Read, journal: Journal, timeline: Timeline) -> bool:
    """Write it; False when it was there, the same. Raises VconConflict, NotAVcon for a log that must not be written,
    and HistoryUnavailable."""
    try:
        await journal.append_new(read.interaction_id, read.entries, beside=TakeIn(read))
    except AlreadyThere:
        there = [_comparable(event) for event in await timeline.events(read.interaction_id)]
        if there[: len(read.entries)] != [_comparable(entry) for entry in read.entries]:
            raise VconConflict(
                f"interaction {read.interaction_id} is in the history and says something else; it stays as it is"
            ) from None
        return False
    except ValueError as error:
        raise NotAVcon(str(error)) from error
    return True


@dataclass(frozen=True)
class TakeIn:
    """What was understood stays as it came, and is not made anew here; of one whose words were taken out before it was
    exported, nothing is."""

    read: Read

    def __call__(self, connection: Connection, now: datetime) -> None:
        of = self.read.interaction_id
        rows = [{"interaction_id": of, "taken_in": True, **vars(one)} for one in self.read.analyses]
        if rows:
            connection.execute(insert(analysis), rows)
        what = self.read.entries[0].payload.get("emptied")
        if what in ("words", "person"):
            connection.execute(insert(emptied), {"interaction_id": of, "what": what, "why": "import", "at": now})


def _ours(body: Mapping[str, Any], audio: Mapping[str, bytes]) -> Read:
    log = _Log.model_validate(body)
    entries = []
    for number, event in enumerate(log.events, start=1):
        if event.seq != number:
            raise NotAVcon(f"{EVENTS}: event {number} has the number {event.seq}; the log has a gap")
        if event.occurred_at.tzinfo is None:
            raise NotAVcon(f"{EVENTS}: event {number}: occurred_at has no time zone")
        if len(json.dumps(event.payload, ensure_ascii=False).encode(errors="replace")) > MAX_PAYLOAD_BYTES:
            raise NotAVcon(f"{EVENTS}: event {number} is too large")
        entries.append(Entry(event.type, event.payload, event.at_ms, event.actor, event.occurred_at))
    at = log.events[0].occurred_at
    stored = [
        StoredEvent(log.interaction_id, n, e.type, e.payload, e.at_ms, e.actor, e.occurred_at or at, at)
        for n, e in enumerate(entries, start=1)
    ]
    rows = project_all(stored)
    if rows.interaction.status != "ended":
        raise NotAVcon("the interaction in it is not over; export it again when it is")
    known = {media.file for media in rows.media if media.deleted_at is None}
    return Read(log.interaction_id, tuple(entries), {name: sound for name, sound in audio.items() if name in known})


def _comparable(event: Entry | StoredEvent) -> tuple[object, ...]:
    return event.type, dict(event.payload), event.at_ms, event.actor, event.occurred_at


def _document(raw: bytes) -> Any:
    if len(raw) > LARGEST_VCON_BYTES:
        raise NotAVcon(f"it has {len(raw)} bytes; at most {LARGEST_VCON_BYTES}")

    def refuse(name: str) -> Any:
        raise NotAVcon(f"{name} is no JSON")

    try:
        document = json.loads(raw, parse_constant=refuse)
    except NotAVcon:
        raise
    except (ValueError, RecursionError) as error:
        raise NotAVcon(f"it is no JSON: {str(error)[:200]}") from error
    level: list[Any] = [document]
    for _ in range(DEEPEST):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
            if isinstance(inner, dict | list)
        ]
        if not level:
            return document
    raise NotAVcon(f"it is nested more than {DEEPEST} deep")


def _renamed(document: Mapping[str, Any]) -> dict[str, Any]:
    """Names of earlier drafts put right, in the places where they stood; bodies are left alone."""
    whole = {_RENAMED.get(name, name): value for name, value in document.items()}
    if isinstance(whole.get("vcon"), str) and whole["vcon"] in ("0.0.1", "0.0.2", "0.0.3", "0.1.0", "0.2.0", "0.3.0"):
        whole["vcon"] = "0.4.0"
    for part in ("dialog", "analysis", "attachments"):
        if isinstance(parts := whole.get(part), list):
            whole[part] = [
                {_RENAMED.get(name, name): value for name, value in one.items()} if isinstance(one, dict) else one
                for one in parts
            ]
    return whole
