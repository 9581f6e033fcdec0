"""A voice that comes back over the line is not the caller's; the caller's own is, over an echo too."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.voice.listening.conftest import Clip
from voice import g711
from voice.audio import float_to_pcm, pcm_to_float, resample
from voice.listening.echo import SENT_MS, Echo, alike
from voice.listening.heard import ListenerEvent, SpeechStarted
from voice.listening.listener import Listener
from voice.listening.recognizer import Recognition

RATE_HZ = 8_000
FRAME_MS = 20


class Deaf:
    """A recognizer that hears nothing: here only voices count."""

    engine, rate_hz, streaming = "deaf", 16_000, False

    async def accept(self, pcm: bytes) -> None: ...

    async def partial(self) -> Recognition:
        return Recognition("", is_final=False)

    async def look(self, pcm: bytes = b"") -> Recognition:
        return Recognition("", is_final=True)

    async def final(self, pcm: bytes = b"") -> Recognition:
        return Recognition("", is_final=True)

    async def expect(self, phrases: object) -> None: ...

    async def close(self) -> None: ...


def by_phone(clip: Clip) -> np.ndarray:
    return pcm_to_float(resample(clip.pcm, clip.rate_hz, RATE_HZ))


def returned(sound: np.ndarray, *, delay_ms: int, softer_db: float, smear_ms: int = 4) -> np.ndarray:
    """An echo: the hybrid at the far end of a line smears it, too."""
    taps = smear_ms * RATE_HZ // 1000
    hybrid = np.random.default_rng(3).normal(0, 1, taps) * np.exp(-np.arange(taps) / (taps / 4))
    hybrid *= 10 ** (-softer_db / 20) / np.sqrt(np.square(hybrid).sum())
    return np.concatenate((np.zeros(delay_ms * RATE_HZ // 1000), np.convolve(sound, hybrid)))


async def starts(sent: np.ndarray, heard: np.ndarray, *, knows: bool = True, ahead_ms: int = 200) -> list[int]:
    """When turns begin in what a line brings while something is sent, some of it ahead of time."""
    told: list[ListenerEvent] = []
    echo = Echo(RATE_HZ)
    listener = Listener(Deaf(), rate_hz=RATE_HZ, emit=told.append, echo=echo if knows else None)
    size = FRAME_MS * RATE_HZ // 1000
    line = g711.mulaw_to_pcm(g711.pcm_to_mulaw(float_to_pcm(heard.astype(np.float32))))
    out = float_to_pcm(sent.astype(np.float32))
    done = 0
    for number in range(len(heard) // size):
        while done * FRAME_MS <= number * FRAME_MS + ahead_ms and done * size < len(sent):
            echo.sent(out[done * size * 2 : (done + 1) * size * 2])
            done += 1
        listener.feed(line[number * size * 2 : (number + 1) * size * 2], (number + 1) * FRAME_MS)
    await listener.close()
    return [event.at_ms for event in told if isinstance(event, SpeechStarted)]


@pytest.mark.parametrize(("delay_ms", "softer_db"), [(60, 15), (250, 22), (450, 30)])
async def test_a_greeting_survives_its_echo(clip: Callable[[str], Clip], delay_ms: int, softer_db: float) -> None:
    for name in ("it_orari", "en_ship", "it_fattura"):
        greeting = by_phone(clip(name))
        line = returned(greeting, delay_ms=delay_ms, softer_db=softer_db)
        assert await starts(greeting, line, knows=False), "to a voice detector an echo is a voice"
        assert await starts(greeting, line) == []


async def test_who_speaks_over_a_greeting_and_its_echo_is_heard_at_once(clip: Callable[[str], Clip]) -> None:
    greeting, caller = by_phone(clip("it_orari")), by_phone(clip("it_reso"))
    line = np.zeros(len(greeting) + RATE_HZ)
    echo = returned(greeting, delay_ms=200, softer_db=20)[: len(line)]
    line[: len(echo)] += echo
    begins = RATE_HZ
    line[begins : begins + len(caller)] += caller[: len(line) - begins]
    alone = np.zeros(len(line))
    alone[begins : begins + len(caller)] += caller[: len(line) - begins]
    (first, *_) = await starts(greeting, line)
    (expected, *_) = await starts(greeting, alone, knows=False)
    assert first - expected <= 96


async def test_callers_are_heard_over_a_prompt_without_any_echo(clip: Callable[[str], Clip]) -> None:
    prompt = np.concatenate([by_phone(clip("it_orari"))] * 2)
    for name in ("it_reso", "it_si", "it_operatore", "en_open", "it_bargein"):
        line = np.concatenate((np.zeros(RATE_HZ), by_phone(clip(name))))
        told, expected = await starts(prompt, line), await starts(prompt, line, knows=False)
        assert told
        assert told[0] - expected[0] <= 96


def test_what_was_sent_long_ago_is_no_echo(clip: Callable[[str], Clip]) -> None:
    sound = by_phone(clip("it_reso"))[: 2 * RATE_HZ].astype(np.float32)
    echo = Echo(RATE_HZ)
    echo.sent(float_to_pcm(sound))
    again = pcm_to_float(resample(float_to_pcm(sound), RATE_HZ, 16_000))
    for start in range(0, 16_000, 512):
        echo.heard(again[start : start + 512])
    assert echo.is_heard
    for _ in range(SENT_MS // 32):
        echo.heard(np.zeros(512, dtype=np.float32))
    assert not echo.is_heard


def test_silence_is_like_nothing() -> None:
    nothing, tone = np.zeros(2_048, dtype=np.float32), np.sin(np.arange(8_192)).astype(np.float32)
    assert alike(nothing, tone) == alike(tone[:2_048], np.zeros(8_192, dtype=np.float32)) == 0.0
    assert alike(tone, tone[:100]) == 0.0
    assert alike(tone[:2_048], tone) == pytest.approx(1.0, abs=0.01)
