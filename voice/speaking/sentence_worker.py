"""A sentence spoken by an engine in a child process: checked, and tried again when the child was lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voice.audio import pcm_to_float
from voice.speaking.loudness import spoken_ms
from voice.speaking.synthesizer import Sound, Voice, failed
from voice.speaking.workers import Worker, WorkerLost, WorkerRefused

TRIES = 3
SHORTEST_MS_PER_LETTER = 20
"""At the rates in use a letter takes 50 to 150 ms; less than this means that sound was lost."""


async def spoken(worker: Worker, sentence: str, voice: Voice, pace: float, request: Mapping[str, Any]) -> Sound:
    """What the worker answers to `request` with the sentence as its `text`: {rate_hz} and PCM16.

    Raises SynthesisFailed, also when the sound is too short for the sentence.
    """
    letters = sum(c.isalnum() for c in sentence)
    shortest_ms = letters * SHORTEST_MS_PER_LETTER / max(1.0, pace)
    why = ""
    for _ in range(TRIES):
        try:
            head, pcm = await worker.ask({**request, "text": sentence})
        except WorkerRefused as error:
            raise failed(sentence, voice, str(error)) from error
        except WorkerLost as error:
            why = str(error)
            continue
        rate_hz = int(head["rate_hz"])
        heard_ms = spoken_ms(pcm_to_float(pcm), rate_hz)
        if heard_ms and heard_ms >= shortest_ms:
            return Sound(pcm, rate_hz)
        why = f"only {heard_ms} ms of sound for {letters} letters"
    raise failed(sentence, voice, f"{why} ({TRIES} tries)")
