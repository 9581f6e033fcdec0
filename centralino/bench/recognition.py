"""What noise, level and expected words do to recognition by telephone, and what our stages give back.

DIR is as `asr.read` wants it. Each recording is given a noise or a level, sent through a telephone line, and heard by a
listener with its real recognizer: once as it comes, once with what is done against noise and levels, in the same run;
with a company's line a third time, corrected by the words that the line expects. Errors are of letters (CER).
Sound comes as fast as it is recognised, with a second of the line before and after the voice.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from centralino.bench.asr import Clip, letter_errors, letters, read
from centralino.bench.line_sounds import CONDITIONS, NOISES, Condition, made, on_the_line
from centralino.bench.phone_channel import LINE_HZ, WIDE_HZ, through_the_phone
from voice.audio import float_to_pcm
from voice.listening.conditioning import Conditioner, Conditioning
from voice.listening.heard import Heard, ListenerEvent, SpeechStarted
from voice.listening.hinted import HintedRecognizer
from voice.listening.hints import Hints
from voice.listening.listener import Listener
from voice.listening.workers import Recognizers
from voice.models import ModelStore, choose_engine

_PACKET_BYTES = LINE_HZ // 50 * 2
_PAUSE = bytes(WIDE_HZ * 2)
_AS_IT_COMES = Conditioning(noise=False, level=None)
_NOISE_S, _NOISE_DB = 8, -35
_PATIENCE_S = 120.0
"""Nobody is on the phone: a busy machine only makes it longer."""


@dataclass(frozen=True)
class ConditionFigures:
    """CER over all recordings (medians). hinted: None without a line's words."""

    condition: str
    as_it_comes: float
    conditioned: float
    hinted: float | None


@dataclass(frozen=True)
class NoiseFigures:
    """Noise alone, 8 s at -35 dB: the turns that it opened and the letters that were written for it."""

    noise: str
    turns: int
    letters: int


@dataclass(frozen=True)
class RecognitionFigures:
    """noisy_core, clean_core: what conditioning takes of a core for a caller who never stops speaking, on a line that
    hisses and on a clean one."""

    model: str
    conditions: tuple[ConditionFigures, ...]
    noises: tuple[NoiseFigures, ...]
    noisy_core: float
    clean_core: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


async def run(
    store: ModelStore,
    folder: Path,
    *,
    language: str,
    engine: str | None,
    hints: Hints | None,
    only: str,
    say: Callable[[str], None],
) -> RecognitionFigures:
    """Measure. only: conditions with this in their name. Raises BadClip for a folder that is not as it should be,
    RecognizersUnavailable."""
    clips = read(folder)
    choice = choose_engine(language, store, engine)
    recognizers = Recognizers(store, answer_within_s=_PATIENCE_S)
    await recognizers.start([choice])
    conditions, noises = [], []
    try:
        for condition in (one for one in CONDITIONS if only in one.name):
            say(condition.name)
            conditions.append(await _condition(recognizers, language, clips, condition, hints))
        for name in () if only else NOISES:
            say(f"{name} noise alone")
            sound = made(name, WIDE_HZ * _NOISE_S, WIDE_HZ) * 10 ** (_NOISE_DB / 20)
            told = await _told(recognizers, language, float_to_pcm(sound.astype("float32")), Conditioning(), None)
            turns = sum(isinstance(event, SpeechStarted) for event in told)
            noises.append(NoiseFigures(name, turns, len(letters(_text(told)))))
    finally:
        await recognizers.close()
    clean, hiss = CONDITIONS[0], Condition("", "white", 20)
    return RecognitionFigures(
        choice.model, tuple(conditions), tuple(noises), _core(clips[0], hiss), _core(clips[0], clean)
    )


async def _condition(
    recognizers: Recognizers, language: str, clips: Sequence[Clip], condition: Condition, hints: Hints | None
) -> ConditionFigures:
    ways: list[tuple[Conditioning, Hints | None]] = [(_AS_IT_COMES, None), (Conditioning(), None)]
    if hints:
        ways.append((Conditioning(), hints))
    errors: list[list[float]] = [[] for _ in ways]
    for clip in clips:
        sound = on_the_line(_PAUSE + clip.pcm + _PAUSE, condition, WIDE_HZ)
        heard = await asyncio.gather(*(_told(recognizers, language, sound, *way) for way in ways))
        for told, found in zip(heard, errors, strict=True):
            found.append(letter_errors(clip.text, _text(told)))
    as_it_comes, conditioned, *hinted = (round(statistics.median(found), 3) for found in errors)
    return ConditionFigures(condition.name, as_it_comes, conditioned, hinted[0] if hinted else None)


async def _told(
    recognizers: Recognizers, language: str, wide: bytes, conditioning: Conditioning, hints: Hints | None
) -> list[ListenerEvent]:
    """What a listener tells of this sound at the end of a telephone line."""
    recognizer = await recognizers.open(language)
    told: list[ListenerEvent] = []
    listener = Listener(
        HintedRecognizer(recognizer, hints) if hints else recognizer,
        rate_hz=LINE_HZ,
        emit=told.append,
        conditioning=conditioning,
    )
    narrow = through_the_phone(wide)
    for place, start in enumerate(range(0, len(narrow), _PACKET_BYTES), start=1):
        listener.feed(narrow[start : start + _PACKET_BYTES], place * 20)
        await asyncio.sleep(0)
    await listener.finish(len(narrow) * 500 // LINE_HZ)
    await listener.close()
    return told


def _text(told: Sequence[ListenerEvent]) -> str:
    return " ".join(event.text for event in told if isinstance(event, Heard) and event.is_final)


def _core(clip: Clip, condition: Condition) -> float:
    """Seconds of CPU for a second of speech on that line."""
    narrow = through_the_phone(on_the_line(_PAUSE + clip.pcm, condition, WIDE_HZ))
    conditioner, chunk, batch = Conditioner(LINE_HZ, Conditioning()), LINE_HZ * 32 // 1000 * 2, LINE_HZ * 160 // 500
    for start in range(0, LINE_HZ * 2 - chunk, chunk):
        conditioner.nobody(narrow[start : start + chunk], -40.0 if condition.noise else -90.0)
    began_s = time.process_time()
    for start in range(LINE_HZ * 2, len(narrow), batch):
        conditioner.feed(narrow[start : start + batch])
    conditioner.flush()
    return round((time.process_time() - began_s) / (len(clip.pcm) / 2 / WIDE_HZ), 5)
