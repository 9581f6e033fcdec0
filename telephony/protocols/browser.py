"""The browser door: binary PCM16 at 16 kHz both ways, JSON text for everything else.

In:  `start` (line, rate_hz), sound, `dtmf`, `mark` (echoed when played), `stop`.
Out: `ready`, sound, `mark`, `clear`, `transcript`, `ended`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from telephony.media import (
    Clear,
    Command,
    HungUp,
    KeyPressed,
    Mark,
    MarkPlayed,
    MediaEvent,
    Pacing,
    ProtocolError,
    SoundIn,
    SoundOut,
    Started,
    Tell,
)
from telephony.protocols import frames


class Browser:
    name = "browser"
    rate_hz = 16000
    pacing = Pacing()

    def __init__(self) -> None:
        self._started = False

    def decode(self, message: str | bytes) -> Sequence[MediaEvent]:
        if isinstance(message, bytes):
            if not self._started:
                raise ProtocolError("wrong_order", "sound came before 'start'", close=1008)
            if len(message) % 2:
                raise ProtocolError("wrong_codec", f"PCM16 is expected, got an odd number of bytes ({len(message)})")
            return (SoundIn(message),)
        frame = frames.json_frame(message)
        kind = frames.text(frame, "type", 32)
        if kind == "start":
            if self._started:
                raise ProtocolError("second_start", "'start' came twice on one connection", close=1008)
            if frame.get("rate_hz") != self.rate_hz:
                raise ProtocolError(
                    "wrong_codec", f"rate_hz 16000 is expected, got {frames.shown(frame.get('rate_hz'))}"
                )
            line, caller = frames.text(frame, "line", 64), frames.optional_text(frame, "caller", 64)
            self._started = True
            return (Started(ref="", line=line, caller=caller),)
        if not self._started:
            raise ProtocolError("wrong_order", f"{frames.shown(kind)} came before 'start'", close=1008)
        if kind == "dtmf":
            return (KeyPressed(frames.key(frame)),)
        if kind == "mark":
            return (MarkPlayed(frames.text(frame, "name")),)
        if kind == "stop":
            return (HungUp(),)
        raise ProtocolError("malformed_frame", f"unknown type {frames.shown(kind)}")

    def encode(self, command: Command) -> Sequence[str | bytes]:
        if isinstance(command, SoundOut):
            return (command.pcm,)
        if isinstance(command, Mark):
            return (json.dumps({"type": "mark", "name": command.name}),)
        if isinstance(command, Clear):
            return (json.dumps({"type": "clear"}),)
        if isinstance(command, Tell):
            return (json.dumps(dict(command.message), ensure_ascii=False),)
        return ()
