"""Who is asked for a caller: who has the skills that they need, who talked to them before. Over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from dialogs.contact import Contact
from dialogs.loading import read_flowbook
from tests.telephony.conftest import FLOWBOOK, Console, Engines, Exchange, served

pytestmark = pytest.mark.asyncio(loop_scope="session")

BOOK = FLOWBOOK.replace("then: [{handoff: aiuto}]", "then: [{handoff: aiuto, skills: [tedesco]}]")


@pytest_asyncio.fixture(loop_scope="session")
async def exchange(engines: Engines, tmp_path: Path) -> AsyncIterator[Exchange]:
    assert BOOK != FLOWBOOK
    async with served(replace(engines, line=replace(engines.line, book=read_flowbook(BOOK))), tmp_path) as exchange:
        yield exchange


async def available(exchange: Exchange, name: str, *skills: str) -> Console:
    console = await exchange.console(name, "aiuto", skills=skills)
    await console.send(type="available")
    await console.until(lambda console: [one for one in console.of("state") if one["state"] == "available"])
    return console


async def test_who_has_the_skill_is_asked_and_the_others_when_they_leave(exchange: Exchange) -> None:
    idle, able = await available(exchange, "idle"), await available(exchange, "able", "tedesco")
    phone = await exchange.browser()
    await phone.until_it_speaks()
    await phone.press("0")
    await able.until(lambda console: console.of("offer"))
    offer = able.of("offer")[-1]
    assert offer["skills"] == ["tedesco"]
    assert not idle.of("offer")
    await able.send(type="decline", offer=offer["offer"])
    await idle.until(lambda console: console.of("offer"))
    await phone.send(type="stop")
    await exchange.ended(id=phone.call_id)
    offered = [
        event.payload["operator"] for event in await exchange.events(phone.call_id) if event.type == "offer.made"
    ]
    assert offered == ["able", "idle"]


async def test_who_talked_to_a_caller_some_days_ago_is_asked_first(engines: Engines, tmp_path: Path) -> None:
    async def known(number: str) -> Contact:
        return Contact(known=True, operator="before")

    async with served(engines, tmp_path, contacts=known) as exchange:
        idle, before = await available(exchange, "idle"), await available(exchange, "before")
        phone = await exchange.browser()
        await phone.until_it_speaks()
        await phone.press("0")
        await before.until(lambda console: console.of("offer"))
        assert not idle.of("offer")
        await phone.send(type="stop")
        await exchange.ended(id=phone.call_id)
