"""A line's sound as a recognizer wants it: what the line added is taken out, what it cut off put back, at its rate."""

from __future__ import annotations

from voice.audio import Resampler
from voice.listening.conditioning import Conditioner
from voice.listening.narrowband import WIDE_HZ, widener
from voice.listening.recognizer import Recognizer


class LineSound:
    """One caller's, PCM16 mono at `rate_hz`, chunks of any length in."""

    def __init__(self, rate_hz: int, recognizer: Recognizer, conditioner: Conditioner) -> None:
        self._conditioner = conditioner
        self._widening = widener(rate_hz, recognizer)
        self._resampler = Resampler(WIDE_HZ, recognizer.rate_hz)

    def feed(self, pcm: bytes) -> bytes:
        """What of it is ready."""
        return self._resampler.feed(self._widening.feed(self._conditioner.feed(pcm)))

    def flush(self) -> bytes:
        """What is still inside of the utterance."""
        wide = self._widening.feed(self._conditioner.flush()) + self._widening.flush()
        return self._resampler.feed(wide) + self._resampler.flush()
