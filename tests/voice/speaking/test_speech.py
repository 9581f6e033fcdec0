"""A text's sound while it arrives: what can be played, what was heard, where it goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from voice.audio import pcm_to_float
from voice.speaking import loudness
from voice.speaking.phrases import Phrase, phrases
from voice.speaking.prompts import Speaker
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer
from voice.speaking.speech import Speech
from voice.speaking.synthesizer import Voice

RATE_HZ = 8000
FRAME = 320


def ms_of_sound(ms: int) -> bytes:
    return b"\x00\x10" * (RATE_HZ * ms // 1000)


def three_sentences(*, arrived: int) -> Speech:
    """A second each, with the pauses between; so many of them are here."""
    spoken = [Phrase("Uno due."), Phrase("Tre quattro.", pause_ms=250), Phrase("Cinque sei.", pause_ms=250)]
    speech = Speech("Uno due. Tre quattro. Cinque sei.", spoken, RATE_HZ)
    for _ in range(arrived):
        speech.add(ms_of_sound(1_000))
    return speech


def test_whole_frames_are_given_while_more_is_to_come_and_the_rest_at_the_end() -> None:
    speech = Speech("Uno. Due.", [Phrase("Uno."), Phrase("Due.")], RATE_HZ)
    assert speech.frame(0, FRAME) == b""
    speech.add(ms_of_sound(30))
    assert len(speech.frame(0, FRAME)) == FRAME
    assert speech.frame(FRAME, FRAME) == b""
    speech.add(ms_of_sound(20))
    assert len(speech.frame(FRAME, FRAME)) == FRAME
    assert len(speech.frame(2 * FRAME, FRAME)) == FRAME // 2
    assert speech.frame(3 * FRAME, FRAME) == b""


def test_the_pause_is_there_before_the_sentence_behind_it() -> None:
    speech = three_sentences(arrived=1)
    assert speech.duration_ms == 1_250
    assert not speech.finished
    assert three_sentences(arrived=3).duration_ms == 3_500


def test_news_are_told_for_every_sentence_and_for_the_end_by_failure() -> None:
    told = []
    speech = three_sentences(arrived=0)
    speech.on_news = lambda: told.append((speech.duration_ms, speech.finished))
    speech.add(ms_of_sound(500))
    speech.fail("the engine died")
    assert told == [(750, False), (750, True)]


@pytest.mark.parametrize(
    ("arrived", "played_ms", "words"),
    [
        (1, 0, ""),
        (1, 700, "Uno"),
        (1, 1_250, "Uno due."),
        (2, 1_300, "Uno due."),
        (2, 2_000, "Uno due. Tre"),
        (2, 2_500, "Uno due. Tre quattro."),
        (3, 3_500, "Uno due. Tre quattro. Cinque sei."),
    ],
)
def test_what_was_heard_is_known_before_the_end_is_here(arrived: int, played_ms: int, words: str) -> None:
    assert three_sentences(arrived=arrived).heard(played_ms) == words


@pytest.mark.parametrize(
    ("played_ms", "goes_on_at_ms"),
    [(0, 0), (700, 0), (1_100, 1_210), (1_300, 1_210), (2_200, 1_210), (2_300, 2_460), (9_000, 2_460)],
)
def test_it_goes_on_at_the_start_of_its_sentence(played_ms: int, goes_on_at_ms: int) -> None:
    assert three_sentences(arrived=3).resume_at_ms(played_ms) == goes_on_at_ms


def test_a_sentence_that_changes_its_manner_is_begun_again_as_a_whole() -> None:
    spoken = phrases('Pronto. Il numero è <prosody rate="slow">quattro sette</prosody> uno. Grazie.', "it")
    assert [phrase.pause_ms for phrase in spoken] == [0, 250, 0, 0, 250]
    speech = Speech("", spoken, RATE_HZ)
    for _ in spoken:
        speech.add(ms_of_sound(1_000))
    assert speech.resume_at_ms(3_500) == 1_210


async def test_real_sentences_begin_where_they_are_said_to(tmp_path: Path) -> None:
    speaker = Speaker(tmp_path, {"pyttsx3": Pyttsx3Synthesizer()})
    text, voice = "Siamo aperti da lunedì a sabato. La domenica siamo chiusi.", Voice("pyttsx3", "it")
    try:
        sound = await speaker.speak(text, voice)
        speech = speaker.begin(text, voice, loudness.RATE_HZ)
    finally:
        await speaker.close()
    spoken = np.flatnonzero(loudness.spoken_frames(pcm_to_float(sound.pcm), sound.rate_hz))
    gap = np.flatnonzero(np.diff(spoken) > 20)[0]
    ends_ms, begins_ms = int(spoken[gap]) * 10, int(spoken[gap + 1]) * 10
    assert speech.resume_at_ms(sound.duration_ms - 200) == pytest.approx(begins_ms - 60, abs=40)
    assert speech.heard(ends_ms + 150) == "Siamo aperti da lunedì a sabato."
