"""A caller speaks over a prompt: pause, then go on or give way."""

from __future__ import annotations

import asyncio

import pytest

from dialogs.events import Say
from telephony.interrupting import UNHEARD_MS, Interrupting
from telephony.media import Clear
from telephony.prompts import Prompt
from tests.telephony.test_playback import RATE_HZ, FarEnd, played, voice_of
from voice.speaking.barge_in import BargeIn
from voice.speaking.phrases import Phrase
from voice.speaking.speech import Speech


def two_sentences(interruptible: bool = True) -> Prompt:
    """One second each, 250 ms between."""
    speech = Speech("Uno. Due.", [Phrase("Uno."), Phrase("Due.", pause_ms=250)], RATE_HZ)
    for name in ("uno", "due"):
        speech.add(voice_of(name, 1_000))
    return Prompt(Say(speech.text, "it", interruptible=interruptible), speech, decided_ms=0)


async def speak(phone: FarEnd, from_ms: int, for_ms: int) -> Interrupting:
    interrupting = Interrupting(BargeIn(), phone.playback)
    await phone.until(from_ms)
    interrupting.voice(from_ms, from_ms)
    for now_ms in range(from_ms + 50, from_ms + for_ms, 50):
        await phone.until(now_ms)
        interrupting.clock(now_ms)
    await phone.until(from_ms + for_ms)
    interrupting.voice_stopped(from_ms + for_ms)
    return interrupting


def test_a_cough_costs_a_pause_and_the_sentence_is_said_again() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.enqueue(two_sentences())
        interrupting = await speak(phone, 1_800, 300)
        assert phone.sent[-1].command == Clear()
        assert phone.sent[-1].at_ms == 1_800
        assert not await interrupting.takes_the_turn("", meaning(True))
        interrupting.go_on()
        await phone.until(5_000)
        (ended,) = phone.ended()
        assert ended.complete
        assert ended.ended_ms == 2_100 + 2_250 - 1_210
        await phone.hang_up()

    played(scenario())


def test_a_prompts_beginning_is_paused_only_if_the_caller_goes_on_speaking() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.enqueue(two_sentences())
        await speak(phone, 100, 200)
        assert not phone.playback.paused
        await speak(phone, 350, 200)
        assert phone.playback.paused
        assert phone.playback.played_ms == 400
        await phone.hang_up()

    played(scenario())


def test_what_must_be_heard_is_never_paused_nor_stopped() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.enqueue(two_sentences(interruptible=False))
        interrupting = await speak(phone, 1_000, 500)
        assert not phone.playback.paused
        assert await interrupting.takes_the_turn("operatore", meaning(True))
        interrupting.give_way()
        await phone.until(4_000)
        assert phone.ended()[0].complete
        await phone.hang_up()

    played(scenario())


def test_a_prompt_goes_on_even_if_nobody_ever_tells_what_was_said() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.enqueue(two_sentences())
        interrupting = await speak(phone, 1_000, 200)
        interrupting.clock(1_200 + UNHEARD_MS - 50)
        assert phone.playback.paused
        interrupting.clock(1_200 + UNHEARD_MS)
        assert not phone.playback.paused
        await phone.hang_up()

    played(scenario())


@pytest.mark.parametrize(
    ("text", "means", "more_waits", "takes"),
    [
        ("", True, False, False),
        ("mhm", False, False, False),
        ("sì", True, True, False),
        ("sì", True, False, True),
        ("Orari", True, True, True),
        ("E", False, True, False),
        ("vorrei un libro", False, True, True),
        ("sì, operatore", False, True, True),
    ],
)
def test_what_takes_the_turn(text: str, means: bool, more_waits: bool, takes: bool) -> None:
    async def scenario() -> None:
        phone = FarEnd()
        phone.playback.enqueue(two_sentences())
        if more_waits:
            phone.playback.enqueue(two_sentences())
        interrupting = await speak(phone, 1_000, 200)
        assert await interrupting.takes_the_turn(text, meaning(means)) is takes
        await phone.hang_up()

    played(scenario())


def meaning(means: bool):  # type: ignore[no-untyped-def]
    async def answer(text: str) -> bool:
        await asyncio.sleep(0)
        return means

    return answer
