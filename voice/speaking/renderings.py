"""Phrases as sound: each rendered once, kept in memory and on disk, so that the next caller need not wait."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import structlog

from voice.audio import resample
from voice.speaking import loudness
from voice.speaking.hot_sounds import HotSounds
from voice.speaking.phrases import Phrase
from voice.speaking.prompt_cache import PromptCache
from voice.speaking.synthesizer import Sound, Synthesizer, Voice

log = structlog.get_logger(__name__)

RENDERING = 3
"""Part of every cache key: raise it when the same phrase would sound different. (3: phrases, each at its level.)"""


class Renderings:
    """Belongs to one event loop. synthesizers: by engine name. hot_bytes: of sound in memory."""

    def __init__(self, cache_dir: Path, synthesizers: Mapping[str, Synthesizer], hot_bytes: int) -> None:
        self._cache = PromptCache(cache_dir)
        self._synthesizers = synthesizers
        self._hot = HotSounds(hot_bytes)
        self._under_way: dict[str, asyncio.Task[tuple[Sound, bool]]] = {}
        self._disk_complaint = ""

    def at_hand(self, phrase: Phrase, voice: Voice, rate_hz: int) -> bytes | None:
        """Its sound, if it is in memory at this rate."""
        return self._hot.get(self._key(phrase, voice), rate_hz) if phrase.text else b""

    def has(self, phrase: Phrase, voice: Voice) -> bool:
        """Whether it need not be rendered any more."""
        if not phrase.text:
            return True
        key = self._key(phrase, voice)
        return self._hot.get(key, loudness.RATE_HZ) is not None or self._cache.has(key)

    async def sound(self, phrase: Phrase, voice: Voice, rate_hz: int, keep: bool = True) -> bytes:
        """One phrase, without the pause before it: from memory, from disk, or rendered now and kept, if it may be.

        Requests for the same phrase and voice at the same time render once. Raises SynthesisFailed.
        """
        pcm = self.at_hand(phrase, voice, rate_hz)
        if pcm is None and not keep and not self.has(phrase, voice):
            sound = await self._rendered(phrase, voice)
            return await asyncio.to_thread(resample, sound.pcm, sound.rate_hz, rate_hz)
        if pcm is None:
            sound, _ = await self._original(phrase, voice)
            pcm = await asyncio.to_thread(resample, sound.pcm, sound.rate_hz, rate_hz)
            self._hot.put(self._key(phrase, voice), rate_hz, pcm)
        return pcm

    async def ready(self, phrase: Phrase, voice: Voice) -> bool:
        """Have it on disk and, at 16 kHz, in memory; whether it had to be rendered. Raises SynthesisFailed."""
        if self.at_hand(phrase, voice, loudness.RATE_HZ) is not None:
            return False
        sound, is_new = await self._original(phrase, voice)
        self._hot.put(self._key(phrase, voice), sound.rate_hz, sound.pcm)
        return is_new

    async def close(self) -> None:
        """End what is being rendered."""
        under_way = list(self._under_way.values())
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    def _key(self, phrase: Phrase, voice: Voice) -> str:
        manner = [phrase.manner.rate, phrase.manner.gain_db]
        told = json.dumps([RENDERING, self._synthesizers[voice.engine].version, voice.key, phrase.text, *manner])
        return hashlib.sha256(told.encode()).hexdigest()

    async def _original(self, phrase: Phrase, voice: Voice) -> tuple[Sound, bool]:
        """The phrase at 16 kHz, and whether it had to be rendered."""
        key = self._key(phrase, voice)
        hot = self._hot.get(key, loudness.RATE_HZ)
        if hot is not None:
            return Sound(hot, loudness.RATE_HZ), False
        if key not in self._under_way:
            task = asyncio.create_task(self._load_or_render(key, phrase, voice))
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._finished(key, done))
        # Shielded: one caller who hangs up must not take the sound from the others who wait for it.
        return await asyncio.shield(self._under_way[key])

    def _finished(self, key: str, task: asyncio.Task[tuple[Sound, bool]]) -> None:
        self._under_way.pop(key, None)
        if not task.cancelled():
            task.exception()  # whoever waited was told; asking for it keeps asyncio from telling it again

    async def _load_or_render(self, key: str, phrase: Phrase, voice: Voice) -> tuple[Sound, bool]:
        stored = await asyncio.to_thread(self._cache.get, key)
        if stored is not None:
            return stored, False
        sound = await self._rendered(phrase, voice)
        await self._keep(key, sound)
        return sound, True

    async def _rendered(self, phrase: Phrase, voice: Voice) -> Sound:
        raw = await self._synthesizers[voice.engine].synthesize(phrase.text, voice, phrase.manner.rate)
        return await asyncio.to_thread(loudness.finished, raw, phrase.manner.gain_db)

    async def _keep(self, key: str, sound: Sound) -> None:
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
