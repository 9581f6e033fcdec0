"""Another revision is published while somebody is on the phone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dialogs.loading import read_flowbook
from telephony.lines import Lines
from tests.telephony.conftest import FLOWBOOK, Engines, Exchange, Phone, served

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def said(exchange: Exchange, call_id: str) -> list[Any]:
    return [event.payload["text"] for event in await exchange.events(call_id)
            if event.type == "transcript" and event.payload["speaker"] == "bot"]  # fmt: skip


async def to_the_end(phone: Phone) -> str:
    """The caller presses the key that the bot asks for. Returns the call's id."""
    await phone.press("5")
    await phone.until_closed()
    return phone.call_id


async def test_a_call_keeps_the_revision_it_began_with_and_tells_its_number(engines: Engines, tmp_path: Path) -> None:
    before = replace(engines.line, revision_number=1)
    after = replace(before, book=read_flowbook(FLOWBOOK.replace("bye: {it: Ciao.}", "bye: {it: Scusi.}")),
                    revision_number=2)  # fmt: skip
    async with served(replace(engines, line=before), tmp_path) as exchange:
        first = await exchange.browser()
        await first.until_it_speaks()
        exchange.reception.take_up(Lines([after]))
        second = await exchange.browser()
        await second.until_it_speaks()
        calls = [await to_the_end(first), await to_the_end(second)]
        ended = [await exchange.ended(id=call) for call in calls]
        assert [detail.interaction.flowbook_revision for detail in ended] == [before.book.revision, after.book.revision]
        begun = [(await exchange.events(call))[0].payload["flowbook"] for call in calls]
        assert [flowbook["number"] for flowbook in begun] == [1, 2]
        assert [(await said(exchange, call))[-1] for call in calls] == ["Ciao.", "Scusi."]
