"""What Whisper makes of sound in which nobody speaks, and that callers' words survive the doubt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.voice.listening.test_listener import likeness
from voice import g711
from voice.audio import float_to_pcm, resample
from voice.listening.heard import Heard, ListenerEvent
from voice.listening.listener import Listener
from voice.listening.phantoms import Decode, made_up
from voice.listening.workers import Recognizers

RATE_HZ = 8000
SECONDS = 3


@pytest.mark.parametrize(
    ("text", "language", "logprob", "no_speech", "why"),
    [
        ("Sottotitoli creati dalla comunità Amara.org", "it", -0.2, 0.1, "known phantom"),
        ("Sottotitoli e revisione a cura di QTSS", "it", -0.2, 0.1, "known phantom"),
        ("Thanks for watching!", "en", -0.3, 0.2, "known phantom"),
        ("Thank you.", "en", -0.2, 0.4, "known phantom, no speech"),
        ("Thank you.", "en", -0.2, 0.03, ""),
        ("Grazie.", "it", -0.3, 0.02, ""),
        ("Grazie.", "it", -0.74, 0.69, "no speech"),
        ("o" * 52, "it", -0.2, 0.1, "repetition"),
        ("no no no no no", "it", -0.4, 0.1, ""),
        ("4.7.1.2.9.0", "it", -0.2, 0.1, ""),
        ("I'm gonna go to the bathroom.", "en", -1.93, 0.2, "unlikely words"),
        ("... .", "en", -0.2, 0.1, "no words"),
        ("non grazie tutto", "it", -1.1, 0.11, ""),
    ],
)
def test_what_is_believed(text: str, language: str, logprob: float, no_speech: float, why: str) -> None:
    assert made_up(Decode(text, language, logprob, no_speech, sound_s=2.0)) == why


def test_nobody_says_so_much_in_so_little_time() -> None:
    text = "vorrei sapere quali sono gli orari di apertura della libreria"
    assert made_up(Decode(text, "it", -0.3, 0.1, sound_s=0.8))
    assert not made_up(Decode(text, "it", -0.3, 0.1, sound_s=3.0))


def _noises() -> dict[str, NDArray[np.float64]]:
    """Three seconds of each at full power: what lines, rooms and callers put on the wire that is no word."""
    chance = np.random.default_rng(1)
    count = RATE_HZ * SECONDS
    at_s = np.arange(count) / RATE_HZ
    white = chance.normal(size=count)
    spectrum = np.fft.rfft(chance.normal(size=count))
    steps = np.maximum(1, np.arange(len(spectrum)))
    speech_like = np.fft.irfft(spectrum / (1 + (steps / SECONDS / 600) ** 2), count)
    clicks = np.zeros(count)
    for start in chance.integers(0, count - 200, 12):
        clicks[start : start + 200] += chance.normal(size=200) * np.exp(-np.arange(200) / 30)
    notes = np.repeat([262, 330, 392, 523, 392, 330], count // 6)
    hummed = np.cumsum(2 * np.pi * (140 + 10 * np.sin(10 * np.pi * at_s)) / RATE_HZ)
    coughs = sum(np.sin(k * hummed) / k**0.7 for k in range(1, 12)) + 3 * white
    return {
        "white": white,
        "pink": np.fft.irfft(spectrum / np.sqrt(steps), count),
        "syllables of noise": speech_like * (0.15 + np.maximum(0, np.sin(8 * np.pi * at_s))) ** 2,
        "hum": sum(np.sin(100 * np.pi * k * at_s + k) / k for k in (1, 2, 3, 5, 7)),  # type: ignore[dict-item]
        "melody": sum(np.sin(2 * np.pi * k * np.cumsum(notes) / RATE_HZ) / k for k in (1, 2, 3)),  # type: ignore[dict-item]
        "ringing": np.sin(2 * np.pi * 425 * at_s) * (at_s % 1.5 < 0.8),
        "clicks": clicks,
        "breath": speech_like * np.maximum(0, np.sin(2 * np.pi * at_s / 1.5)),
        "coughs": coughs * np.exp(-(at_s % 1.0) / 0.1),
        "humming": sum(np.sin(k * hummed) / k**2 for k in range(1, 8)) * (at_s % 1.5 < 1.0),  # type: ignore[dict-item]
    }


def _on_the_line(sound: NDArray[np.float64], level_db: float) -> bytes:
    power = np.sqrt(np.mean(np.square(sound)))
    pcm = float_to_pcm((sound / power * 10 ** (level_db / 20)).astype(np.float32))
    return g711.mulaw_to_pcm(g711.pcm_to_mulaw(pcm))


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("language", ["it", "en"])
async def test_whisper_writes_nothing_for_noise(recognizers: Recognizers, language: str) -> None:
    """Given to the recognizer itself, as if the voice detector had let all of it pass."""
    recognizer = await recognizers.open(language)
    written = {}
    for name, sound in {**_noises(), "silence": np.zeros(RATE_HZ * SECONDS) + 1e-9}.items():
        await recognizer.accept(resample(_on_the_line(sound, -25), RATE_HZ, recognizer.rate_hz))
        if text := (await recognizer.final()).text:
            written[name] = text
    await recognizer.close()
    assert written == {}


@pytest.mark.asyncio(loop_scope="session")
async def test_no_words_come_out_of_a_noisy_line(recognizers: Recognizers) -> None:
    idle = np.random.default_rng(0).choice([0xFF, 0x7F, 0xFE, 0x7E], RATE_HZ * SECONDS).astype(np.uint8)
    lines = {"idle": g711.mulaw_to_pcm(idle.tobytes())}
    lines |= {f"{name} {db} dB": _on_the_line(sound, db) for name, sound in _noises().items() for db in (-10, -25, -45)}
    assert {name: said for name, pcm in lines.items() if (said := await _heard(recognizers, "it", pcm))} == {}


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("name", ["it_si", "it_no", "it_numero", "it_niente", "it_operatore", "it_fuori", "en_thanks"])
async def test_callers_words_are_kept(recognizers: Recognizers, clip: Callable[..., object], name: str) -> None:
    spoken = clip(name)
    pcm = g711.mulaw_to_pcm(g711.pcm_to_mulaw(spoken.pcm))  # type: ignore[attr-defined]
    said = await _heard(recognizers, name[:2], pcm + bytes(RATE_HZ * 2))
    if name == "it_numero":  # Written as figures.
        assert "".join(filter(str.isdigit, said)) == "471290"
    else:
        assert likeness(said, spoken.text) >= 0.5  # type: ignore[attr-defined]


async def _heard(recognizers: Recognizers, language: str, pcm: bytes) -> str:
    told: list[ListenerEvent] = []
    listener = Listener(await recognizers.open(language), rate_hz=RATE_HZ, emit=told.append)
    step = RATE_HZ // 50 * 2
    for place, at in enumerate(range(0, len(pcm), step), start=1):
        listener.feed(pcm[at : at + step], place * 20)
    await listener.finish(len(pcm) * 500 // RATE_HZ)
    await listener.close()
    return " ".join(event.text for event in told if isinstance(event, Heard) and event.is_final).strip()
