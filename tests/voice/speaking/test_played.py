from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.audio import pcm_to_float
from voice.speaking import loudness
from voice.speaking.played import words_played
from voice.speaking.prompts import Speaker
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer
from voice.speaking.synthesizer import Voice

TEXT = "Siamo aperti dalle nove alle diciannove. La domenica siamo chiusi."


def test_a_prompt_played_to_its_end_is_whole() -> None:
    assert words_played(f" {TEXT} ", 4_000, 4_000) == TEXT


def test_nothing_played_is_nothing_said() -> None:
    assert words_played(TEXT, 4_000, 0) == ""
    assert words_played("...", 100, 50) == ""


def test_half_a_prompt_is_about_half_of_its_words() -> None:
    assert words_played(TEXT, 4_000, 2_000) == "Siamo aperti dalle nove alle"


def test_a_word_that_was_cut_off_was_not_said() -> None:
    assert words_played("Buongiorno", 1_000, 900) == ""


def test_digits_take_the_time_of_their_words() -> None:
    assert words_played("Il numero 471290 arriva domani", 4_000, 1_500) == "Il numero"


@given(st.text(alphabet="ab1 .,!?\n", max_size=80), st.integers(1, 20_000), st.integers(0, 20_000))
def test_longer_never_means_fewer_words_and_all_are_from_the_text(text: str, duration_ms: int, played_ms: int) -> None:
    now = words_played(text, duration_ms, played_ms).split()
    later = words_played(text, duration_ms, played_ms + 200).split()
    assert len(now) <= len(later)
    assert all(word in text for word in now)


async def test_on_real_sound_the_second_sentence_begins_in_the_pause(tmp_path: Path) -> None:
    """Where the sound pauses, the words before the pause, and none behind it, count as played (give or take one)."""
    speaker = Speaker(tmp_path, {"pyttsx3": Pyttsx3Synthesizer()})
    try:
        sound = await speaker.speak(TEXT, Voice("pyttsx3", "it"))
    finally:
        await speaker.close()
    spoken = loudness.spoken_frames(pcm_to_float(sound.pcm), sound.rate_hz)
    gaps = np.flatnonzero(np.diff(np.flatnonzero(spoken)) > 20)
    pause_ms = int(np.flatnonzero(spoken)[gaps[0]]) * 10 + 150
    assert len(words_played(TEXT, sound.duration_ms, pause_ms).split()) == pytest.approx(6, abs=1)
