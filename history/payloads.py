"""The payloads from which something is projected. Fields beyond these are kept in the log as they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError

from history.ingestion.facts import Facts

MAX_MS = 2**53 - 1
"""Whole milliseconds that survive any JSON reader."""

Ms = Annotated[int, Field(ge=0, le=MAX_MS)]


class Recognizer(BaseModel):
    """Which engine listened, with which model, and why it was chosen."""

    engine: str = ""
    model: str = ""
    why: str = ""


class Flowbook(BaseModel):
    """Which dialog was spoken. revision: of its text; number: of that revision among those published, 0 for none."""

    id: str = ""
    revision: str | int = ""
    number: int = 0


class CallStarted(BaseModel):
    """`call.started`: the call was answered. caller: '' when withheld."""

    line: str
    door: str = ""
    language: str = ""
    caller: str = ""
    direction: Literal["inbound", "outbound"] = "inbound"
    recognizer: Recognizer = Recognizer()
    flowbook: Flowbook = Flowbook()


class Transcript(BaseModel):
    """`transcript`: words that were said, or, from the bot, the words that were played.

    latency_ms: from the caller's last voiced sample to the first sample of this prompt.
    """

    speaker: Literal["caller", "bot", "operator"]
    text: str
    start_ms: Ms
    end_ms: Ms
    confidence: float | None = None
    engine: str | None = None
    article: str | None = None
    key: str | None = None
    interrupted: bool = False
    latency_ms: Ms | None = None


class HandoffQueued(BaseModel):
    """`handoff.queued`: the call waits for an operator of `queue`. slots: what the caller gave."""

    queue: str
    slots: dict[str, Any] = {}


class HandoffMoved(BaseModel):
    """`handoff.moved`: somebody has put the call, which waits, elsewhere; it is in `queue` now."""

    queue: str


class OperatorMoved(BaseModel):
    """`operator.joined` and `operator.left`."""

    operator: str


class CallbackRequested(BaseModel):
    """`callback.requested`: call `number` back; '' = the caller id of the interaction."""

    queue: str
    number: str = ""
    reason: str = ""
    slots: dict[str, str] = {}


class CallbackDone(BaseModel):
    """`callback.done`: the request stored as event `callback_seq` of the same interaction was dealt with."""

    callback_seq: int


class RecordingStored(BaseModel):
    """`recording.stored`: a recording ended and is on the disk. file: relative to the folder of recordings.

    started_ms: when in the call it began. reason: why it ended. delete_after: None when nothing says so. key_id: of the
    key it is encrypted with, '' when it is not.
    """

    file: str = Field(min_length=1, max_length=255)
    bytes: Ms
    sha512: str
    duration_ms: Ms
    started_ms: Ms = 0
    reason: str = ""
    media_type: str = "audio/ogg"
    delete_after: datetime | None = None
    key_id: str = Field(default="", max_length=64)


class RecordingSealed(BaseModel):
    """`recording.sealed`: the recording stored as event `media_seq` of the same interaction is encrypted now, with this
    key."""

    media_seq: int
    key_id: str = Field(max_length=64)


class RecordingDeleted(BaseModel):
    """`recording.deleted`: the recording stored as event `media_seq` of the same interaction is gone, its key and its
    file. here: False when neither was on the server that says so: the one that has them is still to destroy them."""

    media_seq: int
    why: str = ""
    here: bool = True


class OperatorWrappedUp(BaseModel):
    """`operator.wrapped_up`: an operator's work behind the call is done.

    code: what it was about, in the house's words.
    """

    operator: str = ""
    duration_ms: Ms = 0
    code: str = ""
    note: str = ""


class SurveyAnswered(BaseModel):
    """`survey.answered`. score: None when it was erased. scale: the best score. comment: in the caller's words."""

    kind: str
    score: int | None = Field(default=None, ge=0, le=1000)
    scale: int = Field(default=0, ge=0, le=1000)
    survey: str = ""
    answered_by: str = ""
    comment: str = ""


class EventReceived(BaseModel):
    """`event.received`: another channel's event, a CloudEvent as it came. trusted: whether its source proves points."""

    event: dict[str, Any]
    trusted: bool = False

    @property
    def facts(self) -> Facts:
        return Facts.of(self.event.get("data"))


class CallEnded(BaseModel):
    """`call.ended`: the first one in a log counts."""

    reason: str
    outcome: str = ""


KNOWN: dict[str, type[BaseModel]] = {
    "call.started": CallStarted,
    "transcript": Transcript,
    "handoff.queued": HandoffQueued,
    "handoff.moved": HandoffMoved,
    "operator.joined": OperatorMoved,
    "operator.left": OperatorMoved,
    "callback.requested": CallbackRequested,
    "callback.done": CallbackDone,
    "recording.stored": RecordingStored,
    "recording.sealed": RecordingSealed,
    "recording.deleted": RecordingDeleted,
    "operator.wrapped_up": OperatorWrappedUp,
    "survey.answered": SurveyAnswered,
    "event.received": EventReceived,
    "call.ended": CallEnded,
}


def check(event_type: str, payload: Mapping[str, Any]) -> None:
    """Raises ValueError naming type and field when a payload of a known type cannot be projected."""
    model = KNOWN.get(event_type)
    if model is None:
        return
    try:
        found = model.model_validate(payload)
        if isinstance(found, EventReceived):
            _ = found.facts
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'payload'}: {e['msg']}" for e in error.errors())
        raise ValueError(f"{event_type}: {faults}") from error
