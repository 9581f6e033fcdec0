"""Phrase grammars, and speech that is none of their phrases, with real Vosk."""

from __future__ import annotations

import pytest

from voice.audio import resample
from voice.listening.recognizer import Word
from voice.listening.second_look import doubtful, is_outside
from voice.listening.workers import Recognizers

PHRASES = ["영업 시간", "위치", "네", "아니요", "넷", "사", "이", "공"]


def said(*words: tuple[str, float]) -> list[Word]:
    return [Word(text, place * 300, place * 300 + 300, sure) for place, (text, sure) in enumerate(words)]


@pytest.mark.parametrize(
    ("words", "doubted"),
    [
        (said(("영업", 1.0), ("시간", 0.8)), False),
        (said(("영업", 0.6), ("시간", 0.7)), True),
        (said(("사", 1.0), ("이", 0.95), ("공", 1.0)), False),
        (said(("사", 1.0), ("이", 0.55), ("공", 1.0)), True),
        (said(("사", 1.0), ("시간", 1.0)), True),
        (said(("위치", 1.0), ("<UNK>", 1.0)), True),
        ([], False),
    ],
)
def test_only_what_is_not_clearly_a_phrase_is_doubted(words: list[Word], doubted: bool) -> None:
    assert doubtful(words, PHRASES) is doubted


def test_how_much_better_free_speech_is_counts_by_the_second() -> None:
    assert is_outside(free_score=148, grammar_score=44, sound_s=3.0)
    assert not is_outside(free_score=35, grammar_score=28, sound_s=1.0)


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("name", ["ko_refund", "ko_thanks", "it_orari", "it_reso", "en_open"])
async def test_a_sentence_outside_the_grammar_is_not_forced_into_it(recognizers: Recognizers, clip, name: str) -> None:  # type: ignore[no-untyped-def]
    recognizer = await recognizers.open("ko")
    await recognizer.expect(PHRASES)
    spoken = clip(name)
    await recognizer.accept(resample(spoken.pcm, spoken.rate_hz, 16000))
    heard = set((await recognizer.final()).text.split())
    assert not heard <= {word for phrase in PHRASES for word in phrase.split()}
    await recognizer.close()


@pytest.mark.asyncio(loop_scope="session")
async def test_phrases_and_other_speech_in_turn(recognizers: Recognizers, clip) -> None:  # type: ignore[no-untyped-def]
    """The decoders of both looks serve utterance after utterance."""
    recognizer = await recognizers.open("ko")
    await recognizer.expect(PHRASES)
    for _ in range(2):
        await recognizer.accept(clip("ko_hours").pcm)
        hours = await recognizer.final()
        assert (hours.text, len(hours.words)) == ("영업 시간", 2)
        assert all(0 <= word.start_ms < word.end_ms <= 1700 for word in hours.words)
        await recognizer.accept(resample(clip("it_reso").pcm, 8000, 16000))
        assert (await recognizer.final()).text not in ("", *PHRASES)
        await recognizer.accept(clip("ko_location").pcm)
        assert (await recognizer.final()).text == "위치"
    await recognizer.close()
