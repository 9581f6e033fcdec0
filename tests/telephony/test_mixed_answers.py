"""Digits said and typed in one answer: a real call, a real voice, a real recognizer, real time."""

from __future__ import annotations

import asyncio
import time
import wave
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dialogs.loading import read_flowbook
from history import Entry, Journal, Timeline
from telephony.call import Call
from telephony.late_writing import LateWriting
from telephony.media import Command, HungUp, Pacing
from telephony.operators.desk import Desk
from telephony.parts import Parts
from tests.telephony.conftest import FLOWBOOK, Engines

pytestmark = pytest.mark.asyncio(loop_scope="session")

NUMBER = Path(__file__).parents[2] / "samples/bookshop/callers/it_numero.wav"
"""Quattro, sette, uno, due, nove, zero."""
RATE_HZ = 8000
FRAME_BYTES = RATE_HZ // 50 * 2


class Caller:
    """Somebody on the phone, who sends 20 ms of sound every 20 ms, and keys."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self._next_s = time.monotonic()

    async def send(self, pcm: bytes, keys: str = "") -> None:
        """Say it; keys: pressed meanwhile, one after the other from the beginning of the sound on."""
        frames = [pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm), FRAME_BYTES)]
        every = max(1, len(frames) // (len(keys) + 1))
        for number, frame in enumerate(frames, start=1):
            self.call.hear(frame)
            if number % every == 0 and keys:
                self.call.press(keys[0])
                keys = keys[1:]
            self._next_s += 0.02
            await asyncio.sleep(max(0.0, self._next_s - time.monotonic()))

    async def is_silent(self, ms: int, keys: str = "") -> None:
        await self.send(bytes(RATE_HZ // 1000 * 2 * ms), keys)


async def answered(engines: Engines, folder: Path, answer: Callable[[Caller], Awaitable[None]]) -> list[dict[str, Any]]:
    """What the dialog heard, then the number it kept, in a call whose caller is asked for six digits."""
    journal = await Journal.open(folder / "history.db", node="n1")
    desk = Desk(journal, lambda: int(time.monotonic() * 1000))
    line = replace(engines.line, book=read_flowbook(FLOWBOOK.replace("length: 1", "length: 6")))
    await journal.append("c1", [Entry("call.started", {"line": "it"})])

    async def nobody_listens(command: Command) -> None:
        await asyncio.sleep(0)

    parts = Parts(journal, LateWriting(journal), engines.recognizers, engines.speaker, desk)
    call = Call("c1", line, "", RATE_HZ, parts, nobody_listens, Pacing(confirms=False))
    running = asyncio.create_task(call.run())
    timeline = Timeline(journal.path)
    caller = Caller(call)
    try:
        await caller.is_silent(300)
        await answer(caller)
        for _ in range(100):
            events = await timeline.events("c1")
            kept = [event.payload for event in events if event.payload.get("topic") == "slot"]
            if kept:
                break
            await caller.is_silent(100)
        heard = [event.payload for event in events if event.payload.get("kind") in ("CallerSaid", "CallerTyped")]
        return [*heard, *kept]
    finally:
        call.hung_up(HungUp().reason)
        await running
        await timeline.close()
        await journal.close()


def number() -> bytes:
    with wave.open(str(NUMBER)) as file:
        return file.readframes(file.getnframes())


async def test_typed_digits_continue_the_spoken_ones(engines: Engines, tmp_path: Path) -> None:
    async def answer(caller: Caller) -> None:
        # Quattro, sette, uno, due.
        await caller.send(number()[: 1250 * RATE_HZ // 1000 * 2])
        await caller.is_silent(400)
        await caller.is_silent(400, keys="90")

    *heard, kept = await answered(engines, tmp_path, answer)
    assert [event["kind"] for event in heard] == ["CallerSaid", *["CallerTyped"] * 2]
    assert kept["values"]["value"] == "471290"


async def test_a_number_read_aloud_while_it_is_typed_counts_once(engines: Engines, tmp_path: Path) -> None:
    async def answer(caller: Caller) -> None:
        sound = number()
        await caller.send(sound[: 700 * RATE_HZ // 1000 * 2])
        await caller.send(sound[720 * RATE_HZ // 1000 * 2 : 2000 * RATE_HZ // 1000 * 2], keys="471290")
        await caller.is_silent(1200)

    *heard, kept = await answered(engines, tmp_path, answer)
    assert [event["kind"] for event in heard] == ["CallerTyped"] * 6
    assert kept["values"]["value"] == "471290"
