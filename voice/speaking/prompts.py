"""Spoken texts: their phrases from the cache or made now, by any of the synthesizers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from voice.speaking import loudness
from voice.speaking.phrases import Phrase, phrases
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer
from voice.speaking.renderings import Renderings
from voice.speaking.speech import Speech
from voice.speaking.synthesizer import Sound, SynthesisFailed, Synthesizer, Voice, failed

log = structlog.get_logger(__name__)

HOT_BYTES = 64 << 20
"""In memory: 70 minutes of prompts at 8 kHz, several times what a flowbook of some hundred prompts needs."""

_WARMING = "1."


@dataclass(frozen=True)
class Prerendered:
    """made: rendered now. cached: were there. failed: one line for each text that no engine could speak."""

    made: int
    cached: int
    failed: tuple[str, ...]


def default_voice(language: str) -> Voice:
    """The voice that needs no model and no extra. Raises SynthesisFailed for a language that it does not speak."""
    if language not in Pyttsx3Synthesizer.languages:
        spoken = ", ".join(sorted(Pyttsx3Synthesizer.languages))
        raise SynthesisFailed(f"no voice speaks {language!r} without being named; pyttsx3 speaks {spoken}")
    return Voice(Pyttsx3Synthesizer.engine, language)


class Speaker:
    """Speaks texts by any of its synthesizers. Belongs to one event loop.

    cache_dir: a folder of its own for the rendered sound. synthesizers: by engine name, the preferred one first.
    """

    def __init__(self, cache_dir: Path, synthesizers: Mapping[str, Synthesizer], hot_bytes: int = HOT_BYTES) -> None:
        self._synthesizers = dict(synthesizers)
        self._renderings = Renderings(cache_dir, self._synthesizers, hot_bytes)

    def add(self, synthesizers: Mapping[str, Synthesizer]) -> None:
        """More engines, while it speaks; those that are here already stay."""
        for engine, synthesizer in synthesizers.items():
            self._synthesizers.setdefault(engine, synthesizer)

    def default_voice(self, language: str) -> Voice:
        """The default voice of the first of its synthesizers that speaks `language`. Raises SynthesisFailed."""
        for engine, synthesizer in self._synthesizers.items():
            if language in synthesizer.languages:
                return Voice(engine, language)
        spoken = "; ".join(f"{name}: {', '.join(sorted(s.languages))}" for name, s in self._synthesizers.items())
        raise SynthesisFailed(f"no voice speaks {language!r}; there are {spoken or 'no synthesizers'}")

    def begin(self, text: str, voice: Voice, rate_hz: int) -> Speech:
        """The text's sound, with as many of its first phrases as are in memory at this rate. Raises SynthesisFailed
        when it cannot be spoken at all."""
        speech = Speech(text, self._phrases(text, voice), rate_hz)
        while (phrase := speech.missing) is not None:
            pcm = self._renderings.at_hand(phrase, voice, rate_hz)
            if pcm is None:
                break
            speech.add(pcm)
        return speech

    async def sound(self, phrase: Phrase, voice: Voice, rate_hz: int, keep: bool = True) -> bytes:
        """One phrase of a speech that was begun, without the pause before it. keep: for the next time; not for what a
        caller told in confidence. Raises SynthesisFailed."""
        return await self._renderings.sound(phrase, voice, rate_hz, keep)

    async def speak(self, text: str, voice: Voice) -> Sound:
        """The whole text at 16 kHz. Raises SynthesisFailed."""
        speech = self.begin(text, voice, loudness.RATE_HZ)
        while (phrase := speech.missing) is not None:
            speech.add(await self.sound(phrase, voice, loudness.RATE_HZ))
        return Sound(speech.frame(0, 1 << 30), loudness.RATE_HZ)

    async def prepare(self, text: str, voice: Voice, rate_hz: int, most_phrases: int) -> int:
        """Have its first phrases in memory; returns how many. Raises SynthesisFailed."""
        first = self._phrases(text, voice)[:most_phrases]
        for phrase in first:
            await self.sound(phrase, voice, rate_hz)
        return len(first)

    def cached(self, text: str, voice: Voice) -> bool:
        """Whether `speak` will need no rendering."""
        return all(self._renderings.has(phrase, voice) for phrase in self._phrases(text, voice))

    async def prerender(
        self, items: Sequence[tuple[str, Voice]], progress: Callable[[int, int], None] = lambda done, total: None
    ) -> Prerendered:
        """Make `speak` quick for all these texts; of one with `{slots}`, for the sentences that hold none.

        progress: called with how many are done, of how many. A text that cannot be spoken stops nothing; it is told in
        the result.
        """
        wanted = list(dict.fromkeys(items))
        made = cached = 0
        told: list[str] = []
        for done, (text, voice) in enumerate(wanted, start=1):
            try:
                fixed = [phrase for phrase in self._phrases(text, voice) if not phrase.is_open]
                is_new = [await self._renderings.ready(phrase, voice) for phrase in fixed]
            except SynthesisFailed as error:
                told.append(str(error))
            else:
                made += any(is_new)
                cached += not any(is_new)
            progress(done, len(wanted))
        return Prerendered(made, cached, tuple(told))

    async def warm_up(self, voices: Iterable[Voice]) -> None:
        """Start the voices' engines: loading a neural one takes seconds, which no caller should wait for.

        One that does not start is logged; its texts will fail with the same reason.
        """
        for voice in dict.fromkeys(voices):
            try:
                await self._synthesizers[voice.engine].synthesize(_WARMING, voice)
            except SynthesisFailed as error:
                log.error("voice_not_ready", voice=voice.key, error=str(error))

    async def close(self) -> None:
        """End what is being rendered, and the synthesizers. Idempotent."""
        await self._renderings.close()
        for synthesizer in self._synthesizers.values():
            await synthesizer.close()

    def _phrases(self, text: str, voice: Voice) -> tuple[Phrase, ...]:
        if voice.engine not in self._synthesizers:
            there_are = ", ".join(self._synthesizers) or "none"
            raise SynthesisFailed(
                f"voice {voice.key}: there is no synthesizer {voice.engine!r}; there are: {there_are}"
            )
        found = phrases(text, voice.language)
        if not found:
            raise failed(text, voice, "there is no letter or digit to speak")
        return found
