"""Who is asked for a caller who needs somebody with a skill, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from dialogs.loading import read_flowbook
from tests.telephony.conftest import FLOWBOOK, Engines, Exchange, served

pytestmark = pytest.mark.asyncio(loop_scope="session")

BOOK = FLOWBOOK.replace("then: [{handoff: aiuto}]", "then: [{handoff: aiuto, skills: [tedesco]}]")


@pytest_asyncio.fixture(loop_scope="session")
async def exchange(engines: Engines, tmp_path: Path) -> AsyncIterator[Exchange]:
    assert BOOK != FLOWBOOK
    async with served(replace(engines, line=replace(engines.line, book=read_flowbook(BOOK))), tmp_path) as exchange:
        yield exchange


async def test_who_has_the_skill_is_asked_and_the_others_when_they_leave(exchange: Exchange) -> None:
    idle = await exchange.console("idle", "aiuto")
    await idle.send(type="available")
    await idle.until(lambda console: [one for one in console.of("state") if one["state"] == "available"])
    able = await exchange.console("able", "aiuto", skills=["tedesco"])
    await able.send(type="available")
    await able.until(lambda console: [one for one in console.of("state") if one["state"] == "available"])
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
