"""When a caller begins and ends a turn: decided from voice probabilities and the clock alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from voice.listening.expecting import Completeness
from voice.listening.pauses import OwnPauses


@dataclass(frozen=True)
class Endpointing:
    """Thresholds of a turn: all that can be set about it. Probabilities are those of Silero VAD, one for each 32 ms.

    voice_on, voice_off: a chunk counts as voiced from `voice_on` up, and goes on being so down to `voice_off` (the
    values LiveKit uses). start_ms: voiced sound that begins a turn, as less is a click; sure_start_ms when its last
    chunk reaches `sure`, as no cough or click did. leading_ms: sound before that which still belongs to it. look_ms:
    silence after which the words so far are looked at. longest_ms: a turn ends here whatever happens.

    The silence that ends a turn, by what those words are worth: settled_ms when they answer what was asked and nothing
    could be added; answerable_ms when an answer was found but more may follow; silence_ms when nobody knows, up to
    slow_ms for a caller whose own pauses are long; unfinished_ms when more will plainly follow. Where prosody is
    listened to, a question is waited for slow_ms while the voice is less likely than `voice_ended` to have come to an
    end. A look that takes longer is waited for, but not more than late_look_ms beyond `silence_ms`.
    Where the defaults come from: docs/turn-taking.md; `centralino bench turns` shows what others do.
    """

    voice_on: float = 0.5
    voice_off: float = 0.35
    sure: float = 0.7
    start_ms: int = 96
    sure_start_ms: int = 64
    leading_ms: int = 320
    look_ms: int = 150
    settled_ms: int = 250
    answerable_ms: int = 400
    silence_ms: int = 640
    slow_ms: int = 1_100
    unfinished_ms: int = 2_500
    voice_ended: float = 0.5
    late_look_ms: int = 1_000
    longest_ms: int = 20_000

    def __post_init__(self) -> None:
        if not 0 < self.voice_off <= self.voice_on < 1:
            raise ValueError(f"need 0 < voice_off <= voice_on < 1, got {self.voice_off} and {self.voice_on}")
        order = ("look_ms", "settled_ms", "answerable_ms", "silence_ms", "slow_ms", "unfinished_ms", "longest_ms")
        values = [getattr(self, name) for name in order]
        if values[0] <= 0 or values != sorted(values):
            raise ValueError(f"need 0 < {' <= '.join(order)}, got {', '.join(map(str, values))}")

    def silence_after(self, words: Completeness, own: OwnPauses, ended: float | None = None) -> int:
        """The silence in ms that ends a turn with such words. ended: the probability that the voice has come to an end,
        None when nobody listened for that."""
        # A 'yes', digits and commands are what they are, however they are said; of single words prosody tells little.
        heeded = words in (Completeness.SURE, Completeness.ANSWERABLE, Completeness.OPEN)
        if heeded and ended is not None and ended < self.voice_ended:
            return self.slow_ms
        match words:
            case Completeness.WHOLE | Completeness.SURE:
                return self.settled_ms
            case Completeness.ANSWERABLE:
                return self.answerable_ms
            case Completeness.OPEN:
                return own.patience_ms(self.silence_ms, self.slow_ms)
            case Completeness.UNFINISHED:
                return self.unfinished_ms


class Turn(Enum):
    """What a chunk of sound, or the clock, has changed."""

    STARTED = auto()
    """A turn began, `start_ms` of voiced sound ago."""
    PAUSED = auto()
    """`look_ms` of silence: the turn may be over."""
    RESUMED = auto()
    """The voice is back after PAUSED, in the same turn."""
    ENDED = auto()
    """Silence enough for the words so far, or `longest_ms` of turn."""


class TurnTracker:
    """Follows one caller's voice. Times are the caller's clock in ms and never run backwards.

    Silence is the longer of two measures: unvoiced sound received since the last voice, and the clock since then, as
    phones that suppress silence send nothing at all. judged: after each PAUSED, `judge` will be called.
    """

    def __init__(self, limits: Endpointing, judged: bool = False) -> None:
        self.limits = limits
        self.own_pauses = OwnPauses()
        self.pauses = 0
        """How many times a turn PAUSED: the number of the current pause."""
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
        self._judged = judged
        self._words: Completeness | None = None
        self._ended: float | None = None

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
        unvoiced_ms, self._unvoiced_ms = self._unvoiced_ms, 0
        if not self.speaking:
            return self._perhaps_start(probability, at_ms)
        pause_ms = max(unvoiced_ms, at_ms - length_ms - self.last_voiced_ms)
        self.last_voiced_ms = at_ms
        self.voiced_ms += length_ms
        if at_ms - self.started_ms >= self.limits.longest_ms:
            return self._end()
        return None if not self.paused else self._resume(pause_ms)

    def clock(self, at_ms: int) -> Turn | None:
        """Time has passed, with or without sound."""
        self.now_ms = max(self.now_ms, at_ms)
        if not self.speaking:
            return None
        silence_ms = max(self._unvoiced_ms, at_ms - self.last_voiced_ms)
        if silence_ms >= self.limits.look_ms and not self.paused:
            self.paused, self._words, self._ended = True, None, None
            self.pauses += 1
            return Turn.PAUSED
        if silence_ms >= self._silence_enough_ms() or at_ms - self.started_ms >= self.limits.longest_ms:
            return self._end()
        return None

    def judge(self, pause: int, words: Completeness, ended: float | None = None) -> Turn | None:
        """What the words are worth that were said before pause number `pause`, and the probability that the voice has
        come to an end; late verdicts change nothing."""
        if not self.paused or pause != self.pauses:
            return None
        self._words, self._ended = words, ended
        return self.clock(self.now_ms)

    def stop(self) -> Turn | None:
        """The call is over, or takes another way: ends the turn, if there is one."""
        return self._end() if self.speaking else None

    def _silence_enough_ms(self) -> int:
        if self._words is not None:
            return self.limits.silence_after(self._words, self.own_pauses, self._ended)
        usual_ms = self.limits.silence_after(Completeness.OPEN, self.own_pauses)
        return usual_ms + self.limits.late_look_ms if self._judged else usual_ms

    def _resume(self, pause_ms: int) -> Turn:
        self.paused = False
        self.own_pauses.learn(pause_ms)
        return Turn.RESUMED

    def _perhaps_start(self, probability: float, at_ms: int) -> Turn | None:
        sure = probability >= self.limits.sure
        if self._run_ms < (self.limits.sure_start_ms if sure else self.limits.start_ms):
            return None
        self.speaking, self.paused = True, False
        self.started_ms, self.last_voiced_ms, self.voiced_ms = self._run_since_ms, at_ms, self._run_ms
        return Turn.STARTED

    def _end(self) -> Turn:
        self.speaking = self.paused = False
        self._run_ms = 0
        return Turn.ENDED
