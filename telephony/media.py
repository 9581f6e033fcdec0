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
class HungUp:
    """The phone system says that the call is over."""

    reason: str = "caller_hung_up"


MediaEvent = Started | SoundIn | KeyPressed | MarkPlayed | HungUp


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


Command = SoundOut | Mark | Clear | Tell


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

    def decode(self, message: str | bytes) -> Sequence[MediaEvent]:
        """Raises ProtocolError; never anything else, whatever the message."""
        ...

    def encode(self, command: Command) -> Sequence[str | bytes]:
        """The wire messages for a command; none where the protocol has no word for it."""
        ...
