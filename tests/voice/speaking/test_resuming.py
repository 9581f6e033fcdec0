from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from voice.audio import resample
from voice.speaking.prompts import Speaker, default_voice
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer
from voice.speaking.resuming import resume_at_ms

RATE_HZ = 8000


def sound(*parts: tuple[str, int]) -> bytes:
    """('voice' | 'silence', ms)…"""
    noise = np.random.default_rng(1).integers(200, 9000, RATE_HZ * 10)
    pieces = [noise[: RATE_HZ * ms // 1000] * (kind == "voice") for kind, ms in parts]
    return np.concatenate(pieces).astype("<i2").tobytes()


PROMPT = sound(
    ("voice", 1000),
    ("silence", 250),
    ("voice", 500),
    ("silence", 100),
    ("voice", 900),
    ("silence", 250),
    ("voice", 500),
)


@pytest.mark.parametrize(
    ("played_ms", "goes_on_at_ms"),
    [(0, 0), (700, 0), (1_100, 0), (1_300, 1_210), (1_700, 1_210), (2_700, 1_210), (3_100, 2_960), (9_000, 2_960)],
)
def test_a_prompt_goes_on_at_the_start_of_its_sentence(played_ms: int, goes_on_at_ms: int) -> None:
    assert resume_at_ms(PROMPT, RATE_HZ, played_ms) == goes_on_at_ms


def test_a_silent_prompt_begins_again() -> None:
    assert resume_at_ms(bytes(RATE_HZ), RATE_HZ, 400) == 0
    assert resume_at_ms(b"", RATE_HZ, 400) == 0


def test_real_sentences_are_found(tmp_path: Path) -> None:
    first, second = "Siamo aperti da lunedì a sabato.", "La domenica siamo chiusi."

    async def spoken() -> list[bytes]:
        speaker = Speaker(tmp_path, {"pyttsx3": Pyttsx3Synthesizer()})
        try:
            sounds = [await speaker.speak(text, default_voice("it")) for text in (f"{first} {second}", first)]
        finally:
            await speaker.close()
        return [resample(each.pcm, each.rate_hz, RATE_HZ) for each in sounds]

    both, alone = asyncio.run(spoken())
    alone_ms, both_ms = len(alone) * 500 // RATE_HZ, len(both) * 500 // RATE_HZ
    assert resume_at_ms(both, RATE_HZ, alone_ms // 2) == 0
    assert resume_at_ms(both, RATE_HZ, both_ms - 200) == pytest.approx(alone_ms + 250, abs=80)
