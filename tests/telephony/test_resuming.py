"""A call from a browser whose connection breaks goes on over another one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from dialogs.loading import read_flowbook
from telephony import resuming
from tests.telephony.conftest import FLOWBOOK, Engines, Exchange, Phone, served

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUESTION = "Prema un tasto qualunque quando vuole e se non ne ha voglia aspetti pure con calma."


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Exchange]:
    """Asks a question of some seconds."""
    book = read_flowbook(FLOWBOOK.replace("Un tasto?", QUESTION))
    line = replace(engines.line, book=book)
    await engines.speaker.prerender([(text, line.voice) for text in book.spoken_texts("it")])
    async with served(replace(engines, line=line), tmp_path_factory.mktemp("resuming")) as exchange:
        yield exchange


async def asking(house: Exchange) -> Phone:
    """A call in the middle of its question."""
    phone = await house.browser()
    await phone.until(lambda phone: phone.of("mark"))
    await phone.until_it_speaks()
    return phone


def broken(phone: Phone) -> None:
    phone.ws.transport.abort()


def token(phone: Phone) -> str:
    return next(str(frame["resume"]) for frame in phone.got if "resume" in frame)


async def back(house: Exchange, shown: str) -> Phone:
    phone = Phone(await connect(house.ws_url(f"/ws/browser?resume={shown}"), compression=None))
    await phone.until(lambda phone: phone.of("resumed"))
    return phone


def texts(phone: Phone) -> list[str]:
    return [str(turn["text"]) for turn in phone.of("transcript")]


async def refused(house: Exchange, shown: str) -> None:
    before = house.house.refused["browser"]
    with pytest.raises(InvalidStatus, match="403"):
        await connect(house.ws_url(f"/ws/browser?resume={shown}"), compression=None)
    assert house.house.refused["browser"] == before + 1


async def noted(house: Exchange, call_id: str) -> tuple[list[str], list[bool]]:
    """What the history has of the connection, and of the hold."""
    events = await house.events(call_id)
    statuses = [event.payload["status"] for event in events if event.type == "carrier.status"]
    return statuses, [event.payload["held"] for event in events if event.type == "call.held"]


async def test_it_is_the_same_call_and_the_question_is_asked_to_its_end(house: Exchange) -> None:
    phone = await asking(house)
    await phone.until(lambda phone: "Automatico." in texts(phone))
    broken(phone)
    again = await back(house, token(phone))
    await again.until(lambda again: texts(again) == ["Automatico.", QUESTION])  # what was said before is told again
    await again.press("5")
    assert await again.until_closed() == (1000, "bot_ended")
    detail = await house.ended(id=phone.call_id)
    assert [turn.text for turn in detail.transcript] == ["Automatico.", QUESTION, "Ciao."]
    assert not any(turn.interrupted for turn in detail.transcript)
    assert await noted(house, phone.call_id) == (["connection_lost", "connection_resumed"], [True, False])


async def test_a_token_works_once_and_the_next_connection_has_one_of_its_own(house: Exchange) -> None:
    phone = await asking(house)
    first = token(phone)
    broken(phone)
    second = await back(house, first)
    await refused(house, first)
    await refused(house, "made-up")
    assert token(second) != first
    broken(second)
    third = await back(house, token(second))
    await third.send(type="stop")
    await third.until_closed()
    assert (await house.ended(id=phone.call_id)).interaction.end_reason == "caller_hung_up"
    await refused(house, token(third))


async def test_who_comes_back_before_the_server_noticed_takes_the_old_connections_place(house: Exchange) -> None:
    phone = await asking(house)
    again = await back(house, token(phone))
    assert await phone.until_closed() == (resuming.REPLACED, "replaced")
    await again.until_it_speaks()
    await again.press("5")
    assert await again.until_closed() == (1000, "bot_ended")
    assert await noted(house, phone.call_id) == (["connection_replaced", "connection_resumed"], [True, False])


async def test_who_does_not_come_back_has_lost_the_call(house: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resuming, "RESUME_S", 0.3)
    phone = await asking(house)
    broken(phone)
    detail = await house.ended(id=phone.call_id)
    assert detail.interaction.end_reason == "connection_lost"
    assert await noted(house, phone.call_id) == (["connection_lost"], [True])
    await refused(house, token(phone))


async def hang_up(house: Exchange, shown: str) -> int:
    async with httpx.AsyncClient(base_url=house.url) as client:
        return (await client.post("/api/browser-calls/hang-up", content=shown)).status_code


async def test_who_hangs_up_without_a_connection_ends_the_call_at_once_and_only_once(house: Exchange) -> None:
    phone = await asking(house)
    broken(phone)
    async with asyncio.timeout(10):  # the call would wait for 15 s
        while "connection_lost" not in (await noted(house, phone.call_id))[0]:
            await asyncio.sleep(0.02)
        assert await hang_up(house, "made-up") == 403
        assert await hang_up(house, "x" * 1000) == 403
        assert await hang_up(house, token(phone)) == 204
        assert (await house.ended(id=phone.call_id)).interaction.end_reason == "caller_hung_up"
    assert await hang_up(house, token(phone)) == 403
    await refused(house, token(phone))


async def test_who_hangs_up_before_the_server_noticed_that_the_connection_is_gone(house: Exchange) -> None:
    phone = await asking(house)
    assert await hang_up(house, token(phone)) == 204
    assert (await house.ended(id=phone.call_id)).interaction.end_reason == "caller_hung_up"
    await phone.until_closed()


async def test_who_leaves_the_page_has_hung_up(house: Exchange) -> None:
    phone = await asking(house)
    await phone.ws.close(1001)
    assert (await house.ended(id=phone.call_id)).interaction.end_reason == "caller_hung_up"
