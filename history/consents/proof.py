"""Reads from the log of one interaction what its person was told, agreed to and refused. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from history.events import StoredEvent

_ANSWERS = {"CallerSaid": "words", "CallerTyped": "key"}
_ON_THE_WAY = frozenset(("LookedUp", "Responded", "Sensed"))
"""Events between a caller's answer and what the flow makes of it."""


@dataclass(frozen=True)
class Consent:
    """One thing that a person was told, agreed to or refused, and the event `seq` that shows it.

    kind: 'ai_disclosure' (an automatic assistant speaks), 'recording', 'outbound_opt_out' (no more calls of ours).
    state: 'told' (played to its end), 'unheard' (it was not), 'given', 'refused', 'withdrawn' (after it was given).
    flowbook, revision, text_key, language: which text; told_words: as it was played; started_ms, ended_ms: when in the
    call. method: 'words' or 'key', '' where nobody answered; answer_seq: the event with the caller's own answer;
    answer_key: the key. sound_sha512: of the recording that began, '' when there is none.
    """

    interaction_id: str
    seq: int
    kind: str
    state: str
    at: datetime
    contact_id: str = ""
    flowbook: str = ""
    revision: str = ""
    text_key: str = ""
    language: str = ""
    told_words: str = ""
    started_ms: int | None = None
    ended_ms: int | None = None
    method: str = ""
    answer_seq: int | None = None
    answer_key: str = ""
    sound_sha512: str = ""


def consents_of(events: Iterable[StoredEvent], contact_id: str = "") -> tuple[Consent, ...]:
    """In the order of the log, whatever the order of `events`, which are all of one interaction."""
    log = _Reading(contact_id)
    for event in sorted(events, key=lambda one: one.seq):
        log.take(event)
    return tuple(replace(one, sound_sha512=log.sounds.get(log.files.get(one.seq, ""), "")) for one in log.found)


class _Reading:
    """What is known of a call so far."""

    def __init__(self, contact_id: str) -> None:
        self._contact_id = contact_id
        self.found: list[Consent] = []
        self.files: dict[int, str] = {}  # seq of a consent to recording → the file
        self.sounds: dict[str, str] = {}  # file → its hash
        self._book: dict[str, str] = {}
        self._language = ""
        self._disclosure: str | None = ""  # its key; None: it is not said, or it was heard
        self._answer: dict[str, Any] = {}
        self._agreed: dict[str, Any] | None = None  # the answer with which they agreed to be recorded

    def take(self, event: StoredEvent) -> None:
        payload = event.payload
        match event.type:
            case "call.started":
                book = _mapping(payload.get("flowbook"))
                self._book = {"flowbook": str(book.get("id", "")), "revision": str(book.get("revision", ""))}
                self._language = str(payload.get("language", ""))
            case "dialog.event":
                self._happened(event)
            case "dialog.action":
                self._did(event)
            case "transcript" if self._disclosure and payload.get("key") == self._disclosure:
                self._disclosed(event)
            case "recording.started":
                told = _of_notice(payload)
                agreed = self._agreed is not None
                self._add(event, "recording", "given" if agreed else "told", **told, **(self._agreed or {}))
                self.files[event.seq] = str(payload.get("file", ""))
            case "recording.not_begun":
                self._add(event, "recording", "unheard", **_of_notice(payload))
            case "recording.stored":
                self.sounds[str(payload.get("file", ""))] = str(payload.get("sha512", ""))

    def _happened(self, event: StoredEvent) -> None:
        kind, payload = str(event.payload.get("kind", "")), event.payload
        if kind == "CallStarted" and payload.get("answered_by") == "machine":
            self._disclosure = None
        if kind in _ANSWERS:
            self._answer = {"method": _ANSWERS[kind], "answer_seq": event.seq}
            self._answer["answer_key"] = str(payload.get("key", "")) if kind == "CallerTyped" else ""
        elif kind not in _ON_THE_WAY:
            self._answer = {}

    def _did(self, event: StoredEvent) -> None:
        payload = event.payload
        match payload.get("kind"):
            case "SwitchLanguage":
                self._language = str(payload.get("language", self._language))
            case "Say" if self._disclosure == "":
                self._disclosure = str(payload.get("key", "")) or None  # every call begins with it
            case "Record" if payload.get("mode") == "on":
                self._agreed = (self._answer or None) if payload.get("agreed") else None
            case "Record" if self._answer and payload.get("mode") == "off" and payload.get("keep") is False:
                states = [one.state for one in self.found if one.kind == "recording"]
                self._add(event, "recording", "withdrawn" if "given" in states else "refused", **self._answer)
            case "Note" if payload.get("topic") == "opt_out":
                how = _mapping(payload.get("values")).get("how", "")
                method = {"spoken": "words", "keyed": "key"}.get(str(how), "")
                self._add(event, "outbound_opt_out", "refused", **{"method": method, **self._answer})

    def _disclosed(self, event: StoredEvent) -> None:
        payload = event.payload
        whole = not payload.get("interrupted") and not payload.get("failed")
        told = {"text_key": str(self._disclosure), "language": self._language} | _played(payload)
        self._add(event, "ai_disclosure", "told" if whole else "unheard", **told)
        if whole:
            self._disclosure = None

    def _add(self, event: StoredEvent, kind: str, state: str, **proof: Any) -> None:
        self.found.append(
            Consent(
                event.interaction_id,
                event.seq,
                kind,
                state,
                event.occurred_at,
                self._contact_id,
                **(self._book | proof),
            )
        )


def _of_notice(payload: Mapping[str, Any]) -> dict[str, Any]:
    notice = _mapping(payload.get("notice"))
    return {"text_key": str(notice.get("key", "")), "language": str(notice.get("language", ""))} | _played(notice)


def _played(of: Mapping[str, Any]) -> dict[str, Any]:
    began, over = of.get("started_ms", of.get("start_ms")), of.get("ended_ms", of.get("end_ms"))
    return {"told_words": str(of.get("text", "")), "started_ms": began, "ended_ms": over}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
