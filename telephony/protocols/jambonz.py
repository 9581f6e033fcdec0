"""jambonz, the `listen` verb with bidirectional streaming: mod_audio_fork's frames, subprotocol `audio.jambonz.org`.

The first text frame has the call's attributes (callSid, from, to, ...), sampleRate, mixType, and beside them the verb's
own `metadata`: our single-use token, which leads back to the call that the webhook announced.
"""

from __future__ import annotations

from typing import Any

from telephony.media import ProtocolError, Started
from telephony.protocols import frames
from telephony.protocols.audio_fork import AudioFork

SUBPROTOCOL = "audio.jambonz.org"


class JambonzListen(AudioFork):
    name = "jambonz"

    def first_frame(self, frame: dict[str, Any]) -> Started:
        token = frames.optional_text(frame, "token")
        rate_hz, mix = frame.get("sampleRate"), frame.get("mixType")
        if rate_hz != self.rate_hz or mix != "mono":
            got = f"{frames.shown(rate_hz)}, {frames.shown(mix)}"
            raise ProtocolError("wrong_codec", f"{self.rate_hz} Hz, mono is expected, got {got}", token=token)
        return Started(
            ref=frames.text(frame, "callSid"),
            token=token,
            line=frames.optional_text(frame, "to"),
            caller=frames.optional_text(frame, "from"),
        )
