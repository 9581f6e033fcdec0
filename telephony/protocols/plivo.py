"""Plivo audio streaming, bidirectional: JSON text frames, linear sound at 16 kHz or mu-law at 8 kHz in base64.

Wire format: Plivo's "Audio Streaming Protocol Reference". It does not tell the byte order of L16: Plivo's own
agent-transport library writes and reads it little-endian.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from telephony.media import (
    Clear,
    Command,
    Complained,
    HungUp,
    Mark,
    MarkPlayed,
    MediaEvent,
    Pacing,
    ProtocolError,
    SendKeys,
    SoundIn,
    SoundOut,
    Started,
)
from telephony.protocols import frames
from telephony.protocols.codecs import LONGEST_PAYLOAD, MULAW, agreed, linear

CODECS = {
    ("audio/x-l16", 16000): linear(16000),
    ("audio/x-l16", 8000): linear(8000),
    ("audio/x-mulaw", 8000): MULAW,
}


class PlivoAudioStreaming:
    name = "plivo"
    rate_hz = 16000
    pacing = Pacing()

    def __init__(self) -> None:
        self._stream_id = ""
        self._encoding, self._codec = "audio/x-l16", CODECS["audio/x-l16", 16000]

    def decode(self, message: str | bytes) -> Sequence[MediaEvent]:
        if isinstance(message, bytes):
            raise ProtocolError("malformed_frame", "a binary frame; Plivo sends text frames only")
        frame = frames.json_frame(message)
        event = frames.text(frame, "event", 32)
        if event == "start":
            return (self._started(frames.part(frame, "start")),)
        if not self._stream_id:
            raise ProtocolError("wrong_order", f"{frames.shown(event)} came before 'start'", close=1008)
        if event == "media":
            return self._media(frames.part(frame, "media"))
        if event == "dtmf":
            return frames.pressed(frames.part(frame, "dtmf"))
        if event == "playedStream":
            return (MarkPlayed(frames.text(frame, "name")),)
        if event == "clearedAudio":
            return ()
        if event == "stop":
            return (HungUp(),)
        if event in ("error", "playFailed"):
            return (Complained(event, frames.shown(frame.get("reason"))),)
        return (Complained("unknown_event", frames.shown(event)),)

    def _started(self, start: dict[str, Any]) -> Started:
        if self._stream_id:
            raise ProtocolError("second_start", "'start' came twice on one connection", close=1008)
        sound = frames.part(start, "mediaFormat")
        encoding = frames.text(sound, "encoding").partition(";")[0].lower()
        codec = agreed(CODECS, encoding, sound.get("sampleRate"), 1)
        stream_id = frames.text(start, "streamId")
        if not stream_id:
            raise ProtocolError("malformed_frame", "streamId is empty")
        started = Started(ref=frames.text(start, "callId"))
        self._stream_id, self._encoding, self._codec, self.rate_hz = stream_id, encoding, codec, codec.rate_hz
        return started

    def _media(self, media: dict[str, Any]) -> Sequence[MediaEvent]:
        if media.get("track", "inbound") != "inbound":
            return ()
        return (SoundIn(self._codec.from_base64(frames.text(media, "payload", LONGEST_PAYLOAD))),)

    def encode(self, command: Command) -> Sequence[str | bytes]:
        if isinstance(command, SoundOut):
            payload = self._codec.to_base64(command.pcm)
            sound = {"contentType": self._encoding, "sampleRate": self.rate_hz, "payload": payload}
            return (json.dumps({"event": "playAudio", "media": sound}),)
        if isinstance(command, Mark):
            return (json.dumps({"event": "checkpoint", "streamId": self._stream_id, "name": command.name}),)
        if isinstance(command, Clear):
            return (json.dumps({"event": "clearAudio", "streamId": self._stream_id}),)
        if isinstance(command, SendKeys):
            return (json.dumps({"event": "sendDTMF", "dtmf": command.keys}),)
        return ()
