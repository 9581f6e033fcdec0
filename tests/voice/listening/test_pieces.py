"""Korean words with endings that no vocabulary has: a grammar holds their pieces."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from voice.listening.pieces import in_pieces
from voice.listening.workers import Recognizers

KNOWN = {"맞", "아요", "네", "아", "요", "그만", "하세요", "연결", "해주", "물론이", "죠", "operator"}


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("네", ("네",)),
        ("그만하세요", ("그만", "하세요")),
        ("연결해주하세요", ("연결", "해주", "하세요")),
        ("맞아요", ()),
        ("물론이죠", ()),
        ("쀍뒑", ()),
        ("operators", ()),
        ("", ()),
        ("아" * 5, ()),
    ],
)
def test_as_few_as_it_takes(word: str, pieces: tuple[str, ...]) -> None:
    assert in_pieces(word, KNOWN.__contains__) == pieces


@pytest.mark.asyncio(loop_scope="session")
async def test_vosk_hears_a_phrase_whose_word_it_does_not_have(
    recognizers: Recognizers, clip: Callable[..., object]
) -> None:
    recognizer = await recognizers.open("ko")
    await recognizer.expect(["영업시간", "위치", "그만하세요"])
    await recognizer.accept(clip("ko_hours").pcm)  # type: ignore[attr-defined]
    assert (await recognizer.final()).text.replace(" ", "") == "영업시간"
    asked = ["그만하세요", "맞아요", "쀍뒑", "libreria"]
    assert await recognizers.unknown("ko", asked) == ["맞아요", "쀍뒑", "libreria"]
    await recognizer.close()
