"""Music on the caller's side is nobody's turn; speech, noise and tones are no music."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np
import pytest

from centralino.bench.phone_channel import through_the_phone
from telephony.music import Music as LoopOfSound
from tests.voice.listening.conftest import Clip
from tests.voice.listening.test_listener import Ear
from voice.audio import float_to_pcm, level_db, pcm_to_float, resample
from voice.listening.detecting import Detection
from voice.listening.heard import Heard, MusicStarted, MusicStopped, SpeechStarted, SpeechStopped
from voice.listening.hold_music import Music, MusicDetector
from voice.listening.workers import Recognizers

RATE_HZ = 8000


def music(seconds: float, db: float = -20) -> bytes:
    """Plucked chords, through the phone."""
    loop = through_the_phone(LoopOfSound.built_in().loop(16_000))
    return at_level(loop[: round(seconds * RATE_HZ) * 2], db)


def at_level(pcm: bytes, db: float) -> bytes:
    return float_to_pcm((pcm_to_float(pcm) * 10 ** ((db - level_db(pcm)) / 20)).astype(np.float32))


def mixed(one: bytes, other: bytes) -> bytes:
    size = min(len(one), len(other))
    return float_to_pcm(pcm_to_float(one[:size]) + pcm_to_float(other[:size]))


def told(pcm: bytes) -> list[tuple[Music, int]]:
    """What changes, and in which second of the sound."""
    detection, detector = Detection(RATE_HZ), MusicDetector()
    changes = []
    for place, start in enumerate(range(0, len(pcm), 320), start=1):
        for moment in detection.feed(pcm[start : start + 320], place * 20):
            if change := detector.hear(moment):
                changes.append((change, moment.at_ms // 1000))
    return changes


def test_music_is_known_after_three_seconds_and_its_end_after_as_many() -> None:
    (started, begins_s), (stopped, ends_s) = told(music(8) + bytes(RATE_HZ * 2 * 5))
    assert (started, stopped) == (Music.STARTED, Music.STOPPED)
    assert 2 <= begins_s <= 4
    assert 9 <= ends_s <= 11


def _sounds() -> dict[str, np.ndarray]:
    at_s, chance = np.arange(RATE_HZ * 8) / RATE_HZ, np.random.default_rng(2)
    tone = np.sin(2 * np.pi * 425 * at_s)
    return {
        "ringing": tone * (at_s % 5 < 1),
        "busy": tone * (at_s % 1 < 0.5),
        "dial tone": tone,
        "hum": sum(np.sin(100 * np.pi * k * at_s) / k for k in range(1, 9)),  # type: ignore[dict-item]
        "hiss": chance.normal(size=len(at_s)),
        "silence": 0 * at_s,
    }


@pytest.mark.parametrize("name", _sounds())
def test_tones_and_noises_are_no_music(name: str) -> None:
    assert told(float_to_pcm((_sounds()[name] * 0.1).astype(np.float32))) == []


def test_callers_are_no_music_with_a_radio_behind_them_either(clip: Callable[[str], Clip]) -> None:
    spoken = b"".join(clip(name).pcm for name in ("it_orari", "it_reso", "it_spedizione", "it_fattura", "en_open"))
    line = at_level(spoken, -22)
    assert told(line) == []
    assert told(mixed(line, music(len(line) / RATE_HZ / 2, -37))) == []


@pytest.mark.asyncio(loop_scope="session")
async def test_a_voice_in_music_has_no_turn_without_end_and_a_caller_over_it_has_theirs(
    recognizers: Recognizers, clip: Callable[[str], Clip]
) -> None:
    """A song: a voice as loud as what plays. Then somebody picks the phone up again, and the music stops."""
    caller = Ear(await recognizers.open("en"), RATE_HZ)
    sung = at_level(b"".join(clip(f"it_{name}").pcm for name in ("orari", "reso", "spedizione", "fattura")), -26)
    await caller.hear(mixed(music(12, -24), sung))
    length_ms = caller.now_ms
    await caller.silence(200)
    await caller.hear(mixed(music(4, -30), at_level(clip("en_open").pcm, -14)))
    await caller.silence(5_000)
    told = await caller.told_all()
    await caller.listener.close()
    (began,) = [event.at_ms for event in told if isinstance(event, MusicStarted)]
    (ended,) = [event.at_ms for event in told if isinstance(event, MusicStopped)]
    assert began < 6_000 < length_ms < ended
    during = [event for event in told if isinstance(event, SpeechStarted) and began < event.at_ms < length_ms]
    assert during == []
    stops = [event for event in told if isinstance(event, SpeechStopped)]
    assert len(stops) == len([event for event in told if isinstance(event, SpeechStarted)])
    last = [event for event in told if isinstance(event, Heard) and event.is_final][-1]
    assert last.started_ms > length_ms
    assert "open" in last.text.lower()


@pytest.mark.asyncio(loop_scope="session")
async def test_after_a_question_nobody_answered_everybody_is_heard_over_the_music(
    recognizers: Recognizers, clip: Callable[[str], Clip]
) -> None:
    caller = Ear(await recognizers.open("en"), RATE_HZ)
    await caller.hear(music(5, -32))
    said = at_level(clip("en_open").pcm, -33)
    await caller.hear(mixed(music(3, -32), said))
    before = [event for event in caller.told if isinstance(event, SpeechStarted)]
    caller.listener.hear_everybody()
    await caller.hear(mixed(music(3, -32), said))
    await asyncio.sleep(0)
    after = [event for event in caller.told if isinstance(event, SpeechStarted)]
    await caller.listener.close()
    assert before == []
    assert after


def test_sixteen_kilohertz_doors_tell_it_too() -> None:
    detection, detector = Detection(16_000), MusicDetector()
    pcm = resample(music(5), RATE_HZ, 16_000)
    assert Music.STARTED in [detector.hear(moment) for moment in detection.feed(pcm, 5_000)]
