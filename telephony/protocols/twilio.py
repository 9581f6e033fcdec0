"""Twilio Media Streams, bidirectional: JSON text frames with base64 mu-law at 8 kHz.

Wire format: Twilio's documentation "Media Streams - WebSocket Messages". Numbers arrive as strings; the caller's
number does not arrive at all, so the webhook puts a single-use token into `<Parameter>` that leads back to the call.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

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
)
from telephony.protocols import frames
from voice import g711

MOST_PARAMETERS = 32
LONGEST_PAYLOAD = 65_536
"""Characters of base64: 6 s of sound, far more than a carrier puts into one frame."""


class TwilioMediaStreams:
    name = "twilio"
    rate_hz = 8000
    pacing = Pacing()

    def __init__(self) -> None:
        self._stream_sid = ""

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
            return (KeyPressed(frames.key(frames.part(frame, "dtmf"))),)
        if event == "mark":
            return (MarkPlayed(frames.text(frames.part(frame, "mark"), "name")),)
        if event == "stop":
            return (HungUp(),)
        raise ProtocolError("malformed_frame", f"unknown event {frames.shown(event)}")

    def _started(self, frame: dict[str, Any]) -> Started:
        if self._stream_sid:
            raise ProtocolError("second_start", "'start' came twice on one connection", close=1008)
        start = frames.part(frame, "start")
        parameters = frames.part(start, "customParameters") if start.get("customParameters") is not None else {}
        plain = {name: frames.text(parameters, name, 512) for name in list(parameters)[:MOST_PARAMETERS]}
        token = plain.get("token", "")
        sound = frames.part(start, "mediaFormat")
        shape = [sound.get(name) for name in ("encoding", "sampleRate", "channels")]
        if shape[0] != "audio/x-mulaw" or shape[1] not in (8000, "8000") or shape[2] not in (1, "1"):
            got = ", ".join(frames.shown(value) for value in shape)
            raise ProtocolError("wrong_codec", f"audio/x-mulaw, 8000 Hz, 1 channel is expected, got {got}", token=token)
        stream_sid = frames.text(start, "streamSid")
        if not stream_sid:
            raise ProtocolError("malformed_frame", "streamSid is empty", token=token)
        started = Started(ref=frames.text(start, "callSid"), token=token, parameters=plain)
        self._stream_sid = stream_sid
        return started

    @staticmethod
    def _media(media: dict[str, Any]) -> Sequence[MediaEvent]:
        if media.get("track", "inbound") not in ("inbound", "inbound_track"):
            return ()
        coded = frames.text(media, "payload", LONGEST_PAYLOAD)
        try:
            payload = base64.b64decode(coded, validate=True)
        except ValueError as error:
            raise ProtocolError("malformed_frame", f"media payload is not base64: {error}", close=1007) from None
        return (SoundIn(g711.mulaw_to_pcm(payload)),)

    def encode(self, command: Command) -> Sequence[str | bytes]:
        if isinstance(command, SoundOut):
            payload = base64.b64encode(g711.pcm_to_mulaw(command.pcm)).decode()
            return (self._frame("media", media={"payload": payload}),)
        if isinstance(command, Mark):
            return (self._frame("mark", mark={"name": command.name}),)
        if isinstance(command, Clear):
            return (self._frame("clear"),)
        return ()

    def _frame(self, event: str, **content: Any) -> str:
        return json.dumps({"event": event, "streamSid": self._stream_sid, **content})
