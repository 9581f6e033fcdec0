"""An interaction as a vCon: the words as text dialogs, recordings, transfers, what was found out, and the log itself.

The same interaction always gives the same bytes: its uuid and times come from the log.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from history.analyses.understanding import Analysis
from history.events import StoredEvent
from history.identity.points import email
from history.projections import Interaction, Media, Projection, project_all
from history.redaction.events import without_identifiers
from history.vcon.content import base64url, content_hash
from history.vcon.found_out import VENDOR, found_out
from history.vcon.model import VERSION, Vcon

EVENTS = "centralino-events"
"""The purpose of the attachment that holds the log, from which an import makes the interaction again."""
EVENTS_FORMAT = "centralino.events/1"
CALLER, BOT = 0, 1
JOINED = ("operator.joined", "transfer.answered")

_DISPOSITIONS = {"busy": "busy", "no_answer": "no-answer", "unanswered": "no-answer", "machine": "voicemail-no-message",
                 "failed": "failed", "congestion": "congestion"}  # fmt: skip

Redact = Callable[[Sequence[tuple[str, str]]], Sequence[str]]
"""(speaker, text) of every turn → the texts without what is personal."""


@dataclass(frozen=True)
class Wanted:
    """audio: of recordings, by seq, to be written into the vCon. url: where else one is, https, None for nowhere.
    redact: makes the redacted variant: no names, no numbers, no sound, no log. analyses: what was understood of it."""

    audio: Mapping[int, bytes] = field(default_factory=dict)
    url: Callable[[Media], str | None] = lambda media: None
    redact: Redact | None = None
    analyses: Sequence[Analysis] = ()


def vcon_of(events: Sequence[StoredEvent], wanted: Wanted | None = None) -> dict[str, Any]:
    """The vCon of an interaction with this log, JSON-ready. Raises ValueError when there are no events."""
    return _Exporting(events, wanted or Wanted()).whole()


def to_bytes(vcon: Mapping[str, Any]) -> bytes:
    """As a file has it."""
    return (json.dumps(vcon, ensure_ascii=False, indent=2) + "\n").encode()


class _Exporting:
    def __init__(self, events: Sequence[StoredEvent], wanted: Wanted) -> None:
        self._events, self._wanted = events, wanted
        self._rows: Projection = project_all(events)
        self._row: Interaction = self._rows.interaction
        self._parties: list[dict[str, Any]] = [self._caller(), {"name": VENDOR, "type": "bot"}]
        self._operators: dict[str, int] = {}
        for event in events:
            if event.type in JOINED:
                self._other(event)
        self._dialog: list[dict[str, Any]] = []
        self._of_segment: dict[int, int] = {}

    def whole(self) -> dict[str, Any]:
        self._texts()
        self._recordings()
        self._transfers()
        if not self._dialog:
            self._dialog.append(self._nothing_said())
        row, redacted = self._row, self._wanted.redact is not None
        own = _uuid(row.id, "")
        vcon: dict[str, Any] = {"vcon": VERSION, "uuid": _uuid(row.id, "redacted") if redacted else own}
        vcon["created_at"] = _iso(row.started_at)
        vcon["updated_at"] = _iso(max(event.occurred_at for event in self._events))
        if row.subject and not redacted:
            vcon["subject"] = row.subject
        if redacted:
            vcon["redacted"] = {"uuid": own, "type": "personal data"}
        vcon |= {"parties": self._parties, "dialog": self._dialog, "analysis": self._analyses()}
        vcon["attachments"] = [] if redacted else [self._log()]
        Vcon.model_validate(vcon)
        return vcon

    def _caller(self) -> dict[str, Any]:
        if self._wanted.redact is not None:
            return {"type": "person"}
        address = self._row.caller
        named = {"mailto": address} if email(address) else {"tel": address} if address.startswith("+") else {}
        if address and not named:
            named = {"uuid": address}
        return {**named, "type": "person"}

    def _nothing_said(self) -> dict[str, Any]:
        """A call without a word came to nothing; an order's new state is a message without a text."""
        start: dict[str, Any] = {"start": self._at(0), "parties": [CALLER]}
        if self._row.channel == "voice":
            return {"type": "incomplete", **start, "disposition": _DISPOSITIONS.get(self._row.outcome, "hung-up")}
        return {"type": "text", **start, "mediatype": "text/plain", "encoding": "none", "body": ""}

    def _other(self, event: StoredEvent) -> None:
        name = _who(event)
        if name and name not in self._operators:
            self._operators[name] = len(self._parties)
            shown = {} if self._wanted.redact is not None else {"name": name}
            self._parties.append({**shown, "type": "person"})

    def _texts(self) -> None:
        segments = self._rows.segments
        texts: Sequence[str] = [one.text for one in segments]
        if self._wanted.redact is not None:
            texts = self._wanted.redact([(one.speaker, one.text) for one in segments])
        joined, talking = self._who_talks()
        for segment, text in zip(segments, texts, strict=True):
            here = [party for seq, party in joined if seq < segment.seq]
            operator = here[-1] if here else max(self._operators.values(), default=BOT)
            speaker = {"caller": CALLER, "bot": BOT}.get(segment.speaker, operator)
            heard_by = [party for seq, party in talking if seq < segment.seq]
            listener = CALLER if speaker != CALLER else (heard_by[-1] if heard_by else BOT)
            self._of_segment[segment.seq] = len(self._dialog)
            self._dialog.append(
                {
                    "type": "text",
                    "start": self._at(segment.start_ms),
                    "duration": max(0, segment.end_ms - segment.start_ms) / 1000,
                    "parties": [speaker, listener],
                    "mediatype": "text/plain",
                    "encoding": "none",
                    "body": text,
                    "application": self._row.channel,
                }
            )

    def _who_talks(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """(seq, party): which operator came last, and who talks to the caller, from there on."""
        joined, talking = [], []
        for event in sorted(self._events, key=lambda one: one.seq):
            party = self._operators.get(_who(event))
            if party is not None and event.type in JOINED:
                joined.append((event.seq, party))
            if event.type == "handback.started":
                talking.append((event.seq, BOT))
            elif party is not None and (event.type in JOINED or _has_it_again(event)):
                talking.append((event.seq, party))
        return joined, talking

    def _recordings(self) -> None:
        for media in self._rows.media:
            others: list[int] = [BOT, *self._operators.values()]
            dialog: dict[str, Any] = {
                "type": "recording",
                "start": self._at(media.started_ms),
                "duration": media.duration_ms / 1000,
                "parties": [CALLER, others],
                "mediatype": media.media_type,
            }
            if self._wanted.redact is None:
                dialog["filename"] = media.file
                if sound := self._wanted.audio.get(media.seq):
                    dialog |= {"body": base64url(sound), "encoding": "base64url"}
                elif media.deleted_at is None and (url := self._wanted.url(media)):
                    dialog["url"] = url
                if len(media.sha512) == 128:
                    dialog["content_hash"] = content_hash(media.sha512)
            if history := self._party_history():
                dialog["party_history"] = history
            self._dialog.append(dialog)

    def _party_history(self) -> list[dict[str, Any]]:
        """Who came, went and held; keys are left out, they may be a card's number."""
        found = []
        for event in self._events:
            party = self._operators.get(_who(event))
            said = {"operator.joined": "join", "transfer.answered": "join", "operator.left": "drop",
                    "transfer.left": "drop"}.get(event.type)  # fmt: skip
            if event.type == "handback.started" and event.payload.get("returns"):
                said = "hold"
            elif _has_it_again(event):
                said = "unhold"
            if event.type == "operator.held":
                party, said = CALLER, "hold" if event.payload.get("held") else "unhold"
            if said and party is not None:
                found.append({"party": party, "time": _iso(event.occurred_at), "event": said})
        return found

    def _transfers(self) -> None:
        """The bot passes the caller to an operator, who gives them back, or somebody puts them through to a third."""
        texts = sorted(self._of_segment.items())
        last = BOT
        for event in self._events:
            target = BOT if event.type == "handback.started" else self._operators.get(_who(event))
            if target is None or not (event.type in JOINED or target == BOT or _has_it_again(event)):
                continue
            before = [index for seq, index in texts if seq < event.seq]
            after = [index for seq, index in texts if seq > event.seq]
            dialog = {"type": "transfer", "start": _iso(event.occurred_at), "transferee": CALLER,
                      "transferor": last, "transfer_target": target}  # fmt: skip
            dialog |= {"original": before} if before else {}
            dialog |= {"target_dialog": after} if after else {}
            self._dialog.append(dialog)
            last = target

    def _analyses(self) -> list[dict[str, Any]]:
        redact, whole = self._wanted.redact, []
        for one in found_out(self._rows, self._events, self._wanted.analyses, self._operators):
            analysis: dict[str, Any] = {"type": one.type, "vendor": VENDOR}
            analysis |= {"product": one.product} if one.product else {}
            analysis["schema"] = one.schema
            if dialogs := [self._of_segment[seq] for seq in one.seqs if seq in self._of_segment]:
                analysis["dialog"] = dialogs
            body = dict(one.body)
            if redact is not None:
                body.pop("operator", None)
                body = without_identifiers(body, _one_text(redact))
            whole.append({**analysis, "mediatype": "application/json", "encoding": "json", "body": body})
        return whole

    def _log(self) -> dict[str, Any]:
        events = [
            {"seq": event.seq, "type": event.type, "payload": event.payload, "at_ms": event.at_ms,
             "actor": event.actor, "occurred_at": _iso(event.occurred_at)}
            for event in self._events
        ]  # fmt: skip
        return {
            "purpose": EVENTS,
            "start": _iso(self._row.started_at),
            "party": BOT,
            "dialog": 0,
            "mediatype": "application/json",
            "encoding": "json",
            "body": {"format": EVENTS_FORMAT, "interaction_id": self._row.id, "events": events},
        }

    def _at(self, ms: int) -> str:
        try:
            return _iso(self._row.started_at + timedelta(milliseconds=ms))
        except OverflowError:  # a log may count further than a calendar
            return _iso(self._row.started_at)


def _one_text(redact: Redact) -> Callable[[str], str]:
    return lambda text: redact([("", text)])[0]


def _who(event: StoredEvent) -> str:
    """The operator or the place that an event is about."""
    name = event.payload.get("operator") or event.payload.get("to") or ""
    return name if isinstance(name, str) and event.type.startswith(("operator.", "transfer.", "handback.")) else ""


def _has_it_again(event: StoredEvent) -> bool:
    """The operator who gave the call to the bot talks to the caller again."""
    return event.type == "handback.ended" and event.payload.get("why") == "returned"


def _uuid(interaction_id: str, variant: str) -> str:
    """Version 8 (RFC 9562): from the interaction, so that the same one always has the same."""
    digest = bytearray(hashlib.sha512(f"centralino vcon {variant} {interaction_id}".encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(digest)))


def _iso(at: datetime) -> str:
    return at.isoformat()
