"""A text spoken by an engine in a child process: sentence by sentence, each checked, tried again, and joined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from voice.audio import float_to_pcm, pcm_to_float
from voice.speaking import loudness
from voice.speaking.sentences import sentences
from voice.speaking.ssml import Break, Manner, MarkupError, parse
from voice.speaking.synthesizer import Sound, SynthesisFailed, Voice
from voice.speaking.workers import Worker, WorkerLost, WorkerRefused

TRIES = 3
PAUSE_MS = 250
"""Between two sentences: what Italian announcers leave."""
SHORTEST_MS_PER_LETTER = 20
"""At the rates in use a letter takes 50 to 150 ms; less than this means that sound was lost."""
_SENTENCE_ENDS = tuple(".!?…:;。！？")


@dataclass
class _Run:
    """Sound of one loudness."""

    gain_db: float
    parts: list[loudness.Samples] = field(default_factory=list)


def failed(text: str, voice: Voice, why: str) -> SynthesisFailed:
    """The error that says which text, which engine, why."""
    return SynthesisFailed(f"{voice.engine} could not speak {text[:60]!r} as {voice.key}: {why}")


async def render(worker: Worker, text: str, voice: Voice, settings_at: Callable[[float], Mapping[str, Any]]) -> Sound:
    """The spoken text at 16 kHz and one loudness, silence at its ends trimmed.

    text: may hold breaks and prosody (`voice.speaking.ssml`). worker: answers settings with `text` by {rate_hz} and
    PCM16. settings_at: the settings for a pace, 1 being the engine's own. Other texts get their turn between two
    sentences. Raises SynthesisFailed.
    """
    try:
        spoken = parse(text)
    except MarkupError as error:
        raise failed(text, voice, str(error)) from error
    runs = [_Run(0.0)]
    pause_ms = 0
    for part in spoken:
        if isinstance(part, Break):
            # In place of the pause between two sentences, unless it is shorter than that.
            pause_ms = max(pause_ms, part.ms) if pause_ms == PAUSE_MS else pause_ms + part.ms
            continue
        for piece in sentences(part.text):
            run = _run_for(runs, part.manner)
            run.parts += [_silence(pause_ms), await _sentence(worker, piece, voice, part.manner, settings_at)]
            pause_ms = PAUSE_MS
        if pause_ms == PAUSE_MS and not part.text.rstrip().endswith(_SENTENCE_ENDS):
            pause_ms = 0  # the sentence goes on in another manner
    if not any(run.parts for run in runs):
        raise failed(text, voice, "there is no letter or digit to speak")
    if isinstance(spoken[-1], Break):
        runs[-1].parts.append(_silence(pause_ms))
    levelled = [
        loudness.levelled(np.concatenate(run.parts), loudness.RATE_HZ, loudness.LEVEL_DBFS + run.gain_db)
        for run in runs
        if run.parts
    ]
    return Sound(float_to_pcm(np.concatenate(levelled)), loudness.RATE_HZ)


def _run_for(runs: list[_Run], manner: Manner) -> _Run:
    if runs[-1].gain_db != manner.gain_db:
        runs.append(_Run(manner.gain_db))
    return runs[-1]


def _silence(ms: int) -> loudness.Samples:
    return np.zeros(loudness.RATE_HZ * ms // 1000, dtype=np.float32)


async def _sentence(
    worker: Worker, sentence: str, voice: Voice, manner: Manner, settings_at: Callable[[float], Mapping[str, Any]]
) -> loudness.Samples:
    letters = sum(c.isalnum() for c in sentence)
    shortest_ms = letters * SHORTEST_MS_PER_LETTER / max(1.0, manner.rate)
    why = ""
    for _ in range(TRIES):
        try:
            head, pcm = await worker.ask({**settings_at(manner.rate), "text": sentence})
        except WorkerRefused as error:
            raise failed(sentence, voice, str(error)) from error
        except WorkerLost as error:
            why = str(error)
            continue
        rate_hz = int(head["rate_hz"])
        sound = loudness.trimmed(pcm_to_float(pcm), rate_hz, lead_ms=20, tail_ms=60)
        if len(sound) * 1000 >= shortest_ms * rate_hz:
            return loudness.resampled(sound, rate_hz)
        why = f"only {len(sound) * 1000 // rate_hz} ms of sound for {letters} letters"
    raise failed(sentence, voice, f"{why} ({TRIES} tries)")
