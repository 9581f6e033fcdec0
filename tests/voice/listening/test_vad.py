from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.voice.listening.conftest import Clip
from voice.audio import resample
from voice.listening.vad import CHUNK_BYTES, RATE_HZ, VoiceDetector


def probabilities(pcm: bytes) -> list[float]:
    detector = VoiceDetector()
    return [detector.probability(pcm[at : at + CHUNK_BYTES]) for at in range(0, len(pcm) - CHUNK_BYTES, CHUNK_BYTES)]


def test_speech_is_voice(clip: Callable[[str], Clip]) -> None:
    speech = clip("it_reso")
    heard = probabilities(resample(speech.pcm, speech.rate_hz, RATE_HZ))
    assert np.mean(np.array(heard) > 0.5) > 0.6


def test_noise_tones_and_silence_are_not() -> None:
    rng, length = np.random.default_rng(7), 2 * RATE_HZ
    noise = rng.normal(0, 2000, length)
    ring = 8000 * np.sin(2 * np.pi * 425 * np.arange(length) / RATE_HZ)
    for sound in (np.zeros(length), noise, ring):
        heard = probabilities(sound.astype("<i2").tobytes())
        assert max(heard[10:]) < 0.5


def test_streams_do_not_disturb_each_other(clip: Callable[[str], Clip]) -> None:
    speech = resample(clip("en_open").pcm, 8000, RATE_HZ)
    alone = probabilities(speech)
    one, other = VoiceDetector(), VoiceDetector()
    mixed = []
    for at in range(0, len(speech) - CHUNK_BYTES, CHUNK_BYTES):
        mixed.append(one.probability(speech[at : at + CHUNK_BYTES]))
        other.probability(bytes(CHUNK_BYTES))
    assert mixed == alone


def test_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="1024 bytes"):
        VoiceDetector().probability(b"\0\0")
