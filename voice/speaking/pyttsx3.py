"""pyttsx3 (espeak-ng) as a synthesizer: small, quick, always there; it sounds like a machine.

Measured with pyttsx3 2.99: two threads in one process crash it, so it lives in a child process; its `runAndWait` may
return before the sound is there, so the child waits differently; texts of thousands of characters were lost, so it
gets single sentences.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping

from voice.models import ModelStore
from voice.speaking.sentence_worker import spoken
from voice.speaking.synthesizer import Sound, Voice, failed
from voice.speaking.workers import Worker

RATE_WPM: Mapping[str, int] = {"it": 155, "en": 160, "ko": 150}
"""Words a minute for a phone; pyttsx3's own 200 is hurried, most of all in Italian."""
_VOICE = {"it": "roa/it", "en": "gmw/en", "ko": "ko"}


class Pyttsx3Synthesizer:
    """Speaks Italian, English and Korean by pyttsx3 in a child process, started when first needed.

    A voice's name is espeak-ng's ('roa/it', 'gmw/en-us', with a variant: 'roa/it+f2'); '' is the language's own.
    reply_s: a sentence takes some 10 ms; a child silent for this long is taken for hung and replaced.
    """

    engine = "pyttsx3"
    languages = frozenset(_VOICE)

    def __init__(self, rate_wpm: Mapping[str, int] = RATE_WPM, reply_s: float = 10.0) -> None:
        self._rate_wpm = {**RATE_WPM, **rate_wpm}
        installed = [f"{name} {importlib.metadata.version(name)}" for name in ("pyttsx3", "espeakng-loader")]
        rates = " ".join(f"{language}{rate}" for language, rate in sorted(self._rate_wpm.items()))
        self.version = "; ".join([*installed, rates])
        self._worker = Worker("voice.speaking.pyttsx3_child", start_s=30.0, reply_s=reply_s)

    @property
    def pid(self) -> int | None:
        """Process id of the child, None before the first text."""
        return self._worker.pid

    async def synthesize(self, sentence: str, voice: Voice, pace: float = 1.0) -> Sound:
        """The spoken sentence at espeak-ng's rate. Raises SynthesisFailed."""
        if voice.language not in _VOICE:
            raise failed(sentence, voice, f"it speaks {', '.join(sorted(_VOICE))} here")
        name = voice.name or _VOICE[voice.language]
        rate_wpm = round(self._rate_wpm[voice.language] * pace)
        return await spoken(self._worker, sentence, voice, pace, {"voice": name, "rate_wpm": rate_wpm})

    async def close(self) -> None:
        await self._worker.close()


def from_models(models: ModelStore) -> Pyttsx3Synthesizer:
    """It needs no model."""
    return Pyttsx3Synthesizer()
