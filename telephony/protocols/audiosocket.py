"""Asterisk's AudioSocket: a kind, a length and a payload, over TCP; the call's UUID first, then sound and keys.

Wire format: Asterisk's documentation "AudioSocket", `res_audiosocket.h`, and a real Asterisk 22.10. There are no marks,
no `clear` and no other way to end than kind 0x00. Asterisk plays what it gets as it gets it, so sound goes out in
frames of 20 ms, one each 20 ms: the wire keeps that beat (`telephony/doors/audiosocket_wire.py`).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from telephony.media import (
    Clear,
    Command,
    Complained,
    HungUp,
    KeyPressed,
    Mark,
    MediaEvent,
    Pacing,
    ProtocolError,
    SoundIn,
    SoundOut,
    Started,
)
from telephony.protocols import frames
from telephony.protocols.chunks import Chunks

HEADER_BYTES = 3
FRAME_MS = 20
HANG_UP, UUID, DTMF, ERROR = 0x00, 0x01, 0x03, 0xFF
SOUND = {8000: 0x10, 16000: 0x12}
"""The kind of a frame of signed linear sound, little-endian, by its rate."""
OTHER_SOUND = {0x11: 12000, 0x13: 24000, 0x14: 32000, 0x15: 44100, 0x16: 48000, 0x17: 96000, 0x18: 192000}
RATES = {**{kind: rate_hz for rate_hz, kind in SOUND.items()}, **OTHER_SOUND}


def framed(kind: int, payload: bytes = b"") -> bytes:
    """payload: at most 65,535 bytes."""
    return bytes((kind,)) + len(payload).to_bytes(2) + payload


class AudioSocket:
    """rate_hz may be set until the call is answered: 8000 (the dialplan application has no other) or 16000."""

    name = "audiosocket"
    pacing = Pacing(lead_ms=60, confirms=False)

    def __init__(self) -> None:
        self.rate_hz = 8000
        self._started = False
        self._chunks = Chunks(0)

    @property
    def silence(self) -> bytes:
        """A frame for when there is nothing to say."""
        return framed(SOUND[self.rate_hz], bytes(self._frame_bytes))

    def decode(self, message: str | bytes) -> Sequence[MediaEvent]:
        if isinstance(message, str):
            raise ProtocolError("malformed_frame", "a text message; AudioSocket has none")
        if len(message) < HEADER_BYTES or int.from_bytes(message[1:HEADER_BYTES]) != len(message) - HEADER_BYTES:
            raise ProtocolError(
                "malformed_frame", f"a message of {len(message)} bytes has another length in its header"
            )
        kind, payload = message[0], message[HEADER_BYTES:]
        if kind == UUID:
            return (self._start(payload),)
        if not self._started:
            raise ProtocolError("wrong_order", f"kind 0x{kind:02x} came before the UUID", close=1008)
        if kind == HANG_UP:
            return (HungUp(),)
        if kind == DTMF:
            return _key(payload)
        if kind in RATES:
            return self._sound(RATES[kind], payload)
        return (Complained("far_end_error" if kind == ERROR else "unknown_kind", message[:32].hex()),)

    def _start(self, payload: bytes) -> Started:
        if self._started:
            raise ProtocolError("second_start", "a UUID came twice on one connection", close=1008)
        if len(payload) != 16:
            raise ProtocolError("malformed_frame", f"a UUID of {len(payload)} bytes")
        self._started = True
        return Started(ref=str(uuid.UUID(bytes=payload)))

    def _sound(self, rate_hz: int, payload: bytes) -> Sequence[MediaEvent]:
        if rate_hz != self.rate_hz:
            wrong = (
                f"sound at {rate_hz} Hz where {self.rate_hz} Hz was announced: set rate_hz, or c(…) in the dial string"
            )
            raise ProtocolError("wrong_codec", wrong)
        if len(payload) % 2:
            raise ProtocolError("wrong_codec", f"an odd number of bytes ({len(payload)}) in 16-bit sound")
        return (SoundIn(payload),)

    def encode(self, command: Command) -> Sequence[str | bytes]:
        match command:
            case SoundOut():
                self._chunks.size_bytes = self._frame_bytes
                return [framed(SOUND[self.rate_hz], frame) for frame in self._chunks.add(command.pcm)]
            case Mark():
                rest = self._chunks.rest()
                return [framed(SOUND[self.rate_hz], rest.ljust(self._frame_bytes, b"\0"))] if rest else []
            case Clear():
                self._chunks.rest()
        return ()

    @property
    def _frame_bytes(self) -> int:
        return self.rate_hz * FRAME_MS // 500


def _key(payload: bytes) -> Sequence[MediaEvent]:
    key = payload.decode("latin-1")
    if key in frames.LETTERS:
        return ()
    if key not in frames.KEYS:
        raise ProtocolError("malformed_frame", f"key {frames.shown(key)} is none of 0-9 * #")
    return (KeyPressed(key),)
