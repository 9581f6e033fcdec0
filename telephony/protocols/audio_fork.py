"""FreeSWITCH's mod_audio_fork, streaming both ways: PCM16 in binary frames, JSON in text frames for the rest.

This is also what jambonz speaks in its `listen` verb. The first text frame tells about the call and is read by a
subclass. Facts of the module's source (jambonz/freeswitch-modules) that shape what is sent here:

- Sound is played once 160 ms of it are there, later once 80 ms are: less stays in the module until more follows, even
  through a `killAudio`. So every message has 80 ms, the last one of a prompt silence at its end.
- A mark that was sent is put into the sound as a sample of -1 when the next sound arrives, and told when that is
  played; where no sound follows it is told when all was played. Sound of ours must have no such sample.
- `killAudio` drops the sound, and with it the samples of the marks in it; the marks are told as cleared, but the module
  goes on to wait for their samples, and until these came it tells no mark at the end of the sound any more. So they
  are sent with the next sound. `clearMarks` would add the marks whose samples were never sent to those it waits for.
- A mark beyond 30 pending ones is dropped without a word.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from telephony.media import (
    Clear,
    Command,
    HangUp,
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

CHUNK_MS = 80
MOST_MARKS = 30
MARK_SAMPLE = b"\xff\xff"


class AudioFork:
    """rate_hz: of the sound in both directions."""

    name = "audio_fork"
    pacing = Pacing()

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self._started = False
        self._chunks = Chunks(rate_hz * CHUNK_MS // 500)
        self._marks_in_sound: list[str] = []
        self._marks_at_the_end: list[str] = []
        self._samples_owed = 0

    def first_frame(self, frame: dict[str, Any]) -> Started:
        """What the first text frame says. Raises ProtocolError."""
        raise NotImplementedError

    def decode(self, message: str | bytes) -> Sequence[MediaEvent]:
        if isinstance(message, bytes):
            return self._sound(message)
        frame = frames.json_frame(message)
        if not self._started:
            started = self.first_frame(frame)
            self._started = True
            return (started,)
        if frame.get("event") == "dtmf":
            return frames.pressed(frame, "dtmf")
        if frame.get("type") == "mark":
            return (self._played(frames.text(frames.part(frame, "data"), "name")),)
        return ()  # whoever wrote the dialplan may send any text of theirs

    def _sound(self, message: bytes) -> Sequence[MediaEvent]:
        if not self._started:
            raise ProtocolError("wrong_order", "sound came before the text frame about the call", close=1008)
        if len(message) % 2:
            raise ProtocolError("wrong_codec", f"PCM16 is expected, got an odd number of bytes ({len(message)})")
        return (SoundIn(message),) if message else ()

    def _played(self, name: str) -> MarkPlayed:
        for marks in (self._marks_in_sound, self._marks_at_the_end):
            if name in marks:
                marks.remove(name)
        return MarkPlayed(name)

    def encode(self, command: Command) -> Sequence[str | bytes]:
        if isinstance(command, SoundOut):
            return tuple(self._chunk(chunk) for chunk in self._chunks.add(command.pcm))
        if isinstance(command, Mark):
            return (*self._rest(), *self._mark(command.name))
        if isinstance(command, Clear):
            self._chunks.rest()
            self._samples_owed += len(self._marks_in_sound)
            self._marks_in_sound.clear()
            self._marks_at_the_end.clear()
            return (json.dumps({"type": "killAudio"}),)
        if isinstance(command, HangUp):
            return (json.dumps({"type": "disconnect", "data": {"reason": command.reason}}),)
        return ()

    def _rest(self) -> Sequence[bytes]:
        rest = self._chunks.rest()
        return (self._chunk(rest.ljust(self._chunks.size_bytes, b"\0")),) if rest else ()

    def _chunk(self, pcm: bytes) -> bytes:
        owed, self._samples_owed = self._samples_owed, 0
        self._marks_in_sound += self._marks_at_the_end
        self._marks_at_the_end.clear()
        return MARK_SAMPLE * owed + _without_mark_samples(pcm)

    def _mark(self, name: str) -> Sequence[str]:
        if len(self._marks_in_sound) + len(self._marks_at_the_end) >= MOST_MARKS:
            return ()
        self._marks_at_the_end.append(name)
        return (json.dumps({"type": "mark", "data": {"name": name}}),)


def _without_mark_samples(pcm: bytes) -> bytes:
    samples = np.frombuffer(pcm, dtype="<i2").copy()
    samples[samples == -1] = 0
    return samples.tobytes()
