"""pyttsx3 (espeak-ng) as a synthesizer: small, quick, always there; it sounds like a machine.

Measured with pyttsx3 2.99: two threads in one process crash it, so it lives in a child process; its `runAndWait` may
return before the sound is there, so the child waits differently; texts of thousands of characters were lost, so it
gets single sentences; and each sound is checked for its length before it is believed.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping

import numpy as np

from voice.speaking import loudness
from voice.speaking.sentences import sentences
from voice.speaking.synthesizer import Sound, SynthesisFailed, Voice
from voice.speaking.workers import Worker, WorkerLost, WorkerRefused

RATE_WPM: Mapping[str, int] = {"it": 155, "en": 160, "ko": 150}
"""Words a minute for a phone; pyttsx3's own 200 is hurried, most of all in Italian."""
_VOICE = {"it": "roa/it", "en": "gmw/en", "ko": "ko"}
_TRIES = 3
_PAUSE_MS = 250
_SHORTEST_MS_PER_LETTER = 20
"""At the rates above a letter takes 50 to 150 ms; less than this means that sound was lost."""


class Pyttsx3Synthesizer:
    """Speaks Italian, English and Korean by pyttsx3 in a child process, started when first needed.

    A voice's name is espeak-ng's ('roa/it', 'gmw/en-us', with a variant: 'roa/it+f2'); '' is the language's own.
    reply_s: a sentence takes some 10 ms; a child silent for this long is taken for hung and replaced.
    """

    engine = "pyttsx3"
    languages = frozenset(_VOICE)

    def __init__(self, rate_wpm: Mapping[str, int] = RATE_WPM, reply_s: float = 10.0) -> None:
        self._rate_wpm = dict(rate_wpm)
        installed = [f"{name} {importlib.metadata.version(name)}" for name in ("pyttsx3", "espeakng-loader")]
        rates = " ".join(f"{language}{rate}" for language, rate in sorted(self._rate_wpm.items()))
        self.version = "; ".join([*installed, rates])
        self._worker = Worker("voice.speaking.pyttsx3_child", start_s=30.0, reply_s=reply_s)

    @property
    def pid(self) -> int | None:
        """Process id of the child, None before the first text."""
        return self._worker.pid

    async def synthesize(self, text: str, voice: Voice) -> Sound:
        """The spoken text at 16 kHz, -16 dBFS. Raises SynthesisFailed."""
        if voice.language not in _VOICE:
            raise self._failed(text, voice, f"it speaks {', '.join(sorted(_VOICE))} here")
        pieces = sentences(text)
        if not pieces:
            raise self._failed(text, voice, "there is no letter or digit to speak")
        spoken = [await self._sentence(piece, voice) for piece in pieces]
        pause = np.zeros(loudness.RATE_HZ * _PAUSE_MS // 1000, dtype=np.float32)
        parts = [part for piece in spoken for part in (pause, piece)][1:]
        joined = loudness.levelled(np.concatenate(parts), loudness.RATE_HZ)
        return Sound(loudness.to_pcm(joined), loudness.RATE_HZ)

    async def close(self) -> None:
        await self._worker.close()

    async def _sentence(self, sentence: str, voice: Voice) -> loudness.Samples:
        request = {
            "text": sentence,
            "voice": voice.name or _VOICE[voice.language],
            "rate_wpm": self._rate_wpm.get(voice.language, 160),
        }
        letters = sum(c.isalnum() for c in sentence)
        why = ""
        for _ in range(_TRIES):
            try:
                head, pcm = await self._worker.ask(request)
            except WorkerRefused as error:
                raise self._failed(sentence, voice, str(error)) from error
            except WorkerLost as error:
                why = str(error)
                continue
            raw = loudness.from_pcm(pcm)
            sound = loudness.trimmed(raw, head["rate_hz"], lead_ms=20, tail_ms=60)
            if len(sound) * 1000 >= letters * _SHORTEST_MS_PER_LETTER * head["rate_hz"]:
                return loudness.resampled(sound, head["rate_hz"])
            why = f"only {len(sound) * 1000 // head['rate_hz']} ms of sound for {letters} letters"
        raise self._failed(sentence, voice, f"{why}, {_TRIES} times")

    @staticmethod
    def _failed(text: str, voice: Voice, why: str) -> SynthesisFailed:
        return SynthesisFailed(f"pyttsx3 could not speak {text[:60]!r} as {voice.key}: {why}")
