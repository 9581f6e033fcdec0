"""Vonage Voice API websockets: linear samples in binary messages, JSON in text messages.

Wire format: Vonage's guide "WebSockets". What the NCCO's `headers` said lies beside the fields of the first message. A
message of sound is 20 ms, in both directions: 640 bytes at 16 kHz, never more or less. Samples are little-endian, which
the guide does not say and every program that uses it takes for granted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from telephony.media import (
    Clear,
    Command,
    Complained,
    Mark,
    MarkPlayed,
    MediaEvent,
    Pacing,
    ProtocolError,
    SoundIn,
    SoundOut,
    Started,
)
from telephony.protocols import frames
from telephony.protocols.chunks import Chunks

FRAME_MS = 20
CONTENT_TYPES = {f"audio/l16;rate={rate_hz}": rate_hz for rate_hz in (8000, 16000)}


class VonageWebsocket:
    name = "vonage"
    rate_hz = 16000
    pacing = Pacing()

    def __init__(self) -> None:
        self._started = False
        self._chunks = Chunks(self.rate_hz * FRAME_MS // 500)

    def decode(self, message: str | bytes) -> Sequence[MediaEvent]:
        if isinstance(message, bytes):
            return self._sound_in(message)
        frame = frames.json_frame(message)
        event = frames.text(frame, "event", 64)
        if event == "websocket:connected":
            return (self._connected(frame),)
        if not self._started:
            raise ProtocolError("wrong_order", f"{frames.shown(event)} came before 'connected'", close=1008)
        if event == "websocket:dtmf":
            return frames.pressed(frame)
        if event == "websocket:notify":
            return (MarkPlayed(frames.text(frames.part(frame, "payload"), "name")),)
        if event == "websocket:cleared":
            return ()
        return (Complained("unknown_event", frames.shown(event)),)

    def _connected(self, frame: dict[str, Any]) -> Started:
        if self._started:
            raise ProtocolError("second_start", "'connected' came twice on one connection", close=1008)
        token = frames.optional_text(frame, "token")
        content_type = frames.text(frame, "content-type")
        rate_hz = CONTENT_TYPES.get(content_type.replace(" ", "").lower())
        if rate_hz is None:
            wanted = " or ".join(CONTENT_TYPES)
            raise ProtocolError("wrong_codec", f"{wanted} is expected, got {frames.shown(content_type)}", token=token)
        started = Started(ref=frames.text(frame, "call"), token=token)
        self._started, self.rate_hz = True, rate_hz
        self._chunks.size_bytes = rate_hz * FRAME_MS // 500
        return started

    def _sound_in(self, message: bytes) -> Sequence[MediaEvent]:
        if not self._started:
            raise ProtocolError("wrong_order", "sound came before 'connected'", close=1008)
        if len(message) % 2:
            raise ProtocolError("wrong_codec", f"PCM16 is expected, got an odd number of bytes ({len(message)})")
        return (SoundIn(message),)

    def encode(self, command: Command) -> Sequence[str | bytes]:
        if isinstance(command, SoundOut):
            return self._chunks.add(command.pcm)
        if isinstance(command, Mark):
            rest = self._chunks.rest()
            last = (rest.ljust(self._chunks.size_bytes, b"\0"),) if rest else ()
            return (*last, json.dumps({"action": "notify", "payload": {"name": command.name}}))
        if isinstance(command, Clear):
            self._chunks.rest()
            return (json.dumps({"action": "clear"}),)
        return ()
