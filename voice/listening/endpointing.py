"""When a caller begins and ends a turn: decided from voice probabilities and the clock alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


@dataclass(frozen=True)
class Endpointing:
    """Thresholds of a turn. Probabilities are those of Silero VAD, one for each 32 ms.

    voice_on, voice_off: a chunk counts as voiced from `voice_on` up, and goes on being so down to `voice_off` (the
    values LiveKit uses). start_ms: voiced sound that begins a turn; less is a click. leading_ms: sound before that
    which still belongs to it. look_ms: silence after which a decode is tried ahead of the end. silence_ms: silence
    that ends the turn (15 chunks; LiveKit waits 500 ms); shorter ones cut off slow speakers. longest_ms: a turn ends
    here whatever happens.
    """

    voice_on: float = 0.5
    voice_off: float = 0.35
    start_ms: int = 96
    leading_ms: int = 320
    look_ms: int = 200
    silence_ms: int = 480
    longest_ms: int = 20_000

    def __post_init__(self) -> None:
        if not 0 < self.voice_off <= self.voice_on < 1:
            raise ValueError(f"need 0 < voice_off <= voice_on < 1, got {self.voice_off} and {self.voice_on}")
        if not 0 < self.look_ms < self.silence_ms < self.longest_ms:
            raise ValueError(
                f"need 0 < look_ms < silence_ms < longest_ms, got {self.look_ms}, {self.silence_ms}, {self.longest_ms}"
            )


class Turn(Enum):
    """What a chunk of sound, or the clock, has changed."""

    STARTED = auto()
    """A turn began, `start_ms` of voiced sound ago."""
    PAUSED = auto()
    """`look_ms` of silence: the turn may be over."""
    RESUMED = auto()
    """The voice is back after PAUSED, in the same turn."""
    ENDED = auto()
    """`silence_ms` of silence, or `longest_ms` of turn."""


class TurnTracker:
    """Follows one caller's voice. Times are the caller's clock in ms and never run backwards.

    Silence is the longer of two measures: unvoiced sound received since the last voice, and the clock since then, as
    phones that suppress silence send nothing at all.
    """

    def __init__(self, limits: Endpointing) -> None:
        self.limits = limits
        self.now_ms = 0
        """The latest time told."""
        self.speaking = False
        self.paused = False
        """In a turn, but silent for `look_ms`."""
        self.started_ms = 0
        """First voiced sample of this turn (or the last one)."""
        self.last_voiced_ms = 0
        """Last voiced sample so far."""
        self.voiced_ms = 0
        """Voiced sound in this turn."""
        self._voiced = False
        self._run_ms = 0
        self._run_since_ms = 0
        self._unvoiced_ms = 0

    def sound(self, probability: float, length_ms: int, at_ms: int) -> Turn | None:
        """A chunk of `length_ms` with this voice probability, whose last sample arrived at `at_ms`."""
        self.now_ms = max(self.now_ms, at_ms)
        self._voiced = probability >= (self.limits.voice_off if self._voiced else self.limits.voice_on)
        if not self._voiced:
            self._run_ms = 0
            self._unvoiced_ms += length_ms
            return self.clock(at_ms)
        if not self._run_ms:
            self._run_since_ms = max(0, at_ms - length_ms)
        self._run_ms += length_ms
        self._unvoiced_ms = 0
        if not self.speaking:
            return self._perhaps_start(at_ms)
        self.last_voiced_ms = at_ms
        self.voiced_ms += length_ms
        if at_ms - self.started_ms >= self.limits.longest_ms:
            return self._end()
        if self.paused:
            self.paused = False
            return Turn.RESUMED
        return None

    def clock(self, at_ms: int) -> Turn | None:
        """Time has passed, with or without sound."""
        self.now_ms = max(self.now_ms, at_ms)
        if not self.speaking:
            return None
        silence_ms = max(self._unvoiced_ms, at_ms - self.last_voiced_ms)
        if silence_ms >= self.limits.silence_ms or at_ms - self.started_ms >= self.limits.longest_ms:
            return self._end()
        if silence_ms >= self.limits.look_ms and not self.paused:
            self.paused = True
            return Turn.PAUSED
        return None

    def stop(self) -> Turn | None:
        """The call is over, or takes another way: ends the turn, if there is one."""
        return self._end() if self.speaking else None

    def _perhaps_start(self, at_ms: int) -> Turn | None:
        if self._run_ms < self.limits.start_ms:
            return None
        self.speaking, self.paused = True, False
        self.started_ms, self.last_voiced_ms, self.voiced_ms = self._run_since_ms, at_ms, self._run_ms
        return Turn.STARTED

    def _end(self) -> Turn:
        self.speaking = self.paused = False
        self._run_ms = 0
        return Turn.ENDED
