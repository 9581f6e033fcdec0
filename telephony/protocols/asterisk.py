"""Asterisk's chan_websocket: sound in binary messages as the channel's codec has it, everything else in text.

Wire format: Asterisk's documentation "WebSocket channel driver", its source, and a real Asterisk 22.10. Events and
commands are JSON or plain text, as the dial string says (`f(json)`); the first event tells which, and the answers are
in the same. What the documentation does not say:

- text messages over 128 bytes are ignored, so marks go by a short number;
- without buffering, bytes that do not fill a frame are dropped;
- a flush drops marks without a word, so that a report of the empty queue is asked for first and stands for them;
- excess sound is dropped, so that it stops at MEDIA_XOFF;
- the caller's number is not told: channel variables of ours bring it (docs/asterisk.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from telephony.media import (
    Clear,
    Command,
    Complained,
    Flow,
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
from telephony.protocols.codecs import ALAW, MULAW, Codec, linear

CODECS: Mapping[str, Codec] = {"slin16": linear(16000), "slin": linear(8000), "ulaw": MULAW, "alaw": ALAW}
LARGEST_SOUND = 65_500
"""Bytes of a binary message: Asterisk reads 65,535 at most."""
VARIABLES = "CENTRALINO_"
"""The channel variables that are ours begin so: …LINE, …CALLER (the numbers called and calling), …TOKEN (of a call that
was announced), …REF (the caller's channel; that of the sound has an id of its own).

Underscores before a name say how far Asterisk hands it on.
"""
MOST_VARIABLES = 32
MOST_MARKS = 64
"""That are awaited at once."""


class ChanWebsocket:
    name = "asterisk"
    pacing = Pacing()

    def __init__(self) -> None:
        self.rate_hz = 8000
        self._codec: Codec | None = None
        self._json = True
        self._buffering = False
        self._marks: dict[str, str] = {}
        """Marks that Asterisk has in its queue, by their numbers."""
        self._flushed: list[str] = []
        self._count = 0

    def decode(self, message: str | bytes) -> Sequence[MediaEvent]:
        if isinstance(message, bytes):
            return self._sound(message)
        frame = frames.json_frame(message) if message.startswith("{") else _plain(message)
        event = frames.text(frame, "event", 64)
        if event == "MEDIA_START":
            self._json = message.startswith("{")
            return (self._started(frame),)
        if self._codec is None:
            raise ProtocolError("wrong_order", f"{frames.shown(event)} came before 'MEDIA_START'", close=1008)
        match event:
            case "DTMF_END":
                return frames.pressed(frame)
            case "MEDIA_MARK_PROCESSED":
                return self._played(frames.text(frame, "correlation_id"))
            case "QUEUE_DRAINED":
                flushed, self._flushed = self._flushed, []
                return [MarkPlayed(name) for name in flushed]
            case "MEDIA_XOFF" | "MEDIA_XON":
                return (Flow(takes_sound=event == "MEDIA_XON"),)
            case "MEDIA_BUFFERING_COMPLETED" | "STATUS":
                return ()
            case "ERROR":
                return (Complained("far_end_error", frames.optional_text(frame, "error_text", 4096)[:200]),)
        return (Complained("unknown_event", frames.shown(event)),)

    def _started(self, frame: dict[str, Any]) -> Started:
        if self._codec:
            raise ProtocolError("second_start", "'MEDIA_START' came twice on one connection", close=1008)
        given = frames.part(frame, "channel_variables") if frame.get("channel_variables") is not None else {}
        ours = {name.lstrip("_"): name for name in given if name.isascii() and name.lstrip("_").startswith(VARIABLES)}
        variables = {name: frames.text(given, key, 512) for name, key in list(ours.items())[:MOST_VARIABLES]}
        token = variables.get("CENTRALINO_TOKEN", "")
        codec = CODECS.get(frames.text(frame, "format", 64))
        if codec is None:
            wrong = f"{frames.shown(frame['format'])}; ask for c(slin16), c(slin), c(ulaw) or c(alaw)"
            raise ProtocolError("wrong_codec", f"the channel's format is {wrong}", token=token)
        started = Started(
            ref=variables.get("CENTRALINO_REF") or frames.text(frame, "channel_id", 160),
            token=token,
            line=variables.get("CENTRALINO_LINE", ""),
            caller=variables.get("CENTRALINO_CALLER", ""),
            parameters=variables,
        )
        self._codec, self.rate_hz = codec, codec.rate_hz
        return started

    def _sound(self, message: bytes) -> Sequence[MediaEvent]:
        if self._codec is None:
            raise ProtocolError("wrong_order", "sound came before 'MEDIA_START'", close=1008)
        try:
            return (SoundIn(self._codec.to_pcm(message)),)
        except ValueError as error:
            raise ProtocolError("wrong_codec", f"{self._codec.name} is expected: {error}") from None

    def _played(self, number: str) -> Sequence[MediaEvent]:
        """The mark, and those before it of which a flush has left no trace."""
        if number not in self._marks:
            return ()
        earlier = list(self._marks)[: list(self._marks).index(number) + 1]
        flushed, self._flushed = self._flushed, []
        return [MarkPlayed(name) for name in (*flushed, *(self._marks.pop(one) for one in earlier))]

    def encode(self, command: Command) -> Sequence[str | bytes]:
        match command:
            case SoundOut() if self._codec:
                sound = self._codec.from_pcm(command.pcm)
                parts = [sound[at : at + LARGEST_SOUND] for at in range(0, len(sound), LARGEST_SOUND)]
                begin = [] if self._buffering else [self._command("START_MEDIA_BUFFERING")]
                self._buffering = True
                return [*begin, *parts]
            case Mark():
                end = [self._command("STOP_MEDIA_BUFFERING")] if self._buffering else []
                self._buffering = False
                return [*end, self._command("MARK_MEDIA", self._number_of(command.name))]
            case Clear():
                self._buffering = False
                self._flushed = [*self._flushed, *self._marks.values()][-MOST_MARKS:]
                self._marks.clear()
                return [self._command("REPORT_QUEUE_DRAINED"), self._command("FLUSH_MEDIA")]
            case HangUp():
                return [self._command("HANGUP")]
        return ()

    def _number_of(self, name: str) -> str:
        self._count += 1
        self._marks[str(self._count)] = name
        while len(self._marks) > MOST_MARKS:
            self._marks.pop(next(iter(self._marks)))
        return str(self._count)

    def _command(self, word: str, number: str = "") -> str:
        if not self._json:
            return f"{word} {number}".rstrip()
        return json.dumps({"command": word, "correlation_id": number} if number else {"command": word})


def _plain(message: str) -> dict[str, Any]:
    """An event in plain text: a word, then `name:value` pairs, or a mark's number alone."""
    event, _, rest = message.partition(" ")
    if event in ("MEDIA_MARK_PROCESSED", "MEDIA_BUFFERING_COMPLETED"):
        return {"event": event, "correlation_id": rest}
    words, _, error_text = rest.partition("error_text:")
    pairs = (word.partition(":") for word in words.split())
    return {**{name: value for name, colon, value in pairs if colon}, "error_text": error_text, "event": event}
