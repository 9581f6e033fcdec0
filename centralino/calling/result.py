"""What came of a call, ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from centralino.calling.door import Told
from centralino.calling.hearing import Heard
from centralino.calling.measures import Turn
from centralino.calling.pacing import Punctuality


@dataclass(frozen=True)
class CallResult:
    """A caller's view of a call. Times count from the answer.

    call_id: the server's own on the browser door, Twilio's CallSid on the other. language, recognizer: what the server
    chose, '' where the door does not tell. transcript: what the server said was spoken (browser door only).
    heard: what the caller's own recognizer understood, empty without one.
    hung_up_by: 'caller' | 'bot' | 'lost'; ended_why: in the ender's words.
    outcome: 'completed' | 'script_failed' | 'ended_early' | 'lost'; outcome_why: '' when completed.
    afterwards: what Twilio was told to do after the stream. protocol_errors: what the server sent against its protocol.
    stutters: gaps in the middle of the bot's speech. dead_air_ms: the longest time in which nobody spoke.
    """

    door: str
    line: str
    call_id: str
    language: str
    recognizer: str
    transcript: tuple[Told, ...]
    heard: tuple[Heard, ...]
    turns: tuple[Turn, ...]
    hung_up_by: str
    ended_why: str
    outcome: str
    outcome_why: str
    afterwards: tuple[str, ...]
    protocol_errors: tuple[str, ...]
    stutters: int
    dead_air_ms: float
    duration_ms: float
    own_frames: Punctuality

    @property
    def turn_latency_ms(self) -> tuple[float, ...]:
        """The latency of every turn that was answered."""
        return tuple(turn.latency_ms for turn in self.turns if turn.latency_ms is not None)

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "turn_latency_ms": list(self.turn_latency_ms)}


@dataclass(frozen=True)
class Offer:
    """A waiting call as it was offered to an operator. transcript: the call so far."""

    offer: str
    call_id: str
    queue: str
    line: str
    caller: str
    language: str
    reason: str
    slots: Mapping[str, str]
    transcript: tuple[Told, ...]


@dataclass(frozen=True)
class OperatorResult:
    """A scripted operator's view of the call taken.

    transcript: what was spoken while on the call, as the server wrote it.
    hung_up_by: 'operator' | 'other' | 'lost'. The rest as in `CallResult`.
    """

    operator: str
    offer: Offer
    transcript: tuple[Told, ...]
    turns: tuple[Turn, ...]
    hung_up_by: str
    ended_why: str
    outcome: str
    outcome_why: str
    wrapped_up: bool
    protocol_errors: tuple[str, ...]
    stutters: int
    duration_ms: float
    own_frames: Punctuality

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
