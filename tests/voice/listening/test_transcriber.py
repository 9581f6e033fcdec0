"""In which order a recognizer is asked, and what its answers become: a recognizer that only takes notes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from voice.listening.conditioning import Conditioner, Conditioning
from voice.listening.endpointing import Endpointing, TurnTracker
from voice.listening.heard import Heard, ListenerEvent, RecognizerRestarted
from voice.listening.recognizer import Recognition, RecognizerLost
from voice.listening.transcriber import Transcriber

pytestmark = pytest.mark.asyncio

RATE_HZ = 16_000
SECOND = b"\1\0" * RATE_HZ


class Notes:
    """settles: whether a look says that its words are the final ones. dies_in: the operation in which its worker dies
    once."""

    engine, rate_hz, streaming = "notes", RATE_HZ, True

    def __init__(self, settles: bool = True, dies_in: str = "") -> None:
        self.settles, self.dies_in = settles, dies_in
        self.asked: list[str] = []
        self.heard_bytes = 0

    def _note(self, operation: str, pcm: bytes = b"") -> None:
        self.asked.append(operation)
        self.heard_bytes += len(pcm)
        if operation == self.dies_in:
            self.dies_in = ""
            raise RecognizerLost("killed")

    async def accept(self, pcm: bytes) -> None:
        self._note("accept", pcm)

    async def partial(self) -> Recognition:
        return Recognition("", is_final=False)

    async def look(self, pcm: bytes = b"") -> Recognition:
        self._note("look", pcm)
        return Recognition(f"looked at {self.heard_bytes}", self.settles)

    async def final(self, pcm: bytes = b"") -> Recognition:
        self._note("final", pcm)
        return Recognition(f"ended at {self.heard_bytes}", is_final=True)

    async def expect(self, phrases: Sequence[str]) -> None:
        self._note("expect")

    async def close(self) -> None:
        self._note("close")


async def heard(recognizer: Notes, *, more: bytes = b"") -> list[ListenerEvent]:
    """A second of voice, a pause that is looked at, perhaps more voice, and the end of the turn."""
    told: list[ListenerEvent] = []
    turns = TurnTracker(Endpointing())

    async def looked(pause: int, said: Recognition) -> None:
        pass

    transcriber = Transcriber(recognizer, RATE_HZ, turns, told.append, looked, Conditioner(RATE_HZ, Conditioning()))
    turns.paused, turns.pauses = True, 1
    transcriber.sound(SECOND)
    transcriber.look(1)
    await transcriber.drain()
    if more:
        transcriber.sound(more)
    transcriber.end(0, 1_000, 1_000)
    await transcriber.drain()
    await transcriber.close()
    return told


def finals(told: Sequence[ListenerEvent]) -> list[str]:
    return [event.text for event in told if isinstance(event, Heard) and event.is_final]


async def test_words_looked_at_are_told_as_the_turn_ends_and_the_recognizer_begins_anew() -> None:
    recognizer = Notes()
    assert finals(await heard(recognizer)) == [f"looked at {len(SECOND)}"]
    assert recognizer.asked == ["look", "final", "close"]
    assert recognizer.heard_bytes == len(SECOND), "what is left in the filters is not decoded once more"


async def test_sound_after_the_look_is_heard_before_the_words_are_told() -> None:
    recognizer = Notes()
    assert finals(await heard(recognizer, more=SECOND)) == [f"ended at {2 * len(SECOND)}"]


async def test_a_look_whose_words_may_still_change_does_not_end_a_turn() -> None:
    assert finals(await heard(Notes(settles=False))) == [f"ended at {len(SECOND)}"]


async def test_a_worker_that_dies_once_the_words_were_told_costs_the_caller_nothing() -> None:
    recognizer = Notes(dies_in="final")
    told = await heard(recognizer)
    assert finals(told) == [f"looked at {len(SECOND)}"]
    (restarted,) = [event for event in told if isinstance(event, RecognizerRestarted)]
    assert not restarted.lost_speech
    assert recognizer.asked == ["look", "final", "final", "close"]


async def test_a_worker_that_dies_before_that_has_lost_them() -> None:
    told = await heard(Notes(settles=False, dies_in="final"))
    assert finals(told) == []
    (restarted,) = [event for event in told if isinstance(event, RecognizerRestarted)]
    assert restarted.lost_speech
