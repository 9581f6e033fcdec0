"""The one small contract between phone systems and calls: what a door hears and what it can be told.

A protocol (one file in `telephony/protocols/`) decodes its wire messages into `MediaEvent`s and encodes `Command`s.
It is pure: no socket, no clock. Sound is PCM16 mono little-endian at the protocol's `rate_hz`; chunks have any length,
because a carrier's frame size is an accident and phones that are silent may send nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Started:
    """The sound of a call begins. ref: the phone system's own id of the call; token: what proves it is expected."""

    ref: str
    token: str = ""
    line: str = ""
    caller: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SoundIn:
    pcm: bytes


@dataclass(frozen=True)
class KeyPressed:
    """One of 0-9 * #."""

    key: str


@dataclass(frozen=True)
class MarkPlayed:
    """All sound sent before this mark was played, or dropped after a `Clear`."""

    name: str


@dataclass(frozen=True)
class Flow:
    """Whether the far end takes sound: not while its buffer is full, and again when there is room."""

    takes_sound: bool


@dataclass(frozen=True)
class Held:
    """held: the far end put us on hold, nobody listens and nobody speaks; False: the caller is back."""

    held: bool


@dataclass(frozen=True)
class HungUp:
    """The phone system says that the call is over."""

    reason: str = "caller_hung_up"


@dataclass(frozen=True)
class Complained:
    """The far end could not do what it was told, or said what this protocol does not know; the call goes on.

    code: a word for the history; detail: the far end's own.
    """

    code: str
    detail: str = ""


@dataclass(frozen=True)
class Reply:
    """What the protocol itself owes the far end at once (a pong, an acknowledgement): the door sends it as it is."""

    messages: tuple[str | bytes, ...]


MediaEvent = Started | SoundIn | KeyPressed | MarkPlayed | Held | Flow | HungUp | Complained | Reply


@dataclass(frozen=True)
class SoundOut:
    pcm: bytes


@dataclass(frozen=True)
class Mark:
    name: str


@dataclass(frozen=True)
class Clear:
    """Drop everything that was sent and not played yet."""


@dataclass(frozen=True)
class Tell:
    """Something for a far end that can show it (the browser): ready, transcript, ended. Others ignore it."""

    message: Mapping[str, Any]


@dataclass(frozen=True)
class SendKeys:
    """Press keys towards the far end; keys: of 0-9 * #."""

    keys: str


@dataclass(frozen=True)
class HandOver:
    """Leave the call to the phone system, which is to connect it to `to`; only where it has words for that."""

    to: str
    call_id: str


@dataclass(frozen=True)
class HangUp:
    """The call is over on our side; the last command. reason: as in the history (`bot_ended`, ...)."""

    reason: str


Command = SoundOut | Mark | Clear | Tell | SendKeys | HandOver | HangUp


@dataclass(frozen=True)
class Pacing:
    """How a far end takes sound.

    lead_ms: how far ahead of real time it is sent: the more, the better a busy moment is ridden out; little where a far
    end has no `clear` or plays nothing but what it just got. confirms: it tells when a mark was played; where it does
    not, the clock does.
    """

    lead_ms: int = 400
    confirms: bool = True


class ProtocolError(ValueError):
    """A message that this protocol does not allow.

    code: a word for the history; close: the websocket close code; token: of the announced call that should have begun
    with this message, so that it can be ended; '' when there is none.
    """

    def __init__(self, code: str, detail: str, close: int = 1003, token: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.close, self.token = code, detail, close, token


class MediaProtocol(Protocol):
    """One connection's codec and state (whether it started, its stream's id)."""

    name: str
    rate_hz: int
    """Of the sound of events and commands; final once `Started` was decoded."""
    pacing: Pacing

    def decode(self, message: str | bytes) -> Sequence[MediaEvent]:
        """Raises ProtocolError; never anything else, whatever the message."""
        ...

    def encode(self, command: Command) -> Sequence[str | bytes]:
        """The wire messages for a command; none where the protocol has no word for it."""
        ...
