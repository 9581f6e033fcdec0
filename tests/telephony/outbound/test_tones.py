"""Beeps among voices: what an answering machine's tone is, and what no tone is."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

import samples
from telephony.outbound.answering.tones import Beep, FaxTone, Tones
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer
from voice.speaking.synthesizer import Voice

CLIPS = Path(samples.__file__).parent / "bookshop/callers"
RATES_HZ = (8000, 16_000)


def tone(hz: float, ms: int, rate_hz: int, level_db: float = -12.0, noise_db: float | None = None) -> bytes:
    seconds = np.arange(rate_hz * ms // 1000) / rate_hz
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * hz * seconds)
    if noise_db is not None:
        wave = wave + 10 ** (noise_db / 20) * np.random.default_rng(7).standard_normal(len(seconds))
    return (np.clip(wave, -1, 1) * 32767).astype("<i2").tobytes()


def quiet(ms: int, rate_hz: int) -> bytes:
    return bytes(2 * (rate_hz * ms // 1000))


def heard(pcm: bytes, rate_hz: int, chunk: int = 320) -> list[Beep | FaxTone]:
    tones = Tones(rate_hz)
    return [found for at in range(0, len(pcm), chunk) for found in tones.feed(pcm[at : at + chunk])]


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("hz", [480, 853, 1000, 1013, 1400, 1987])
@pytest.mark.parametrize("ms", [200, 500, 1000])
def test_beeps_of_machines(hz: int, ms: int, rate_hz: int) -> None:
    found = heard(quiet(300, rate_hz) + tone(hz, ms, rate_hz, noise_db=-36) + quiet(300, rate_hz), rate_hz)
    assert len(found) == 1
    beep = found[0]
    assert isinstance(beep, Beep)
    assert abs(beep.hz - hz) <= 25
    assert abs(beep.lasted_ms - ms) <= 60
    assert abs(beep.at_ms - (300 + ms)) <= 60


@pytest.mark.parametrize("chunk", [1, 7, 160, 333, 5000])
def test_chunks_of_any_length(chunk: int) -> None:
    pcm = quiet(100, 8000) + tone(1000, 300, 8000) + quiet(100, 8000)
    assert heard(pcm, 8000, chunk) == heard(pcm, 8000)


def test_a_fax_whistles() -> None:
    found = heard(tone(2100, 3000, 8000) + quiet(200, 8000), 8000)
    assert [type(one) for one in found] == [FaxTone]


@pytest.mark.parametrize(
    "pcm",
    [
        tone(425, 500, 8000) + quiet(500, 8000),  # busy
        tone(1000, 100, 8000) + quiet(300, 8000),  # a click of a switch
        tone(1000, 500, 8000, level_db=-50) + quiet(300, 8000),  # an echo
        tone(1000, 4000, 8000) + quiet(300, 8000),  # a broken line
        (np.frombuffer(tone(697, 300, 8000, -15), "<i2") + np.frombuffer(tone(1336, 300, 8000, -15), "<i2")).tobytes()
        + quiet(300, 8000),
    ],
    ids=["busy", "short", "soft", "long", "a_key"],
)
def test_other_tones(pcm: bytes) -> None:
    assert heard(pcm, 8000) == []


@pytest.mark.parametrize("clip", sorted(CLIPS.glob("*.wav")), ids=lambda clip: clip.stem)
def test_recorded_voices_do_not_beep(clip: Path) -> None:
    with wave.open(str(clip)) as file:
        pcm, rate_hz = file.readframes(file.getnframes()), file.getframerate()
    assert heard(pcm, rate_hz) == []


@pytest.mark.parametrize(
    "text",
    [
        "Pronto? Chi parla?",
        "Mmmmm, uuuuu, oooooh, iiiiih.",
        "Risponde la segreteria telefonica. Lasciate un messaggio dopo il segnale acustico.",
        "Buongiorno, al momento non possiamo rispondere, i nostri uffici sono chiusi fino a lunedì.",
    ],
)
async def test_voices_do_not_beep(text: str) -> None:
    engine = Pyttsx3Synthesizer()
    try:
        spoken = await engine.synthesize(text, Voice("pyttsx3", "it"))
    finally:
        await engine.close()
    assert heard(spoken.pcm, spoken.rate_hz) == []
