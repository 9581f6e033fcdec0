"""Prompts whose sentences arrive while they are played, on a clock that runs as fast as the test."""

from __future__ import annotations

import asyncio

import pytest

from dialogs.events import Say
from telephony.media import Clear, Mark, SoundOut
from telephony.prompts import PlaybackIdle, Prompt, PromptStarted
from telephony.record import played_turn
from tests.telephony.test_playback import LEAD_MS, RATE_HZ, FarEnd, played, prompt, voice_of
from voice.speaking.phrases import Phrase
from voice.speaking.speech import Speech

PAUSE_MS = 250


def on_its_way(*sentences: str, decided_ms: int = 0) -> Prompt:
    """Nothing of it is there."""
    phrases = [Phrase(text, pause_ms=PAUSE_MS if number else 0) for number, text in enumerate(sentences)]
    text = " ".join(sentences)
    return Prompt(Say(text, "it"), Speech(text, phrases, RATE_HZ), decided_ms)


def arrives(at: Prompt, ms: int = 1_000) -> None:
    """Its next sentence."""
    phrase = at.speech.missing
    assert phrase is not None
    at.speech.add(voice_of(phrase.text, ms))


def test_it_begins_with_its_first_sentence_and_goes_on_without_a_gap() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        answer = on_its_way("a.", "b.")
        phone.playback.enqueue(answer)
        await phone.until(300)
        assert (phone.sent, phone.playback.busy, phone.playback.current) == ([], True, None)
        assert phone.playback.foremost is answer
        arrives(answer)
        await phone.until(1_000)
        arrives(answer)
        await phone.until(5_000)
        assert phone.sound() == voice_of("a", 1_000) + bytes(RATE_HZ // 2) + voice_of("b", 1_000)
        assert phone.commands() == [Mark("p1")]
        (ended,) = phone.ended()
        assert (ended.started_ms, ended.ended_ms, ended.complete) == (300, 300 + 2_250, True)
        assert ended.dead_air_ms == 300
        assert phone.events[0] == PromptStarted(answer, 300)
        await phone.hang_up()

    played(scenario())


def test_silence_beyond_the_pause_is_dead_air_and_is_counted() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        answer = on_its_way("a.", "b.", "c.")
        phone.playback.enqueue(answer)
        arrives(answer)
        await phone.until(1_700)  # the pause was over at 1250
        assert phone.playback.played_ms == 1_240  # frames are whole: the last 10 ms of the pause wait for the sentence
        arrives(answer)
        await phone.until(2_000)
        arrives(answer)
        await phone.until(9_000)
        (ended,) = phone.ended()
        assert ended.dead_air_ms == 1_700 - 1_240
        assert (ended.duration_ms, ended.ended_ms) == (3_500, 3_500 + 460)
        assert played_turn(ended)["dead_air_ms"] == 460
        assert "interrupted" in played_turn(ended)
        await phone.hang_up()

    played(scenario())


def test_barge_in_before_the_end_is_known_tells_the_words_that_were_heard() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        answer = on_its_way("Uno due.", "Tre quattro.", "Cinque sei.")
        phone.playback.enqueue(answer)
        arrives(answer)
        arrives(answer)
        await phone.until(1_900)
        phone.playback.stop()
        assert answer.speech.unwanted
        await phone.until(1_901)
        (ended,) = phone.ended()
        assert (ended.played_ms, ended.complete) == (1_900, False)
        turn = played_turn(ended)
        assert (turn["text"], turn["interrupted"]) == ("Uno due. Tre", True)
        assert phone.sent[-1].command == Clear()
        await phone.hang_up()

    played(scenario())


def test_a_pause_while_the_next_sentence_is_awaited_goes_on_with_that_sentence() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        answer = on_its_way("a.", "b.")
        phone.playback.enqueue(answer)
        arrives(answer)
        await phone.until(1_500)
        phone.playback.pause()
        await phone.until(2_000)
        arrives(answer)
        await phone.until(2_500)
        assert phone.sent[-1].command == Clear()
        phone.playback.resume(answer.speech.resume_at_ms(phone.playback.played_ms))
        await phone.until(9_000)
        (ended,) = phone.ended()
        assert ended.complete
        assert ended.ended_ms == 2_500 + 2_250 - 1_210
        assert phone.sound().count(voice_of("b", 1_000)) == 1
        await phone.hang_up()

    played(scenario())


def test_a_prompt_that_fails_in_the_middle_is_played_as_far_as_it_came() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        answer, sorry = on_its_way("Uno due.", "Tre."), prompt("sorry", 500)
        phone.playback.enqueue(answer)
        arrives(answer)
        await phone.until(600)
        answer.speech.fail("the engine died")
        phone.playback.enqueue(sorry)
        await phone.until(9_000)
        broken, after = phone.ended()
        assert (broken.complete, broken.played_ms) == (False, 1_250)
        turn = played_turn(broken)
        assert (turn["text"], turn["interrupted"]) == ("Uno due.", False)
        assert (after.prompt, after.started_ms, after.complete) == (sorry, 1_250, True)
        assert Clear() not in phone.commands()
        await phone.hang_up()

    played(scenario())


def test_a_prompt_that_fails_before_its_first_sound_leaves_the_line_idle() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        answer = on_its_way("a.")
        phone.playback.enqueue(answer)
        await phone.until(100)
        answer.speech.fail("the engine died")
        await phone.until(101)
        assert phone.events == [PlaybackIdle(100)]
        assert not phone.playback.busy
        await phone.hang_up()

    played(scenario())


@pytest.mark.parametrize("arrives_ms", [700, 1_600])
def test_the_prompt_behind_follows_when_its_sound_is_there(arrives_ms: int) -> None:
    async def scenario() -> None:
        phone = FarEnd()
        behind = on_its_way("b.", decided_ms=100)
        phone.playback.enqueue(prompt("a", 1_000))
        phone.playback.enqueue(behind)
        await phone.until(arrives_ms)
        arrives(behind)
        await phone.until(9_000)
        first, second = phone.ended()
        assert (first.ended_ms, first.complete) == (1_000, True)
        assert second.started_ms == max(1_000, arrives_ms)
        assert second.dead_air_ms == max(0, arrives_ms - 1_000)
        await phone.hang_up()

    played(scenario())


def test_a_prompt_can_be_put_before_the_one_that_is_awaited() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        answer = on_its_way("b.")
        phone.playback.enqueue(answer)
        phone.playback.enqueue(prompt("c", 300))
        await phone.until(500)
        phone.playback.enqueue_first(prompt("a", 300))
        await phone.until(600)
        arrives(answer, 300)
        await phone.until(9_000)
        assert [ended.prompt.say.text for ended in phone.ended()] == ["a", "b.", "c"]
        assert [ended.started_ms for ended in phone.ended()] == [500, 800, 1_100]
        await phone.hang_up()

    played(scenario())


def test_what_was_awaited_at_barge_in_is_not_wanted_any_more() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        answer = on_its_way("a.")
        phone.playback.enqueue(answer)
        await phone.until(300)
        phone.playback.stop()
        arrives(answer)
        await phone.until(2_000)
        assert answer.speech.unwanted
        assert phone.sent == []
        assert phone.events == [PlaybackIdle(300)]
        await phone.hang_up()

    played(scenario())


def test_sound_is_sent_ahead_of_the_clock_again_after_a_gap_but_never_more_than_the_lead() -> None:
    async def scenario() -> None:
        phone = FarEnd()
        answer = on_its_way("a.", "b.")
        phone.playback.enqueue(answer)
        arrives(answer)
        await phone.until(2_000)
        arrives(answer, 2_000)
        await phone.until(2_001)
        sent_ms = (
            sum(len(each.command.pcm) for each in phone.sent if isinstance(each.command, SoundOut)) * 500 // RATE_HZ
        )
        assert sent_ms - 1_240 <= LEAD_MS + 20
        await asyncio.sleep(3)
        assert phone.ended()[0].complete
        await phone.hang_up()

    played(scenario())
