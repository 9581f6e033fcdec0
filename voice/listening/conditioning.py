"""What is done to a caller's sound before a recognizer hears it, besides its rate: noise out, level right.

Both cost nothing where there is nothing to do: a clean line of a caller who is neither very loud nor very soft passes
as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from voice.listening.levelling import Level, Levelling
from voice.listening.line_noise import LineNoise, NoiseFilter


@dataclass(frozen=True)
class Conditioning:
    """noise: whether a line's steady noise is taken out. level: where very loud and soft callers are brought, None:
    nobody is."""

    noise: bool = True
    level: Level | None = field(default_factory=Level)


class Conditioner:
    """One caller's. rule None: everything passes as it is."""

    def __init__(self, rate_hz: int, rule: Conditioning | None) -> None:
        self._rate_hz = rate_hz
        self._noise = LineNoise(rate_hz) if rule and rule.noise else None
        self._levelling = Levelling(rule.level) if rule and rule.level else None
        self._filter: NoiseFilter | None = None
        self._begun = False
        self.caller_db: float | None = None
        """How loud the caller is, when that is known."""

    @property
    def noise_db(self) -> float | None:
        """The line's noise, dB of full scale; None: none to speak of, or not known yet."""
        return self._noise.level_db if self._noise else None

    def nobody(self, chunk: bytes, level_db: float) -> None:
        """`vad.CHUNK_MS` of the line while nobody speaks."""
        if self._noise:
            self._noise.learn(chunk, level_db)

    def feed(self, pcm: bytes) -> bytes:
        """The next chunk of an utterance: what is ready of it, at most `line_noise.INSIDE_MS` late."""
        if pcm and not self._begun:
            self._begun = True
            noise = self._noise.power if self._noise else None
            self._filter = None if noise is None else NoiseFilter(self._rate_hz, noise)
        return self._levelled(self._filter.feed(pcm) if self._filter else pcm)

    def flush(self) -> bytes:
        """What is still inside; the next chunk begins another utterance."""
        rest = self._filter.flush() if self._filter else b""
        self._filter, self._begun = None, False
        return self._levelled(rest)

    def _levelled(self, pcm: bytes) -> bytes:
        return self._levelling.feed(pcm, self.caller_db) if self._levelling and pcm else pcm
