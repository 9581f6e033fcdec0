"""Words decide who is served: topic chooses the queue, and a caller in a hurry goes before one who waits longer.

Calls, doors, sound, desk and consoles are real; the recognizer knows the callers' clips by their length.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import samples
from centralino.calling import Keys, Say, Script, WaitForQuiet, load_clip, place_call
from centralino.calling.script import ExpectHangUp
from dialogs.loading import read_flowbook
from tests.telephony.conftest import FLOWBOOK, Console, Engines, Exchange, served
from tests.telephony.scripted_hearing import recognizers_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

BOOK = FLOWBOOK.replace(
    "  aiuto: {max_wait: 60s}\n",
    "  aiuto: {max_wait: 120s, join_empty: true, leave_when_empty: false}\n"
    "  resi: {max_wait: 120s, join_empty: true, leave_when_empty: false}\n",
).replace("always:\n", "always:\n  sensed: {pass_on: [angry, urgent], raise_priority: 5, queues: {returns: resi}}\n")
CALLERS = Path(samples.__file__).parent / "bookshop/callers"
URGENT = load_clip(CALLERS / "it_si.wav", "è urgente, mi serve subito una persona")
RETURN = load_clip(CALLERS / "it_bargein.wav", "siete una vergogna, voglio fare un reso")


async def test_who_is_in_a_hurry_goes_first_and_a_topic_has_its_queue(engines: Engines, tmp_path: Path) -> None:
    book = read_flowbook(BOOK)
    await engines.speaker.prerender([(text, engines.line.voice) for text in book.spoken_texts("it")])
    ours = replace(engines, recognizers=recognizers_of([URGENT, RETURN]), line=replace(engines.line, book=book))
    async with served(ours, tmp_path) as exchange:

        async def calls(move: Keys | Say) -> None:
            script = Script((WaitForQuiet(), move, ExpectHangUp(60_000)))
            await place_call(exchange.url, door="browser", line="it", script=script)

        calling = [asyncio.create_task(calls(Keys("0")))]
        await until(lambda: exchange.desk.figures()["waiting"] == 1)
        calling += [asyncio.create_task(calls(Say(clip))) for clip in (URGENT, RETURN)]
        await until(lambda: exchange.desk.figures()["waiting"] == 3)

        aiuto, resi = exchange.desk.now().queues
        assert (aiuto.queue, aiuto.waiting, dict(aiuto.by_urgency)) == ("aiuto", 2, {"normal": 1, "high": 1})
        assert (resi.queue, resi.waiting) == ("resi", 1)
        assert exchange.reception.in_progress() == [("it", "queue")] * 3

        anna, bruno = await exchange.console("anna", "aiuto"), await exchange.console("bruno", "resi")
        served_by_bruno = await served_next(bruno)
        first, second = await served_next(anna), await served_next(anna)
        queued = [await queued_as(exchange, call) for call in (first, second, served_by_bruno)]
        assert queued == [("aiuto", "urgent", 5), ("aiuto", "flow", 0), ("resi", "angry", 5)]
        await asyncio.gather(*calling)


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not seen():
            await asyncio.sleep(0.02)


async def served_next(console: Console) -> str:
    """The call that this operator is offered now; taken, and hung up."""
    had = len(console.of("offer"))
    await console.send(type="available")
    await console.until(lambda console: len(console.of("offer")) > had)
    offer = console.of("offer")[-1]
    await console.send(type="accept", offer=offer["offer"])
    await console.until(lambda console: len(console.of("connected")) > had)
    await console.send(type="hangup")
    await console.until(lambda console: len(console.of("ended")) > had and console.states[-1] == "wrap_up")
    return str(offer["call_id"])


async def queued_as(exchange: Exchange, call_id: str) -> tuple[str, str, int]:
    events = [event.payload for event in await exchange.events(call_id)]
    [queued] = [payload for payload in events if payload.get("kind") == "Handoff"]
    return queued["queue"], queued["reason"], queued["priority"]
