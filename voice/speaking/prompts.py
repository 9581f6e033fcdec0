"""Spoken texts: rendered once, kept in memory and on disk, so that the next caller need not wait."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from voice.speaking import ssml
from voice.speaking.prompt_cache import PromptCache
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer
from voice.speaking.synthesizer import Sound, SynthesisFailed, Synthesizer, Voice

log = structlog.get_logger(__name__)

RENDERING = 2
"""Part of every cache key: raise it when the same written-out text would sound different. (2: pauses and prosody.)"""
HOT_BYTES = 64 << 20
"""In memory: 35 minutes of prompts at 16 kHz, several times what a flowbook of some hundred prompts needs."""


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
        self._cache = PromptCache(cache_dir)
        self._synthesizers = dict(synthesizers)
        self._hot: OrderedDict[str, Sound] = OrderedDict()
        self._hot_size = 0
        self._hot_bytes = hot_bytes
        self._under_way: dict[str, asyncio.Task[tuple[Sound, bool]]] = {}
        self._disk_complaint = ""

    def default_voice(self, language: str) -> Voice:
        """The default voice of the first of its synthesizers that speaks `language`. Raises SynthesisFailed."""
        for engine, synthesizer in self._synthesizers.items():
            if language in synthesizer.languages:
                return Voice(engine, language)
        spoken = "; ".join(f"{name}: {', '.join(sorted(s.languages))}" for name, s in self._synthesizers.items())
        raise SynthesisFailed(f"no voice speaks {language!r}; there are {spoken or 'no synthesizers'}")

    async def speak(self, text: str, voice: Voice) -> Sound:
        """The spoken text: from memory, from disk, or rendered now and kept. Raises SynthesisFailed.

        Requests for the same text and voice at the same time render once.
        """
        return (await self._spoken(text, voice))[0]

    def cached(self, text: str, voice: Voice) -> bool:
        """Whether `speak` will need no rendering."""
        key = self._key(text, voice)
        return key in self._hot or self._cache.has(key)

    async def prerender(
        self, items: Sequence[tuple[str, Voice]], progress: Callable[[int, int], None] = lambda done, total: None
    ) -> Prerendered:
        """Make `speak` quick for all these texts. progress: called with how many are done, of how many.

        A text that cannot be spoken stops nothing; it is told in the result.
        """
        wanted = list(dict.fromkeys(items))
        made = cached = 0
        failed: list[str] = []
        for done, (text, voice) in enumerate(wanted, start=1):
            try:
                _, is_new = await self._spoken(text, voice)
            except SynthesisFailed as error:
                failed.append(str(error))
            else:
                made += is_new
                cached += not is_new
            progress(done, len(wanted))
        return Prerendered(made, cached, tuple(failed))

    async def close(self) -> None:
        """End what is being rendered, and the synthesizers. Idempotent."""
        under_way = list(self._under_way.values())
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        for synthesizer in self._synthesizers.values():
            await synthesizer.close()

    def _key(self, text: str, voice: Voice) -> str:
        if voice.engine not in self._synthesizers:
            there_are = ", ".join(self._synthesizers) or "none"
            raise SynthesisFailed(
                f"voice {voice.key}: there is no synthesizer {voice.engine!r}; there are: {there_are}"
            )
        told = json.dumps([RENDERING, self._synthesizers[voice.engine].version, voice.key, _script(text, voice)])
        return hashlib.sha256(told.encode()).hexdigest()

    async def _spoken(self, text: str, voice: Voice) -> tuple[Sound, bool]:
        """The sound, and whether it had to be rendered."""
        key = self._key(text, voice)
        if key in self._hot:
            self._hot.move_to_end(key)
            return self._hot[key], False
        if key not in self._under_way:
            task = asyncio.create_task(self._load_or_render(key, text, voice))
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._finished(key, done))
        # Shielded: one caller who hangs up must not take the sound from the others who wait for it.
        return await asyncio.shield(self._under_way[key])

    def _finished(self, key: str, task: asyncio.Task[tuple[Sound, bool]]) -> None:
        self._under_way.pop(key, None)
        if task.cancelled() or task.exception() is not None:
            return  # whoever waited was told; asking for the exception keeps asyncio from telling it again
        sound, _ = task.result()
        self._hot[key] = sound
        self._hot_size += len(sound.pcm)
        while self._hot_size > self._hot_bytes:
            _, dropped = self._hot.popitem(last=False)
            self._hot_size -= len(dropped.pcm)

    async def _load_or_render(self, key: str, text: str, voice: Voice) -> tuple[Sound, bool]:
        stored = await asyncio.to_thread(self._cache.get, key)
        if stored is not None:
            return stored, False
        sound = await self._synthesizers[voice.engine].synthesize(_script(text, voice), voice)
        try:
            await asyncio.to_thread(self._cache.put, key, sound)
            self._disk_complaint = ""
        except OSError as error:
            complaint = error.strerror or str(error)
            # Once for each reason: a full disk must not fill the log too.
            if complaint != self._disk_complaint:
                self._disk_complaint = complaint
                log.error(
                    "prompts_not_stored",
                    folder=str(self._cache.folder),
                    error=complaint,
                    what="free space or set another folder; until then prompts are kept in memory only",
                )
        return sound, True


def _script(text: str, voice: Voice) -> str:
    """What the engine is given: values in words. Wrong tags (texts are checked when they are loaded) are left out."""
    try:
        return ssml.written_out(text, voice.language)
    except ssml.MarkupError as error:
        log.warning("markup_left_out", text=text[:60], error=str(error))
        return ssml.written_out(ssml.plain(text).replace("<", " ").replace("&", " "), voice.language)
