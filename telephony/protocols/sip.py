"""A SIP call as `telephony/sip/wire.py` passes it on: sound is bytes of PCM16, the rest is JSON text.

The network's own formats (SIP, SDP, RTP) are read in `telephony/sip/` and `telephony/rtp/`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from telephony.media import (
    Clear,
    Command,
    Held,
    HungUp,
    KeyPressed,
    MediaEvent,
    Pacing,
    ProtocolError,
    SendKeys,
    SoundIn,
    SoundOut,
    Started,
)
from telephony.protocols import frames


class SipCall:
    """rate_hz: 16,000 where G.722 was agreed on first, else 8,000."""

    name = "sip"
    pacing = Pacing(lead_ms=60, confirms=False)
    """Little, because packets are paced once more by the clock of the port; three frames ride out a busy moment."""

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self._started = False

    def decode(self, message: str | bytes) -> Sequence[MediaEvent]:
        if isinstance(message, bytes):
            if not self._started:
                raise ProtocolError("wrong_order", "sound came before 'start'", close=1008)
            if len(message) % 2:
                raise ProtocolError("wrong_codec", f"PCM16 is expected, got an odd number of bytes ({len(message)})")
            return (SoundIn(message),)
        frame = frames.json_frame(message)
        event = frames.text(frame, "event", 16)
        if event == "start":
            return (self._start(frame),)
        if event == "lost":
            code, detail = frames.text(frame, "code", 32), frames.text(frame, "detail")
            raise ProtocolError(code, detail, close=1008)
        if not self._started:
            raise ProtocolError("wrong_order", f"{frames.shown(event)} came before 'start'", close=1008)
        if event == "key":
            return (KeyPressed(frames.key(frame, "key")),)
        if event == "held":
            return (Held(frame.get("held") is True),)
        if event == "bye":
            return (HungUp(),)
        raise ProtocolError("malformed_frame", f"unknown event {frames.shown(event)}")

    def _start(self, frame: dict[str, Any]) -> Started:
        if self._started:
            raise ProtocolError("second_start", "'start' came twice for one call", close=1008)
        headers = frames.part(frame, "headers")
        parameters = {name: frames.text(headers, name) for name in headers}
        ref, token = frames.text(frame, "ref"), frames.text(frame, "token")
        self._started = True
        return Started(ref, token, caller=frames.text(frame, "caller"), parameters=parameters)

    def encode(self, command: Command) -> Sequence[str | bytes]:
        if isinstance(command, SoundOut):
            return (command.pcm,)
        if isinstance(command, Clear):
            return (json.dumps({"order": "clear"}),)
        if isinstance(command, SendKeys):
            return (json.dumps({"order": "keys", "keys": command.keys}),)
        return ()
