"""What a `Listener` tells about a caller's speech. All times are ms since the call was answered."""

from __future__ import annotations

from dataclasses import dataclass

from voice.listening.recognizer import Word


@dataclass(frozen=True)
class SpeechStarted:
    """Somebody speaks. at_ms: when the voice began (a little before it was sure)."""

    at_ms: int


@dataclass(frozen=True)
class SpeechStopped:
    """The turn is over. at_ms: its last voiced sample. A final `Heard` follows."""

    at_ms: int


@dataclass(frozen=True)
class Heard:
    """Words of a turn: so far (`is_final` False, streaming engines only), or all of them.

    text: '' in a final one when nothing was understood. started_ms, ended_ms: first and last voiced sample.
    heard: the recognizer's own text where hints corrected it, else ''. words: theirs, in ms from the start of the
    utterance. decode_ms: how long the last decode took.
    """

    text: str
    is_final: bool
    started_ms: int
    ended_ms: int
    confidence: float | None = None
    words: tuple[Word, ...] = ()
    engine: str = ""
    decode_ms: int = 0
    heard: str = ""


@dataclass(frozen=True)
class RecognizerRestarted:
    """The recognizer died; a fresh one is in its place. lost_speech: the caller spoke and has to be asked once more."""

    at_ms: int
    lost_speech: bool
    reason: str


@dataclass(frozen=True)
class MusicStarted:
    """Music plays on the caller's side, for some seconds already: what sounds in it is nobody's turn."""

    at_ms: int


@dataclass(frozen=True)
class MusicStopped:
    """It has stopped: somebody may be back at the phone."""

    at_ms: int


ListenerEvent = SpeechStarted | SpeechStopped | Heard | RecognizerRestarted | MusicStarted | MusicStopped
