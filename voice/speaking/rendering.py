"""A text spoken by an engine in a child process: sentence by sentence, each checked, tried again, and joined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from voice.audio import float_to_pcm, pcm_to_float
from voice.speaking import loudness
from voice.speaking.sentences import sentences
from voice.speaking.synthesizer import Sound, SynthesisFailed, Voice
from voice.speaking.workers import Worker, WorkerLost, WorkerRefused

TRIES = 3
PAUSE_MS = 250
"""Between two sentences: what Italian announcers leave."""
SHORTEST_MS_PER_LETTER = 20
"""At the rates in use a letter takes 50 to 150 ms; less than this means that sound was lost."""


def failed(text: str, voice: Voice, why: str) -> SynthesisFailed:
    """The error that says which text, which engine, why."""
    return SynthesisFailed(f"{voice.engine} could not speak {text[:60]!r} as {voice.key}: {why}")


async def render(worker: Worker, text: str, voice: Voice, settings: Mapping[str, Any]) -> Sound:
    """The spoken text at 16 kHz and one loudness, silence at its ends trimmed.

    worker: answers `settings` with `text` by {rate_hz} and PCM16. Other texts get their turn between two sentences.
    Raises SynthesisFailed.
    """
    pieces = sentences(text)
    if not pieces:
        raise failed(text, voice, "there is no letter or digit to speak")
    pause = np.zeros(loudness.RATE_HZ * PAUSE_MS // 1000, dtype=np.float32)
    parts: list[loudness.Samples] = []
    for piece in pieces:
        parts += [pause, await _sentence(worker, piece, voice, settings)]
    joined = loudness.levelled(np.concatenate(parts[1:]), loudness.RATE_HZ)
    return Sound(float_to_pcm(joined), loudness.RATE_HZ)


async def _sentence(worker: Worker, sentence: str, voice: Voice, settings: Mapping[str, Any]) -> loudness.Samples:
    letters = sum(c.isalnum() for c in sentence)
    why = ""
    for _ in range(TRIES):
        try:
            head, pcm = await worker.ask({**settings, "text": sentence})
        except WorkerRefused as error:
            raise failed(sentence, voice, str(error)) from error
        except WorkerLost as error:
            why = str(error)
            continue
        rate_hz = int(head["rate_hz"])
        sound = loudness.trimmed(pcm_to_float(pcm), rate_hz, lead_ms=20, tail_ms=60)
        if len(sound) * 1000 >= letters * SHORTEST_MS_PER_LETTER * rate_hz:
            return loudness.resampled(sound, rate_hz)
        why = f"only {len(sound) * 1000 // rate_hz} ms of sound for {letters} letters"
    raise failed(sentence, voice, f"{why} ({TRIES} tries)")
