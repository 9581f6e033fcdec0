"""What the tables beside the log say, as pure functions of the events in it.

`project` is total: any order of known and unknown events gives rows that agree with each other, because what is in
the log has happened and cannot be refused afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from history import topics
from history.after_call import SurveyResponse, WrapUp, after_call
from history.events import StoredEvent
from history.identity.claims import Claim, Stated
from history.identity.points import contact_of, telephone
from history.payloads import (
    CallbackDone,
    CallbackRequested,
    CallEnded,
    CallStarted,
    EventReceived,
    HandoffMoved,
    HandoffQueued,
    OperatorMoved,
    RecordingDeleted,
    RecordingSealed,
    RecordingStored,
    Transcript,
)


@dataclass(frozen=True)
class Interaction:
    """One contact on one channel. status: 'open' until `call.ended`, then 'ended' for good.

    queue: the last one entered. operator: the last who joined. article: the last one the bot answered from.
    joined_at: when the first operator joined. duration_ms: `at_ms` of the end. contact_id: who their address stands
    for, whomever that contact was merged with since; '' when it is withheld. subject, thread: of what other channels
    sent (`ingestion.facts`); a call has none. topics: what it is about, one key a line (`history.topics`).
    """

    id: str
    started_at: datetime
    node: str = ""
    channel: str = "voice"
    direction: str = "inbound"
    status: str = "open"
    line: str = ""
    door: str = ""
    language: str = ""
    caller: str = ""
    recognizer: str = ""
    flowbook: str = ""
    flowbook_revision: str = ""
    queue: str = ""
    operator: str = ""
    article: str = ""
    outcome: str = ""
    end_reason: str = ""
    queued_at: datetime | None = None
    joined_at: datetime | None = None
    ended_at: datetime | None = None
    duration_ms: int | None = None
    last_seq: int = 0
    contact_id: str = ""
    subject: str = ""
    thread: str = ""
    topics: str = ""


@dataclass(frozen=True)
class Segment:
    """One stretch of the transcript; seq is that of its event."""

    interaction_id: str
    seq: int
    speaker: str
    start_ms: int
    end_ms: int
    text: str
    confidence: float | None
    engine: str | None
    article: str | None
    key: str | None
    interrupted: bool
    latency_ms: int | None


@dataclass(frozen=True)
class Callback:
    """A caller to be called back; seq is that of the request. Open while `done_at` is None."""

    interaction_id: str
    seq: int
    queue: str
    number: str
    reason: str
    requested_at: datetime
    slots: Mapping[str, str] = field(default_factory=dict)
    done_at: datetime | None = None
    done_by: str | None = None


@dataclass(frozen=True)
class CallbackClosed:
    """The callback (interaction_id, seq), if there is one and it is open, was done."""

    interaction_id: str
    seq: int
    done_at: datetime
    done_by: str


@dataclass(frozen=True)
class Media:
    """A recording of an interaction; seq is that of its event. file: relative to the folder of recordings.

    started_ms: when in the call it began. deleted_at: None while the file is there. key_id: of the key that the server
    with the file opens it with, '' when it is not encrypted.
    """

    interaction_id: str
    seq: int
    file: str
    media_type: str
    bytes: int
    sha512: str
    started_ms: int
    duration_ms: int
    reason: str
    delete_after: datetime | None = None
    deleted_at: datetime | None = None
    key_id: str = ""


@dataclass(frozen=True)
class MediaSealed:
    """The recording (interaction_id, seq) was encrypted."""

    interaction_id: str
    seq: int
    key_id: str


@dataclass(frozen=True)
class MediaGone:
    """The recording (interaction_id, seq) was deleted. here: by the server that had it."""

    interaction_id: str
    seq: int
    deleted_at: datetime
    here: bool = True


def claim_of(event: StoredEvent, row: Interaction) -> Claim | None:
    """What `event` says of who somebody is. row: the interaction after it."""
    if event.type == "event.received":
        received = EventReceived.model_validate(event.payload)
        if not (stated := received.facts.stated(received.trusted)):
            return None
        return Claim(stated[0], tuple(stated[1:]), received.facts.contact.name, event.occurred_at)
    if event.type != "call.started" or event.occurred_at != row.started_at:
        return None
    number = telephone(row.caller, row.line)
    return Claim(Stated(number), (), "", event.occurred_at) if number else None


Effect = Segment | Callback | CallbackClosed | Media | MediaSealed | MediaGone | WrapUp | SurveyResponse


def project(before: Interaction | None, event: StoredEvent, *, node: str = "") -> tuple[Interaction, Effect | None]:
    """The interaction after `event`, and what the event adds to the other tables. before: None for the first event."""
    row = before or Interaction(id=event.interaction_id, started_at=event.occurred_at, node=node)
    row = _longer(row, event.seq)
    payload = event.payload
    match event.type:
        case "call.started" if not row.line:
            started = CallStarted.model_validate(payload)
            number = telephone(started.caller, started.line)
            return replace(
                row,
                contact_id=contact_of(number) if number else "",
                started_at=event.occurred_at,
                direction=started.direction,
                line=started.line,
                door=started.door,
                language=started.language,
                caller=started.caller,
                recognizer=started.recognizer.engine,
                flowbook=started.flowbook.id,
                flowbook_revision=str(started.flowbook.revision),
            ), None
        case "transcript":
            said = Transcript.model_validate(payload)
            if said.speaker == "bot" and said.article:
                known = topics.joined(row.topics, [topics.key_of(said.article)])
                row = replace(row, article=said.article, topics=known)
            return row, Segment(event.interaction_id, event.seq, **said.model_dump())
        case "handoff.queued":
            queued = HandoffQueued.model_validate(payload)
            row = _about(row, queued.slots)
            return replace(row, queue=queued.queue, queued_at=row.queued_at or event.occurred_at), None
        case "handoff.moved":
            return replace(row, queue=HandoffMoved.model_validate(payload).queue), None
        case "operator.joined":
            joined = OperatorMoved.model_validate(payload)
            return replace(row, operator=joined.operator, joined_at=row.joined_at or event.occurred_at), None
        case "callback.requested":
            wanted = CallbackRequested.model_validate(payload)
            call_back = wanted.number or row.caller
            return _about(row, wanted.slots), Callback(
                event.interaction_id, event.seq, wanted.queue, call_back, wanted.reason, event.occurred_at, wanted.slots
            )
        case "callback.done":
            done = CallbackDone.model_validate(payload)
            if done.callback_seq >= event.seq:  # written in one go with what comes after it, it would close that
                return row, None
            return row, CallbackClosed(event.interaction_id, done.callback_seq, event.occurred_at, event.actor)
        case "recording.stored":
            kept = RecordingStored.model_validate(payload)
            return row, Media(event.interaction_id, event.seq, **kept.model_dump())
        case "recording.sealed":
            sealed = RecordingSealed.model_validate(payload)
            if sealed.media_seq >= event.seq:
                return row, None
            return row, MediaSealed(event.interaction_id, sealed.media_seq, sealed.key_id)
        case "recording.deleted":
            gone = RecordingDeleted.model_validate(payload)
            if gone.media_seq >= event.seq:
                return row, None
            return row, MediaGone(event.interaction_id, gone.media_seq, event.occurred_at, gone.here)
        case "operator.wrapped_up" | "survey.answered":
            return row, after_call(event)
        case "event.received" if event.seq == 1:
            return _received(row, event)
        case "call.ended" if row.status == "open":
            ended = CallEnded.model_validate(payload)
            return replace(
                row,
                status="ended",
                ended_at=event.occurred_at,
                duration_ms=event.at_ms,
                outcome=ended.outcome,
                end_reason=ended.reason,
            ), None
    return row, None


def _about(row: Interaction, slots: Mapping[str, Any]) -> Interaction:
    """Order numbers and the like that the caller gave are what the call is about."""
    found = [key for value in slots.values() if isinstance(value, str) for key in topics.references(value)]
    return replace(row, topics=topics.joined(row.topics, found))


def _longer(row: Interaction, last_seq: int) -> Interaction:
    """`replace` of that one field; over thirty of them it takes a tenth of all the time that an event costs."""
    longer = object.__new__(Interaction)
    vars(longer).update(vars(row), last_seq=last_seq)
    return longer


def _received(row: Interaction, event: StoredEvent) -> tuple[Interaction, Segment | None]:
    """An interaction that is over when it is told; its text is its transcript."""
    told = EventReceived.model_validate(event.payload)
    facts, stated = told.facts, told.facts.stated(told.trusted)
    row = replace(
        row,
        channel=facts.channel,
        direction=facts.direction,
        status="ended",
        door=str(told.event.get("source", "")),
        language=facts.language,
        caller=facts.contact.points[0].value if facts.contact.points else "",
        outcome=facts.outcome,
        ended_at=event.occurred_at,
        contact_id=contact_of(stated[0].point) if stated else "",
        subject=facts.subject,
        thread=facts.thread,
        topics=topics.joined("", [*topics.subject_keys(facts.subject), *topics.subject_keys(facts.topic)]),
    )
    if not facts.text:
        return row, None
    said = Transcript(
        speaker="caller" if facts.direction == "inbound" else "operator", text=facts.text, start_ms=0, end_ms=0
    )
    return row, Segment(event.interaction_id, event.seq, **said.model_dump())


@dataclass(frozen=True)
class Projection:
    """All rows of one interaction."""

    interaction: Interaction
    segments: tuple[Segment, ...]
    callbacks: tuple[Callback, ...]
    media: tuple[Media, ...] = ()
    wrapups: tuple[WrapUp, ...] = ()
    surveys: tuple[SurveyResponse, ...] = ()


def project_all(events: Iterable[StoredEvent], *, node: str = "") -> Projection:
    """The rows a whole log stands for. Raises ValueError when there are no events."""
    row: Interaction | None = None
    segments: list[Segment] = []
    callbacks: dict[int, Callback] = {}
    media: dict[int, Media] = {}
    wrapups: list[WrapUp] = []
    surveys: dict[str, SurveyResponse] = {}
    for event in events:
        row, effect = project(row, event, node=node)
        match effect:
            case Segment():
                segments.append(effect)
            case Callback():
                callbacks[effect.seq] = effect
            case CallbackClosed(seq=seq) if seq in callbacks and callbacks[seq].done_at is None:
                callbacks[seq] = replace(callbacks[seq], done_at=effect.done_at, done_by=effect.done_by)
            case Media():
                media[effect.seq] = effect
            case MediaSealed(seq=seq, key_id=key_id) if seq in media:
                media[seq] = replace(media[seq], key_id=key_id)
            case MediaGone(seq=seq) if seq in media and media[seq].deleted_at is None:
                media[seq] = replace(media[seq], deleted_at=effect.deleted_at)
            case WrapUp():
                wrapups.append(effect)
            case SurveyResponse():
                surveys.setdefault(effect.kind, effect)
    if row is None:
        raise ValueError("an interaction without events has no projection")
    called = tuple(callbacks.values())
    return Projection(row, tuple(segments), called, tuple(media.values()), tuple(wrapups), tuple(surveys.values()))
