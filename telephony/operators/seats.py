"""A seat: one operator at work, what they are doing, and what their console is told about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from telephony.operators.call_side import CallSide
from telephony.operators.presence import Presence
from telephony.operators.queue import Candidate, WaitingCall, place
from telephony.operators.wrap_up import Work

OFFER_MS = 20_000
"""How long an offer rings at a console before the operator counts as away and the next one is asked."""


class SeatSocket(Protocol):
    """An operator's connection; its methods queue and never block."""

    def tell(self, message: Mapping[str, Any]) -> None: ...
    def sound(self, pcm: bytes) -> None: ...
    def close(self, reason: str) -> None: ...


@dataclass
class Offer:
    """A waiting call that rings at one seat. shown: its operator was told, which is only after the history was."""

    id: str
    waiting: WaitingCall
    call: CallSide
    expires_ms: int
    shown: bool = False

    @property
    def call_id(self) -> str:
        return self.waiting.call_id


@dataclass(frozen=True)
class Forced:
    """What a supervisor wants of an operator. wanted: 'available' | 'away' | 'offline'. why: for the operator."""

    wanted: str
    why: str


@dataclass
class Seat:
    """socket None: the connection broke during a call, or behind one, and may come back."""

    id: str
    name: str
    queues: frozenset[str]
    socket: SeatSocket | None
    presence: Presence = Presence.AWAY
    idle_since_ms: int = 0
    why: str = ""
    """What its state is for, '' where nobody said so."""
    forced: Forced | None = None
    """What a supervisor wants of it once the call is over."""
    offer: Offer | None = None
    call: CallSide | None = None
    about: WaitingCall | None = None
    """The call that the operator talks in, or whose work they do: as it was offered, or came back from the bot."""
    muted: bool = False
    """Their page sends silence: what a page that is loaded again must go on with."""
    ended: str = ""
    """Why the latest call ended."""
    noted: str = ""
    """What the operator has written down in it, for the work behind it."""
    with_bot: str | None = None
    """The flow at which the bot has the call, which this operator waits for."""
    wraps_up: Work | None = None
    wrap_up_ms: int | None = None
    """How long the work behind a call may take here; None: as the settings say."""
    lost_since_ms: int | None = None
    skills: frozenset[str] = frozenset()
    offer_ms: int = OFFER_MS
    calls_back: bool = True
    monitored: tuple[str, str] = ("", "")
    """How a supervisor takes part in the call ('' for not at all), and the supervisor's name."""
    told_waiting: tuple[tuple[str, int], ...] | None = None
    told_recording: tuple[str, str] | None = None
    """Of which call, and whether it is recorded."""

    def candidate(self) -> Candidate:
        return Candidate(self.id, self.queues, self.presence, self.idle_since_ms, self.calls_back, self.skills)

    def become(self, presence: Presence, now_ms: int, why: str = "") -> None:
        """Idle time counts from a change; saying the same again does not begin it anew. why: 'unanswered', or in
        words."""
        if presence is not self.presence:
            self.presence, self.idle_since_ms, self.why = presence, now_ms, why
        elif why:
            self.why = why

    def takes(self, offer: Offer) -> None:
        """The operator has accepted it; nothing of the call before stays."""
        self.offer, self.call, self.about = None, offer.call, offer.waiting
        self.muted, self.ended, self.noted = False, "", ""

    def talks_to(self, call_id: str) -> bool:
        return self.call is not None and self.call.call_id == call_id

    def rings_for(self, call_id: str) -> bool:
        return self.offer is not None and self.offer.call_id == call_id

    # ---------------------------------------------------------------------------------------- what the console sees

    def tell(self, message: Mapping[str, Any]) -> None:
        if self.socket:
            self.socket.tell(message)

    def tell_state(self) -> None:
        self.tell({"type": "state", "state": str(self.presence), **({"why": self.why} if self.why else {})})

    def tell_connected(self, more: Mapping[str, Any] | None = None) -> None:
        """Who has the call, and what else the console needs to show it."""
        if self.call is None:
            return
        call_id, flows = self.call.call_id, self.call.bot_flows
        if self.with_bot is None:
            self.tell({"type": "connected", "call_id": call_id, **(more or {})})
        else:
            self.tell({"type": "with_bot", "call_id": call_id, "flow": self.with_bot, **(more or {})})
        self.tell_recording()
        if flows is not None:
            self.tell({"type": "to_bot_flows", "call_id": call_id, "flows": list(flows)})

    def tell_recording(self) -> None:
        """Whether what is said in the operator's call is recorded: 'off' | 'on' | 'paused' | 'failed'."""
        if self.call:
            state = self.call.recording_state
            self.told_recording = self.call.call_id, state
            self.tell({"type": "recording", "call_id": self.call.call_id, "state": state})

    def tell_monitored(self) -> None:
        """Whether a supervisor listens to the operator's call: 'listen' | 'whisper' | 'barge' | ''."""
        if self.call:
            mode, by = self.monitored
            self.tell({"type": "monitored", "call_id": self.call.call_id, "mode": mode, "by": by})

    def look_at_recording(self) -> None:
        """Who was told that their call is recorded hears when it is so no more: a disk that is full, a flow's step."""
        told = self.told_recording
        if self.call and told and told[0] == self.call.call_id and told[1] != self.call.recording_state:
            self.tell_recording()

    def welcome(self, now_ms: int) -> None:
        """Everything a console needs that has just connected, in the middle of a call or of an offer too."""
        self.told_waiting = None
        self.tell({"type": "welcome", "operator": {"id": self.id, "name": self.name, "queues": sorted(self.queues)}})
        self.tell_state()
        if self.call:
            self.tell_connected(self._resumed(now_ms))
            if self.noted:
                self.tell({"type": "noted", "call_id": self.call.call_id, "note": self.noted})
            if self.monitored[0]:
                self.tell_monitored()
            for told in self.call.retold():
                self.tell({**told, "call_id": self.call.call_id})
            self.tell_words(self.call)
        elif self.offer and self.offer.shown:
            self.show_offer(now_ms)

    def _resumed(self, now_ms: int) -> dict[str, Any]:
        """What a console that comes back in mid-call must know of the call besides."""
        told = {**self.about_call(), "muted": self.muted, "since_ms_ago": now_ms - self.idle_since_ms}
        return {**told, **({"call_back": self.about.caller} if self.about and self.about.promised else {})}

    def about_call(self) -> dict[str, Any]:
        """Of the call, or of the one whose work is done: what a console that comes back does not know."""
        return {"call": {**_about(self.about), "slots": dict(self.about.slots)}} if self.about else {}

    def tell_words(self, call: CallSide) -> None:
        """All of it, to a console that comes back."""
        for turn in call.transcript():
            self.tell({"type": "transcript", "call_id": call.call_id, "is_final": True, **turn})

    def show_offer(self, now_ms: int) -> None:
        if self.offer is None:
            return
        self.offer.shown = True
        waiting = self.offer.waiting
        self.tell(
            {
                "type": "offer",
                "offer": self.offer.id,
                **_about(waiting),
                "slots": dict(waiting.slots),
                "transcript": list(self.offer.call.transcript()),
                "at_ms": self.offer.call.now_ms(),
                "expires_in_ms": max(0, self.offer.expires_ms - now_ms),
            }
        )

    def offer_gone(self, offer: Offer, why: str) -> None:
        """why: 'timed_out' | 'taken' | 'caller_left' | 'declined' | 'withdrawn'."""
        if offer.shown:
            self.tell({"type": "offer_gone", "offer": offer.id, "why": why})

    def show_waiting(self, in_order: Sequence[WaitingCall], now_ms: int) -> None:
        """The callers of this operator's queues, whenever that list changed."""
        candidate = self.candidate()
        places = [(call, place(in_order, call.call_id)) for call in in_order if candidate.serves(call.queue)]
        shown = tuple((call.call_id, at) for call, at in places)
        if shown != self.told_waiting:
            self.told_waiting = shown
            calls = [{**_about(call), "place": at, "since_ms_ago": now_ms - call.since_ms} for call, at in places]
            self.tell({"type": "waiting", "calls": calls})


def _about(waiting: WaitingCall) -> dict[str, Any]:
    return {
        "call_id": waiting.call_id,
        "queue": waiting.queue,
        "line": waiting.line,
        "caller": waiting.caller,
        "language": waiting.language,
        "reason": waiting.reason,
        "kind": "callback" if waiting.promised else "call",
        "urgency": waiting.urgency,
        "skills": sorted(waiting.skills),
    }
