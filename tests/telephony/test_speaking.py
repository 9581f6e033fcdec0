"""What is said while its sentences are still being made, on a clock that runs as fast as the test."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from dialogs.events import Say
from dialogs.loading import read_flowbook
from telephony.prompts import PromptEnded
from telephony.record import played_turn
from telephony.speaking import AHEAD_MS, FILLER_KEY, FILLER_MS, SYNTHESIS_S, Speaking, fillers
from tests.telephony.conftest import FLOWBOOK
from tests.telephony.test_playback import RATE_HZ, FarEnd, played, voice_of
from voice.speaking.phrases import PAUSE_MS, Phrase, phrases
from voice.speaking.prompts import Speaker
from voice.speaking.speech import Speech
from voice.speaking.synthesizer import SynthesisFailed, Voice

FILLER = Say("Un momento.", "it", FILLER_KEY)


class Scripted:
    """A speaker without an engine. takes_ms: for each sentence that is not in memory; None: it cannot be spoken.

    Every sentence lasts `lasts_ms`. asked: when which one was asked for.
    """

    def __init__(self, phone: FarEnd, takes_ms: dict[str, int | None], lasts_ms: int = 1_000) -> None:
        self._phone, self._takes_ms, self._lasts_ms = phone, takes_ms, lasts_ms
        self.asked: list[tuple[str, int]] = []

    def begin(self, text: str, voice: Voice, rate_hz: int) -> Speech:
        if voice.language == "xx":
            raise SynthesisFailed("no voice speaks 'xx'")
        speech = Speech(text, phrases(text, "it"), rate_hz)
        while speech.missing and speech.missing.text not in self._takes_ms:
            speech.add(voice_of(speech.missing.text, self._lasts_ms))
        return speech

    async def sound(self, phrase: Phrase, voice: Voice, rate_hz: int, keep: bool = True) -> bytes:
        self.asked.append((phrase.text, self._phone.now_ms()))
        takes_ms = self._takes_ms.get(phrase.text, 0)
        if takes_ms is None:
            raise SynthesisFailed(f"the engine died at {phrase.text!r}")
        if takes_ms < 0:
            raise ZeroDivisionError("a defect of the engine")
        await asyncio.sleep(takes_ms / 1000)
        return voice_of(phrase.text, self._lasts_ms)

    def cached(self, text: str, voice: Voice) -> bool:
        return all(phrase.text not in self._takes_ms for phrase in phrases(text, "it"))

    def default_voice(self, language: str) -> Voice:
        return Voice("pyttsx3", language)


class Bot:
    """A phone, and the speaking that it hears."""

    def __init__(self, filler: bool = False, lasts_ms: int = 1_000, **takes_ms: int | None) -> None:
        self.phone = FarEnd()
        self.speaker = Scripted(self.phone, {f"{name}.": ms for name, ms in takes_ms.items()}, lasts_ms)
        self.failures: list[str] = []
        self.speaking = Speaking(
            cast(Speaker, self.speaker),
            self.phone.playback,
            RATE_HZ,
            Voice("pyttsx3", "it"),
            self.phone.now_ms,
            self.failures.append,
            {"it": FILLER} if filler else {},
        )
        self._running = asyncio.create_task(self.speaking.run())

    def say(self, text: str, language: str = "it") -> None:
        self.speaking.say(Say(text, language), self.phone.now_ms())

    async def hang_up(self) -> None:
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        await self.phone.hang_up()

    def heard(self) -> list[tuple[str, int]]:
        """The words of each prompt, and when it began."""
        return [(str(played_turn(ended)["text"]), ended.started_ms) for ended in self.phone.ended()]

    @property
    def last(self) -> PromptEnded:
        return self.phone.ended()[-1]


def test_what_is_in_memory_is_heard_at_once() -> None:
    async def scenario() -> None:
        bot = Bot()
        bot.say("Uno. Due.")
        await asyncio.sleep(0)
        await bot.phone.until(1)
        assert bot.phone.sent[0].at_ms == 0
        assert bot.speaker.asked == []
        await bot.hang_up()

    played(scenario())


def test_a_sentence_is_made_while_the_one_before_plays() -> None:
    async def scenario() -> None:
        bot = Bot(Due=900, Tre=900)
        bot.say("Uno. Due. Tre.")
        await bot.phone.until(9_000)
        assert bot.heard() == [("Uno. Due. Tre.", 0)]
        assert bot.speaker.asked == [("Due.", 0), ("Tre.", 900)]
        assert (bot.last.dead_air_ms, bot.last.duration_ms) == (0, 3_000 + 2 * PAUSE_MS)
        await bot.hang_up()

    played(scenario())


def test_no_more_is_made_ahead_than_is_likely_to_be_heard() -> None:
    async def scenario() -> None:
        names = [f"Frase {letter}." for letter in "abcdef"]
        bot = Bot(lasts_ms=4_000, **dict.fromkeys((name[:-1] for name in names), 10))
        bot.say(" ".join(names))
        await bot.phone.until(500)
        assert [name for name, _ in bot.speaker.asked] == names[:2]  # 8.5 s of sound
        await bot.phone.until(8_500 - AHEAD_MS + 500)
        assert [name for name, _ in bot.speaker.asked] == names[:3]
        bot.phone.playback.stop()
        await bot.phone.until(60_000)
        assert len(bot.speaker.asked) == 3
        await bot.hang_up()

    played(scenario())


def test_sentences_are_made_in_the_order_in_which_they_are_heard() -> None:
    async def scenario() -> None:
        bot = Bot(Uno=500, Due=500, Quattro=500)
        bot.say("Uno. Due.")
        bot.say("Quattro.")
        bot.say("Cinque.")
        await bot.phone.until(20_000)
        assert [name for name, _ in bot.speaker.asked] == ["Uno.", "Due.", "Quattro."]
        assert [text for text, _ in bot.heard()] == ["Uno. Due.", "Quattro.", "Cinque."]
        await bot.hang_up()

    played(scenario())


def test_what_nobody_waits_for_any_more_does_not_hold_up_what_is_said_now() -> None:
    async def scenario() -> None:
        bot = Bot(Lenta=7_000, Nuova=200)
        bot.say("Lenta.")
        await bot.phone.until(1_000)
        bot.phone.playback.stop()
        bot.say("Nuova.")
        await bot.phone.until(5_000)
        assert bot.heard() == [("Nuova.", 1_200)]
        assert bot.failures == []
        await bot.hang_up()

    played(scenario())


@pytest.mark.parametrize("takes_ms", [None, -1, round(SYNTHESIS_S * 1000) + 3_000])
def test_a_failure_in_the_second_sentence_is_told_and_the_first_is_heard(takes_ms: int | None) -> None:
    async def scenario() -> None:
        bot = Bot(Due=takes_ms)
        bot.say("Uno. Due.")
        await bot.phone.until(500)
        bot.say("Tre.")
        await bot.phone.until(30_000)
        assert len(bot.failures) == 1
        assert [text for text, _ in bot.heard()] == ["Uno.", "Tre."]
        first = bot.phone.ended()[0]
        assert (first.complete, played_turn(first)["interrupted"]) == (False, False)
        await bot.hang_up()

    played(scenario())


def test_a_late_sentence_may_take_as_long_as_something_still_plays() -> None:
    async def scenario() -> None:
        bot = Bot(lasts_ms=5_000, Due=round(SYNTHESIS_S * 1000) + 3_000)
        bot.say("Uno. Due.")
        await bot.phone.until(60_000)
        assert bot.failures == []
        assert bot.last.complete
        assert bot.last.dead_air_ms == pytest.approx(SYNTHESIS_S * 1000 + 3_000 - 5_000 - PAUSE_MS, abs=30)
        await bot.hang_up()

    played(scenario())


def test_what_cannot_be_spoken_at_all_is_told() -> None:
    async def scenario() -> None:
        bot = Bot(Uno=None)
        bot.say("Ciao.", "xx")
        bot.say("Uno.")
        await bot.phone.until(1_000)
        assert bot.failures == ["no voice speaks 'xx'", "the engine died at 'Uno.'"]
        assert not bot.phone.playback.busy
        await bot.hang_up()

    played(scenario())


def test_a_filler_covers_a_slow_first_sentence_and_only_that() -> None:
    async def scenario() -> None:
        bot = Bot(filler=True, Lenta=2_500, Svelta=FILLER_MS - 100, Dopo=3_000)
        bot.say("Svelta.")
        await bot.phone.until(5_000)
        bot.say("Uno. Dopo.")
        await bot.phone.until(15_000)
        bot.say("Lenta.")
        await bot.phone.until(25_000)
        texts = [text for text, _ in bot.heard()]
        assert texts == ["Svelta.", "Uno. Dopo.", "Un momento.", "Lenta."]
        filler, slow = bot.heard()[2:]
        assert filler[1] == pytest.approx(15_000 + FILLER_MS, abs=60)
        assert slow[1] == 17_500
        assert bot.last.dead_air_ms == pytest.approx(2_500 - FILLER_MS - 1_000, abs=60)
        await bot.hang_up()

    played(scenario())


def test_the_filler_waits_until_the_line_is_silent() -> None:
    async def scenario() -> None:
        bot = Bot(filler=True, Lenta=4_000)
        bot.say("Uno.")
        bot.say("Lenta.")
        await bot.phone.until(20_000)
        assert [text for text, _ in bot.heard()] == ["Uno.", "Un momento.", "Lenta."]
        assert bot.heard()[1][1] == pytest.approx(1_000 + FILLER_MS, abs=60)
        await bot.hang_up()

    played(scenario())


def test_the_filler_is_the_flowbooks_text() -> None:
    book = read_flowbook(f"{FLOWBOOK}  one_moment: {{it: Un attimo.}}\n")
    assert fillers(book) == {"it": Say("Un attimo.", "it", "one_moment")}
    assert fillers(read_flowbook(FLOWBOOK)) == {}
