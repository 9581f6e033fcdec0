"""A clip that the console sends is heard as a call on the line would hear it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from centralino.demo import clips
from centralino.line_ears import ServedEars
from console.api.simulated_speech import RATE_HZ, CannotHear
from telephony.lines import Line
from tests.telephony.conftest import Engines
from voice.listening.hints import Hints

pytestmark = pytest.mark.asyncio(loop_scope="session")

SAID = clips()["it_orari"].at(RATE_HZ).pcm


async def test_words_are_recognised_and_corrected_as_on_the_line_of_the_flowbook(engines: Engines) -> None:
    elsewhere = replace(engines.line, book=engines.line.book.model_copy(update={"id": "altrove"}))
    ours = replace(engines.line, hints=Hints("it", ["libreria"]))
    lines: list[Line] = []
    ears = ServedEars(engines.recognizers, lambda: lines)
    usual = await ears.hear(SAID, "it", ours.book.id, ())
    assert "orari" in usual.text.lower()
    assert usual.confidence is None or 0 < usual.confidence <= 1
    lines += [elsewhere, ours]
    assert ears._line("it", ours.book.id) is ours
    assert ears._line("it", "nowhere") is elsewhere
    assert ears._line("en", ours.book.id) is None
    again = await ears.hear(SAID, "it", ours.book.id, ())
    assert "orari" in again.text.lower()


async def test_nothing_is_heard_in_silence_and_two_sentences_are_one_answer(engines: Engines) -> None:
    ears = ServedEars(engines.recognizers, lambda: [engines.line])
    assert (await ears.hear(bytes(2 * RATE_HZ), "it", "", ())).text == ""
    twice = await ears.hear(SAID + bytes(4 * RATE_HZ) + SAID, "it", "", ())
    assert twice.text.lower().count("orari") == 2
    with pytest.raises(CannotHear, match="no recognizer was started for the language 'ko'"):
        await ears.hear(SAID, "ko", "", ())
