"""A line that hisses or hums: its noise is learned while nobody speaks, and taken out of what is said."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from centralino.bench.phone_channel import through_the_phone
from tests.voice.listening.conftest import Clip
from voice.audio import float_to_pcm, level_db, pcm_to_float, resample
from voice.listening.conditioning import Conditioner, Conditioning
from voice.listening.heard import Heard, ListenerEvent
from voice.listening.line_noise import HOP_MS, INSIDE_MS, LineNoise, NoiseFilter
from voice.listening.listener import Listener
from voice.listening.workers import Recognizers

RATE_HZ = 8000
CHUNK = RATE_HZ * 32 // 1000 * 2


def hiss(seconds: float, db: float, rate_hz: int = RATE_HZ) -> bytes:
    sound = np.random.default_rng(4).normal(0, 10 ** (db / 20), round(seconds * rate_hz))
    return float_to_pcm(sound.astype(np.float32))


def tone(seconds: float, db: float, hz: float = 700) -> bytes:
    at_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return float_to_pcm((10 ** ((db + 3) / 20) * np.sin(2 * np.pi * hz * at_s)).astype(np.float32))


def mixed(*sounds: bytes) -> bytes:
    return float_to_pcm(np.sum([pcm_to_float(sound) for sound in sounds], axis=0))


def learned(pcm: bytes, rate_hz: int = RATE_HZ) -> LineNoise:
    noise, chunk = LineNoise(rate_hz), rate_hz * 32 // 1000 * 2
    for start in range(0, len(pcm) - chunk + 1, chunk):
        noise.learn(pcm[start : start + chunk], level_db(pcm[start : start + chunk]))
    return noise


def filtered(pcm: bytes, noise: LineNoise, sizes: Sequence[int] = (320,)) -> bytes:
    assert noise.power is not None
    stage, out, place = NoiseFilter(RATE_HZ, noise.power), [], 0
    while place < len(pcm):
        size = sizes[len(out) % len(sizes)]
        out.append(stage.feed(pcm[place : place + size]))
        place += size
    return b"".join([*out, stage.flush()])


@pytest.mark.parametrize("rate_hz", [8000, 16000])
def test_the_level_of_a_line_that_nobody_speaks_on(rate_hz: int) -> None:
    assert learned(hiss(2, -50, rate_hz), rate_hz).level_db == pytest.approx(-50, abs=1)


def test_a_clean_line_is_left_alone() -> None:
    for quiet in (bytes(CHUNK * 40), hiss(2, -75)):
        assert learned(quiet).power is None
    conditioner = Conditioner(RATE_HZ, Conditioning())
    for start in range(0, CHUNK * 40, CHUNK):
        conditioner.nobody(hiss(2, -75)[start : start + CHUNK], -75)
    voice = tone(0.5, -20)
    assert conditioner.feed(voice[: 4001 * 2]) + conditioner.feed(voice[4001 * 2 :]) + conditioner.flush() == voice


def test_half_a_second_of_a_line_is_enough_to_know_it() -> None:
    assert learned(hiss(0.2, -45)).power is None
    assert learned(hiss(0.5, -45)).power is not None


def test_a_breath_before_a_word_is_no_noise_of_the_line() -> None:
    before = learned(hiss(1, -55))
    after = learned(hiss(1, -55) + hiss(0.1, -25))
    assert before.level_db is not None
    assert after.level_db is not None
    assert after.level_db == pytest.approx(before.level_db, abs=1)


def test_breaths_between_words_on_a_clean_line_are_no_noise() -> None:
    between = (bytes(CHUNK * 3) + hiss(0.096, -42)) * 12
    assert learned(between).power is None


def test_a_line_that_has_become_quiet_is_soon_known_to_be() -> None:
    assert learned(hiss(1, -45) + bytes(RATE_HZ * 2 * 8)).power is None


def test_hiss_goes_and_the_voice_stays() -> None:
    noise, voice = hiss(2, -45), bytes(RATE_HZ * 2) + tone(1, -20)
    out = filtered(mixed(noise, voice), learned(noise))
    assert level_db(out[1000 : RATE_HZ * 2]) < -57
    assert level_db(out[RATE_HZ * 2 + 1000 :]) == pytest.approx(level_db(tone(1, -20)), abs=0.5)


def test_without_noise_sound_comes_out_as_it_went_in() -> None:
    voice, silent = tone(0.7, -20), NoiseFilter(RATE_HZ, np.zeros(97, dtype=np.float32))
    assert silent.feed(voice) + silent.flush() == voice


@pytest.mark.parametrize("sizes", [(320,), (2, 4002, 90), (160_000,)])
def test_how_a_carrier_cuts_its_packets_does_not_matter(sizes: tuple[int, ...]) -> None:
    noise = hiss(2, -45)
    sound = mixed(noise, tone(2, -25))
    assert filtered(sound, learned(noise), sizes) == filtered(sound, learned(noise))


def test_no_more_than_a_window_stays_inside() -> None:
    power = learned(hiss(1, -45)).power
    assert power is not None
    stage, fed, out = NoiseFilter(RATE_HZ, power), 0, 0
    for start in range(0, RATE_HZ * 2, 320):
        fed += 320
        out += len(stage.feed(hiss(1, -45)[start : start + 320]))
        assert fed - out <= INSIDE_MS * RATE_HZ // 500
    assert out + len(stage.flush()) == fed
    assert INSIDE_MS == 2 * HOP_MS <= 25


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="even"):
        NoiseFilter(RATE_HZ, np.zeros(97, dtype=np.float32)).feed(b"x")


@pytest.mark.asyncio(loop_scope="session")
async def test_vosk_hears_words_through_the_hiss(recognizers: Recognizers, clip, korean_phrases: list[str]) -> None:  # type: ignore[no-untyped-def]
    """White noise 15 dB below the voice, over a telephone line: found and recognised by the listener with real Vosk."""

    async def right(conditioning: Conditioning) -> int:
        listened = [
            _heard(recognizers, clip(f"ko_{name}"), korean_phrases, conditioning)
            for name in ("hours", "location", "phone", "receipt", "refund", "shipping", "yes", "operator")
        ]
        return sum(await asyncio.gather(*listened))

    assert await right(Conditioning()) >= await right(Conditioning(noise=False)) + 2


async def _heard(recognizers: Recognizers, spoken: Clip, phrases: list[str], conditioning: Conditioning) -> bool:
    wide = bytes(32_000) + resample(spoken.pcm, spoken.rate_hz, 16_000) + bytes(32_000)
    loud_db = level_db(resample(spoken.pcm, spoken.rate_hz, 16_000))
    line = through_the_phone(mixed(wide, hiss(len(wide) / 32_000, loud_db - 15, 16_000)))
    told: list[ListenerEvent] = []
    listener = Listener(await recognizers.open("ko"), rate_hz=RATE_HZ, emit=told.append, conditioning=conditioning)
    listener.expect(phrases)
    for place, start in enumerate(range(0, len(line), 320), start=1):
        listener.feed(line[start : start + 320], place * 20)
    await listener.finish(len(line) // 16)
    await listener.close()
    said = "".join(event.text for event in told if isinstance(event, Heard) and event.is_final)
    return said.replace(" ", "") == spoken.text.replace(" ", "")
