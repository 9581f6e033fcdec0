"""Telnyx media streaming, bidirectional RTP mode: JSON text frames with base64 payloads.

Wire format: Telnyx's "Media Streaming over WebSockets". Each direction has a codec of its own: `start` tells only what
is heard (the call's own where Telnyx cannot transcode it), what is sent must be what the stream was asked for. Chunks
may arrive in any order and are numbered; those sent must be of 20 ms to 30 s.
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
from telephony.protocols.chunks import Chunks
from telephony.protocols.codecs import ALAW, LONGEST_PAYLOAD, MULAW, Codec, agreed, linear
from telephony.protocols.reordering import Reordering
from voice.audio import Resampler

SHORTEST_MS = 20


class TelnyxMediaStreaming:
    """sends: the codec that the stream was asked for. big_endian: the byte order of L16, as RTP has it."""

    name = "telnyx"
    pacing = Pacing()

    def __init__(self, sends: Codec = MULAW, big_endian: bool = True) -> None:
        self.rate_hz = sends.rate_hz
        self._sends, self._hears = sends, sends
        self._known = {("PCMU", 8000): MULAW, ("PCMA", 8000): ALAW}
        self._known |= {("L16", rate_hz): linear(rate_hz, big_endian) for rate_hz in (8000, 16000)}
        self._started = False
        self._resampler = Resampler(self.rate_hz, sends.rate_hz)
        self._chunks = Chunks(sends.rate_hz * SHORTEST_MS // 500)
        self._order = Reordering()

    def decode(self, message: str | bytes) -> Sequence[MediaEvent]:
        if isinstance(message, bytes):
            raise ProtocolError("malformed_frame", "a binary frame; Telnyx sends text frames only")
        frame = frames.json_frame(message)
        event = frames.text(frame, "event", 32)
        if event == "connected":
            return ()
        if event == "start":
            return (self._start(frames.part(frame, "start")),)
        if not self._started:
            raise ProtocolError("wrong_order", f"{frames.shown(event)} came before 'start'", close=1008)
        if event == "media":
            return self._media(frames.part(frame, "media"))
        if event == "dtmf":
            return frames.pressed(frames.part(frame, "dtmf"))
        if event == "mark":
            return (MarkPlayed(frames.text(frames.part(frame, "mark"), "name")),)
        if event == "stop":
            return (*_sound(self._order.rest()), HungUp())
        if event == "error":
            fault = frames.part(frame, "payload")
            return (Complained(f"error {frames.shown(fault.get('code'))}", frames.shown(fault.get("detail"))),)
        return (Complained("unknown_event", frames.shown(event)),)

    def _start(self, start: dict[str, Any]) -> Started:
        if self._started:
            raise ProtocolError("second_start", "'start' came twice on one connection", close=1008)
        sound = frames.part(start, "media_format")
        channels = 1 if sound.get("channels") is None else sound["channels"]
        hears = agreed(self._known, sound.get("encoding"), sound.get("sample_rate"), channels)
        started = Started(ref=frames.text(start, "call_control_id"))
        self._hears, self.rate_hz, self._started = hears, hears.rate_hz, True
        self._resampler = Resampler(self.rate_hz, self._sends.rate_hz)
        return started

    def _media(self, media: dict[str, Any]) -> Sequence[MediaEvent]:
        if media.get("track", "inbound") not in ("inbound", "inbound_track"):
            return ()
        pcm = self._hears.from_base64(frames.text(media, "payload", LONGEST_PAYLOAD))
        return _sound(self._order.put(frames.number(media, "chunk"), pcm))

    def encode(self, command: Command) -> Sequence[str | bytes]:
        if isinstance(command, SoundOut):
            return self._sound_out(self._resampler.feed(command.pcm))
        if isinstance(command, Mark):
            sound = [*self._sound_out(self._resampler.flush()), *self._last_chunk()]
            return (*sound, json.dumps({"event": "mark", "mark": {"name": command.name}}))
        if isinstance(command, Clear):
            self._resampler.flush()
            self._chunks.rest()
            return (json.dumps({"event": "clear"}),)
        return ()

    def _sound_out(self, pcm: bytes) -> Sequence[str]:
        return [self._media_frame(chunk) for chunk in self._chunks.add(pcm)]

    def _last_chunk(self) -> Sequence[str]:
        """What a sound ends with, filled up to the shortest chunk there may be."""
        rest = self._chunks.rest()
        return [self._media_frame(rest.ljust(self._chunks.size_bytes, b"\0"))] if rest else []

    def _media_frame(self, pcm: bytes) -> str:
        return json.dumps({"event": "media", "media": {"payload": self._sends.to_base64(pcm)}})


def _sound(pcm: bytes) -> Sequence[MediaEvent]:
    return (SoundIn(pcm),) if pcm else ()
