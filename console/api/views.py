"""What the API shows of the history: the shapes of its answers. Times are UTC, `*_ms` count from the call's answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict


class View(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class InteractionView(View):
    """A row of the list of calls. operator_name: as the accounts know the operator, else the id.

    latency_ms: median over the call's answers, from the caller's last voiced sample to the first sample of the answer.
    """

    id: str
    status: str
    channel: str
    direction: str
    door: str
    line: str
    language: str
    caller: str
    recognizer: str
    queue: str
    operator: str
    operator_name: str = ""
    article: str
    outcome: str
    end_reason: str
    started_at: datetime
    ended_at: datetime | None
    duration_ms: int | None
    latency_ms: int | None = None
    last_seq: int


class InteractionPage(View):
    """before: what to ask for the next page, None when this is the last."""

    interactions: list[InteractionView]
    before: str | None


class RivalView(View):
    article: str
    title: str
    score: float


class WhyView(View):
    """Why the bot read this article out; see `console.explaining.Why`."""

    article: str
    version: str
    title: str
    score: float | None
    band: str
    asked: str
    confidence: float | None
    rivals: list[RivalView]


class TurnView(View):
    """A stretch of the transcript. Text is what somebody said: show it as text, never as markup.

    heard: what the recognizer had written before the words that the line expects corrected it, None if they did not.
    """

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
    heard: str | None = None
    why: WhyView | None = None


class CallbackView(View):
    """Somebody to call back. line, caller: of the call in which it was asked for.

    status: 'waiting' | 'taken' (by `holder`) | 'calling' (the server dials or talks) | 'failed' (no try is left) |
    'in_queue' (keeps its place there, and is offered to who is free) | 'done' (by `done_by`: an account, or
    'centralino', the server itself).
    mine: who asks has taken it. due_at: when it was agreed on, None for as soon as can be. tried, outcome: by the
    server, and how the last one ended.
    """

    interaction_id: str
    seq: int
    queue: str
    number: str
    reason: str
    requested_at: datetime
    slots: dict[str, str]
    done_at: datetime | None
    done_by: str | None
    done_by_name: str = ""
    status: str = "waiting"
    holder: str = ""
    holder_name: str = ""
    mine: bool = False
    tried: int = 0
    outcome: str = ""
    next_try: datetime | None = None
    due_at: datetime | None = None


class RecordingView(View):
    """A recording: Opus in Ogg, the caller on the left channel. delete_after None: when somebody deletes it. key_id: of
    the key it is encrypted with; bytes, sha512: of what is heard, not of the encrypted file."""

    seq: int
    media_type: str
    bytes: int
    sha512: str
    started_ms: int
    duration_ms: int
    reason: str
    delete_after: datetime | None
    deleted_at: datetime | None
    key_id: str = ""


class WrapUpView(View):
    """An operator's work behind the call. note: their own words, to be shown as text."""

    seq: int
    operator: str
    operator_name: str = ""
    duration_ms: int
    code: str
    note: str
    at: datetime


class SurveyResponseView(View):
    """The caller's answer to a survey: 'csat' (1 to scale) or 'nps' (0 to 10). answered_by: 'key' | 'voice' | '' (not
    known). comment: what the caller said, to be shown as text."""

    seq: int
    kind: str
    survey: str
    score: int
    scale: int
    answered_by: str
    comment: str
    at: datetime


class InteractionDetailView(View):
    """recordings: those that the reader may hear. surveys: the first answer of each kind."""

    interaction: InteractionView
    transcript: list[TurnView]
    callbacks: list[CallbackView]
    recordings: list[RecordingView] = []
    wrapups: list[WrapUpView] = []
    surveys: list[SurveyResponseView] = []


class EventView(View):
    interaction_id: str
    seq: int
    type: str
    payload: dict[str, Any]
    at_ms: int
    actor: str
    occurred_at: datetime
    recorded_at: datetime
