"""Operators are asked while the bot still says that it passes the caller on, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from dialogs.loading import read_flowbook
from telephony.ear import Ear
from tests.telephony.conftest import FLOWBOOK, Engines, Exchange, served

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG = "Le passo volentieri una persona. " + "Resti in linea, per cortesia, mentre cerco chi può risponderle. " * 8
BOOK = (
    FLOWBOOK.replace("then: [{handoff: aiuto}]", "then: [{say: passing_on}, {handoff: aiuto}]")
    .replace("repair:", "grammars: {it: [orari]}\nrepair:")
    .replace("texts:", f'texts:\n  passing_on: {{it: "{LONG.strip()}"}}')
)


@pytest_asyncio.fixture(loop_scope="session")
async def exchange(engines: Engines, tmp_path: Path) -> AsyncIterator[Exchange]:
    line = replace(engines.line, book=read_flowbook(BOOK))
    await engines.speaker.prerender([(text, line.voice) for text in line.book.spoken_texts("it")])
    async with served(replace(engines, line=line), tmp_path) as exchange:
        yield exchange


async def test_the_offer_comes_while_the_bot_speaks_and_who_accepts_ends_that(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected: list[tuple[str, ...]] = []
    expect = Ear.expect
    monkeypatch.setattr(Ear, "expect", lambda ear, phrases: (expected.append(phrases), expect(ear, phrases)))
    first = await exchange.console("anna", "aiuto")
    await first.send(type="available")
    phone = await exchange.browser()
    await phone.until_it_speaks()
    await phone.press("0")
    await first.until(lambda console: console.of("offer"))
    await phone.until(lambda phone: [one for one in phone.of("transcript") if one["text"] == "Un tasto?"])
    heard = len(phone.sound)
    await phone.until(lambda phone: len(phone.sound) > heard + 2 * 32_000)  # some of its words
    console = await exchange.console("anna", "aiuto")  # who comes back is told all of it again
    await console.until(lambda console: console.of("offer"))
    (offer,) = console.of("offer")
    said = offer["transcript"][-1]
    assert (said["speaker"], said["text"], said["is_final"]) == ("bot", LONG.strip(), False)
    assert any(expected)  # a grammar, of what the caller was asked
    await console.send(type="accept", offer=offer["offer"])
    await console.until(lambda console: console.of("connected"))
    async with asyncio.timeout(20):
        while expected[-1]:
            await asyncio.sleep(0.02)  # until free speech is heard, as it is a person that they speak to
    await console.until(lambda console: [one for one in console.of("transcript") if one["at_ms"] == said["at_ms"]])
    await phone.send(type="stop")
    await console.until(lambda console: console.of("ended"))
    await exchange.ended(id=phone.call_id)
    log = await exchange.events(phone.call_id)
    (cut,) = [event for event in log if event.type == "transcript" and event.payload.get("key") == "passing_on"]
    assert cut.payload["interrupted"]
    queued, accepted = (next(e.seq for e in log if e.type == kind) for kind in ("handoff.queued", "offer.accepted"))
    assert queued < accepted < cut.seq
