"""FreeSWITCH with mod_audio_fork, started by the dialplan or a script with bidirectional streaming.

The first text frame is the metadata that was given to `uuid_audio_fork ... start`: an object with `line`, and where it
is known `caller` and `call` (the channel's uuid), or the `token` of a call that we rang. Keys come as
`{"event":"dtmf","dtmf":"5"}` by `send_text`: the module itself sends none. Both rates of the command must be the one
that the door is set to, its mix type `mono`.
"""

from __future__ import annotations

from typing import Any

from telephony.media import ProtocolError, Started
from telephony.protocols import frames
from telephony.protocols.audio_fork import AudioFork

SUBPROTOCOL = "audio.drachtio.org"
"""The module's own; MOD_AUDIO_FORK_SUBPROTOCOL_NAME in its environment sets another."""


class FreeswitchAudioFork(AudioFork):
    name = "freeswitch"

    def first_frame(self, frame: dict[str, Any]) -> Started:
        rate_hz = frame.get("sampleRate", self.rate_hz)
        if rate_hz != self.rate_hz:
            raise ProtocolError("wrong_codec", f"{self.rate_hz} Hz is expected, got {frames.shown(rate_hz)}")
        return Started(
            ref=frames.optional_text(frame, "call"),
            token=frames.optional_text(frame, "token"),
            line=frames.text(frame, "line"),
            caller=frames.optional_text(frame, "caller"),
        )
