"""Twilio Media Streams, bidirectional: JSON text frames with base64 mu-law at 8 kHz.

Wire format: Twilio's documentation "Media Streams - WebSocket Messages". Numbers arrive as strings; the caller's
number does not arrive at all, so the webhook puts a single-use token into `<Parameter>` that leads back to the call.
SignalWire speaks the same with more codecs: see `signalwire.py`.
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
    SoundIn,
    SoundOut,
    Started,
)
from telephony.protocols import frames
from telephony.protocols.codecs import LONGEST_PAYLOAD, MULAW, Codec, Codecs, agreed

MOST_PARAMETERS = 32
CODECS: Codecs = {("audio/x-mulaw", 8000): MULAW}


class TwilioMediaStreams:
    name = "twilio"
    rate_hz = 8000
    pacing = Pacing()
    codecs = CODECS

    def __init__(self) -> None:
        self._stream_sid = ""
        self._codec: Codec = MULAW

    def decode(self, message: str | bytes) -> Sequence[MediaEvent]:
        if isinstance(message, bytes):
            raise ProtocolError("malformed_frame", "a binary frame; Twilio sends text frames only")
        frame = frames.json_frame(message)
        event = frames.text(frame, "event", 32)
        if event == "connected":
            return ()
        if event == "start":
            return (self._started(frame),)
        if not self._stream_sid:
            raise ProtocolError("wrong_order", f"{frames.shown(event)} came before 'start'", close=1008)
        if event == "media":
            return self._media(frames.part(frame, "media"))
        if event == "dtmf":
            return frames.pressed(frames.part(frame, "dtmf"))
        if event == "mark":
            return (MarkPlayed(frames.text(frames.part(frame, "mark"), "name")),)
        if event == "stop":
            return (HungUp(),)
        return (Complained("unknown_event", frames.shown(event)),)

    def _started(self, frame: dict[str, Any]) -> Started:
        if self._stream_sid:
            raise ProtocolError("second_start", "'start' came twice on one connection", close=1008)
        start = frames.part(frame, "start")
        parameters = frames.part(start, "customParameters") if start.get("customParameters") is not None else {}
        plain = {name: frames.text(parameters, name, 512) for name in list(parameters)[:MOST_PARAMETERS]}
        token = plain.get("token", "")
        sound = frames.part(start, "mediaFormat")
        codec = agreed(self.codecs, sound.get("encoding"), sound.get("sampleRate"), sound.get("channels"), token)
        stream_sid = frames.text(start, "streamSid")
        if not stream_sid:
            raise ProtocolError("malformed_frame", "streamSid is empty", token=token)
        started = Started(ref=frames.text(start, "callSid"), token=token, parameters=plain)
        self._stream_sid, self._codec, self.rate_hz = stream_sid, codec, codec.rate_hz
        return started

    def _media(self, media: dict[str, Any]) -> Sequence[MediaEvent]:
        if media.get("track", "inbound") not in ("inbound", "inbound_track"):
            return ()
        return (SoundIn(self._codec.from_base64(frames.text(media, "payload", LONGEST_PAYLOAD))),)

    def encode(self, command: Command) -> Sequence[str | bytes]:
        if isinstance(command, SoundOut):
            return (self._frame("media", media={"payload": self._codec.to_base64(command.pcm)}),)
        if isinstance(command, Mark):
            return (self._frame("mark", mark={"name": command.name}),)
        if isinstance(command, Clear):
            return (self._frame("clear"),)
        return ()

    def _frame(self, event: str, **content: Any) -> str:
        return json.dumps({"event": event, "streamSid": self._stream_sid, **content})
