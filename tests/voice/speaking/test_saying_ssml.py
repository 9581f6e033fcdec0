"""The SSML subset: parsed strictly, heard as silence, pace and loudness, left out of transcripts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from voice.audio import pcm_to_float
from voice.speaking import loudness
from voice.speaking.played import words_played
from voice.speaking.prompts import Speaker
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer
from voice.speaking.ssml import Break, Manner, MarkupError, Words, fault, parse, plain, written_out
from voice.speaking.synthesizer import Sound, Voice

ITALIAN = Voice("pyttsx3", "it")


@pytest_asyncio.fixture
async def speaker(tmp_path: Path) -> AsyncIterator[Speaker]:
    speaker = Speaker(tmp_path, {"pyttsx3": Pyttsx3Synthesizer()})
    yield speaker
    await speaker.close()


def test_the_tags_that_are_understood() -> None:
    text = 'Ecco: <prosody rate="slow" volume="loud">piano <break time="1.5s"/></prosody><break/>fine'
    slow = Manner(0.82, 3.0)
    assert parse(text) == (
        Words("Ecco: "), Words("piano ", slow), Break(1500), Break(400), Words("fine"))  # fmt: skip
    assert parse('<say-as interpret-as="digits">12</say-as>') == (Words("12", reading="digits"),)
    assert parse("meno di < 5 & più") == (Words("meno di < 5 & più"),)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<b>forte</b>", "<b> is not understood; a text may hold <break"),
        ("<speak>ciao</speak>", "is not understood"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]>", "is not understood"),
        ("<?xml version='1.0'?>", "is not understood"),
        ("<!-- nota -->", "is not understood"),
        ("a &amp; b", "entities are not read"),
        ("a &#x41; b", "entities are not read"),
        ('<break time="20s"/>', "at most 10s"),
        ('<break time="presto"/>', "time is written"),
        ('<break time="1s">', 'a break is written <break time="300ms"/>'),
        ("<break time=300ms/>", "is not understood"),
        ('<break time="1s" strength="x"/>', "there is no strength, only time"),
        ('<prosody rate="slow">piano', "<prosody> is not closed"),
        ("piano</prosody>", "closes nothing"),
        ('<prosody rate="slow"><say-as interpret-as="digits">1</prosody></say-as>', "closes nothing"),
        ('<prosody pitch="high">a</prosody>', "there is no pitch"),
        ('<prosody rate="900%">a</prosody>', "rate is x-slow"),
        ('<prosody volume="11">a</prosody>', "volume is x-soft"),
        ('<say-as interpret-as="money">1</say-as>', "interpret-as is digits"),
        ('<say-as interpret-as="digits"><break/></say-as>', "no tag may stand within"),
        ("<break", "is not understood"),
        ('<prosody rate="slow" rate="fast">a</prosody>', "stands there twice"),
    ],
)
def test_everything_else_is_told(text: str, why: str) -> None:
    assert why in fault(text)
    with pytest.raises(MarkupError):
        parse(text)


@given(st.text(alphabet='<>/="ab break prosody 12&;!?-', max_size=60))
def test_any_text_is_parsed_or_told(text: str) -> None:
    assert (fault(text) == "") == all(isinstance(part, Words | Break) for part in _parsed(text))
    plain(text)


def _parsed(text: str) -> tuple[object, ...]:
    try:
        return parse(text)
    except MarkupError as error:
        return (error,)


def test_transcripts_hold_no_tags() -> None:
    text = 'Il numero <break time="300ms"/> è <say-as interpret-as="digits">12</say-as>.'
    assert plain(text) == "Il numero è 12."
    assert words_played(text, [(text, 1.0)]) == "Il numero è 12."
    assert words_played(text, [(text, 0.45)]) == "Il numero"


def test_values_within_tags_are_written_out() -> None:
    text = '<prosody rate="slow">Ordine <say-as interpret-as="telephone">471 290</say-as></prosody>, € 5'
    written = written_out(text, "it")
    assert plain(written) == "Ordine quattro sette uno, due nove zero, cinque euro"
    assert written_out(written, "it") == written
    assert next(part.manner.rate for part in parse(written) if isinstance(part, Words)) == 0.82


def spoken_ms(sound: Sound) -> int:
    return int(loudness.spoken_frames(pcm_to_float(sound.pcm), sound.rate_hz).sum()) * 10


def longest_silence_ms(sound: Sound) -> int:
    spoken = np.flatnonzero(loudness.spoken_frames(pcm_to_float(sound.pcm), sound.rate_hz, 45))
    return int(np.diff(spoken).max()) * 10


def level_db(sound: Sound) -> float:
    samples = pcm_to_float(sound.pcm)
    frames = np.repeat(loudness.spoken_frames(samples, sound.rate_hz, 30), sound.rate_hz // 100)
    return float(20 * np.log10(np.sqrt(np.mean(samples[: len(frames)][frames] ** 2))))


async def test_a_break_is_silence(speaker: Speaker) -> None:
    without = await speaker.speak("Un momento ecco il libro", ITALIAN)
    silent = await speaker.speak('Un momento <break time="900ms"/> ecco il libro', ITALIAN)
    assert 900 <= longest_silence_ms(silent) < 1150
    assert longest_silence_ms(without) < 300


async def test_slow_takes_longer_and_loud_is_louder(speaker: Speaker) -> None:
    usual = await speaker.speak("Il suo ordine è stato spedito oggi.", ITALIAN)
    slow = await speaker.speak('<prosody rate="x-slow">Il suo ordine è stato spedito oggi.</prosody>', ITALIAN)
    soft = await speaker.speak('<prosody volume="x-soft">Il suo ordine è stato spedito oggi.</prosody>', ITALIAN)
    assert spoken_ms(slow) > 1.3 * spoken_ms(usual)
    assert level_db(usual) - level_db(soft) == pytest.approx(10, abs=1.5)


async def test_one_sound_for_one_wording(speaker: Speaker) -> None:
    await speaker.speak("Costa € 5.", ITALIAN)
    assert speaker.cached("Costa cinque euro.", ITALIAN)
    assert not speaker.cached("Costa sei euro.", ITALIAN)


async def test_wrong_tags_are_left_out_of_the_sound(speaker: Speaker) -> None:
    await speaker.speak("Il <b>suo</b> ordine &amp; il libro", ITALIAN)
    assert speaker.cached("Il suo ordine  amp; il libro", ITALIAN)
