"""What the lines' voices make of a text, for the console."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from centralino.company import voice_name
from console.api.hearing_texts import CannotBeSpoken
from dialogs.flowbook import Flowbook
from voice.models import ModelStore
from voice.speaking import loudness
from voice.speaking.engines import load_synthesizers
from voice.speaking.prompts import Speaker
from voice.speaking.speech import Speech
from voice.speaking.synthesizer import SynthesisFailed, Voice


class Speaking(Protocol):
    """A line, as far as it matters here."""

    @property
    def language(self) -> str: ...

    @property
    def voice(self) -> Voice: ...

    @property
    def book(self) -> Flowbook: ...


class ServedVoices:
    """`console.api.hearing_texts.LineVoices`. lines: asked at each text. folder: of the company, where voices that are
    files lie; store: where models are."""

    def __init__(
        self, speaker: Speaker, lines: Callable[[], Iterable[Speaking]], folder: Path, store: ModelStore
    ) -> None:
        self._speaker, self._lines, self._folder, self._store = speaker, lines, folder, store

    def _voice(self, language: str, engine: str, name: str, flowbook: str) -> Voice:
        if engine:
            try:
                self._speaker.add(load_synthesizers([engine], self._store))
            except LookupError as error:
                raise CannotBeSpoken(str(error)) from None
            return Voice(engine, language, voice_name(self._folder, name))
        lines = [line for line in self._lines() if line.language == language]
        line = next((one for one in lines if flowbook and one.book.id == flowbook), next(iter(lines), None))
        return line.voice if line else self._speaker.default_voice(language)

    async def spoken(self, text: str, language: str, engine: str = "", name: str = "", flowbook: str = "") -> bytes:
        try:
            voice = self._voice(language, engine, name, flowbook)
            speech: Speech = self._speaker.begin(text, voice, loudness.RATE_HZ)
            while (phrase := speech.missing) is not None:  # not kept: most of what is tried out is changed again
                speech.add(await self._speaker.sound(phrase, voice, loudness.RATE_HZ, keep=False))
        except SynthesisFailed as error:
            raise CannotBeSpoken(str(error)) from error
        return _wav(speech.frame(0, 1 << 30), loudness.RATE_HZ)


def _wav(pcm: bytes, rate_hz: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate_hz)
        written.writeframes(pcm)
    return file.getvalue()
