"""Blind transfers and conferences: whatever comes of them, the caller is with somebody or is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from centralino.calling.rung.answering import ANSWERS, BUSY, DECLINED
from centralino.calling.rung.sip_phone import SipPhone
from dialogs.loading import read_flowbook
from history import InteractionDetail
from telephony.control.transfers import TransferSettings
from telephony.doors.sip import SipSettings
from telephony.sip.port import SipPort
from tests.telephony.conftest import FLOWBOOK, Console, Engines, Exchange, Phone, served
from tests.telephony.control.test_phone_operators import TONE, until
from tests.telephony.sip.conftest import LOOPBACK

pytestmark = pytest.mark.asyncio(loop_scope="session")

BOOK = (
    FLOWBOOK.replace("flows:\n", "handback:\n  welcome: {title: {it: Il tasto}, returns: true}\nflows:\n")
    .replace(
        '    - if: tasto == "0"',
        '    - if: tasto == "7"\n      then: [{say: bye}, {handoff: aiuto, to: magazzino}]\n'
        '    - if: tasto == "8"\n      then: [{handoff: aiuto, to: nessuno}]\n    - if: tasto == "0"',
    )
    .replace("  queue_place:", "  not_put_through: {it: Non rispondono.}\n  queue_place:")
)
SIP: dict[str, Any] = {"port": 0, "trusted": [LOOPBACK], "first_rtp_port": 23_000, "last_rtp_port": 23_399}


class House:
    """A small exchange that can ring one phone outside."""

    def __init__(self, exchange: Exchange, outside: SipPhone) -> None:
        self.exchange, self.outside = exchange, outside

    async def caller(self, key: str) -> Phone:
        caller = await self.exchange.browser()
        await caller.until_it_speaks()
        await caller.press(key)
        return caller

    async def of(self, call_id: str, prefix: str = "transfer.") -> list[tuple[str, str]]:
        events = await self.exchange.events(call_id)
        return [(one.type, str(one.payload.get("reason", ""))) for one in events if one.type.startswith(prefix)]

    async def ended(self, caller: Phone) -> InteractionDetail:
        return await self.exchange.ended(id=caller.call_id)


@contextlib.asynccontextmanager
async def house(engines: Engines, folder: Path, does: str = ANSWERS, sip: bool = True) -> AsyncIterator[House]:
    outside = await SipPhone.open(does)
    line = replace(engines.line, book=read_flowbook(BOOK))
    await engines.speaker.prerender([(text, line.voice) for text in line.book.spoken_texts("it")])
    destinations = {"magazzino": {"to": outside.address, "title": "Il magazzino"}}
    settings = TransferSettings.model_validate({"destinations": destinations})
    try:
        async with served(replace(engines, line=line), folder, transfers=settings) as exchange:
            exchange.desk.destinations = {"magazzino": "Il magazzino"}
            async with SipPort(exchange.house, SipSettings(**SIP)) if sip else contextlib.nullcontext():
                yield House(exchange, outside)
    finally:
        await outside.close()


async def they_talk(caller: Phone, outside: SipPhone) -> None:
    """Both hear each other."""
    await until(lambda: outside.answered.is_set())
    heard = len(caller.sound)
    outside.playout.bursts.clear()
    while len(caller.sound) <= heard or not outside.playout.bursts:
        await caller.ws.send(TONE)
        await outside.send_frame(TONE[:320])
        await asyncio.sleep(0.02)


# ------------------------------------------------------------------------------------------------------ blind transfers


async def test_a_caller_is_put_through_after_the_goodbye(engines: Engines, tmp_path: Path) -> None:
    async with house(engines, tmp_path) as there:
        caller = await there.caller("7")
        await they_talk(caller, there.outside)
        assert there.outside.headers["x-call-id"] == caller.call_id
        await there.outside.hang_up()
        ended = await there.ended(caller)
        assert ended.interaction.end_reason == "transferred"
        events = await there.exchange.events(caller.call_id)
        goodbye = next(one for one in events if one.type == "transcript" and one.payload["text"] == "Ciao.")
        started = next(one for one in events if one.type == "transfer.started")
        assert goodbye.seq < started.seq
        assert not goodbye.payload["interrupted"]
        assert await there.of(caller.call_id) == [
            ("transfer.started", ""), ("transfer.answered", ""), ("transfer.left", "destination_left"),
        ]  # fmt: skip


FAILURES = [
    pytest.param(BUSY, "7", True, "busy", id="busy"),
    pytest.param(DECLINED, "7", True, "declined", id="declined"),
    pytest.param("closed", "7", True, "dial_failed", id="nobody at that address"),
    pytest.param(ANSWERS, "7", False, "no_way", id="no door can dial"),
    pytest.param(ANSWERS, "8", True, "unknown_destination", id="nobody of that name on the list"),
]


@pytest.mark.parametrize(("does", "key", "sip", "reason"), FAILURES)
async def test_whatever_fails_the_caller_is_told_and_waits_for_an_operator(
    engines: Engines, tmp_path: Path, does: str, key: str, sip: bool, reason: str
) -> None:
    async with house(engines, tmp_path, does, sip) as there:
        anna = await there.exchange.console("anna")
        await anna.send(type="available")
        caller = await there.caller(key)
        await anna.until(lambda console: console.of("offer"))
        offer = anna.of("offer")[-1]
        assert "Non rispondono." in [turn["text"] for turn in offer["transcript"]]
        failed = [one for one in await there.of(caller.call_id) if one[0] == "transfer.failed"]
        assert failed == [("transfer.failed", reason)]
        assert (there.outside.invites > 0) == (reason in ("busy", "declined"))
        await caller.ws.close()
        await there.ended(caller)


async def test_the_caller_leaves_while_it_rings(engines: Engines, tmp_path: Path) -> None:
    async with house(engines, tmp_path, "no-answer") as there:
        caller = await there.caller("7")
        await until(lambda: there.outside.invites)
        call_id = caller.call_id
        await caller.ws.close()
        await until(lambda: there.outside.cancelled)
        await there.exchange.ended(id=call_id)
        assert await there.of(call_id) == [("transfer.started", ""), ("transfer.failed", "caller_left")]


# ---------------------------------------------------------------------------------------------------------- conferences


async def in_talk(there: House) -> tuple[Phone, Console]:
    caller = await there.caller("0")
    anna = await there.exchange.console("anna")
    await anna.accept()
    return caller, anna


async def test_a_guest_joins_and_the_operator_leaves(engines: Engines, tmp_path: Path) -> None:
    async with house(engines, tmp_path) as there:
        caller, anna = await in_talk(there)
        assert anna.of("destinations") == [{"type": "destinations", "titles": {"magazzino": "Il magazzino"}}]
        await anna.send(type="invite", to="magazzino")
        await anna.until(lambda console: any(one["state"] == "joined" for one in console.of("guest")))
        there.outside.playout.bursts.clear()
        anna.sound = b""
        while not there.outside.playout.bursts or not any(anna.sound):
            await anna.ws.send(TONE)
            await there.outside.send_frame(TONE[:320])
            await asyncio.sleep(0.02)
        await anna.send(type="hangup")
        await anna.until(lambda console: console.states[-1] == "wrap_up")
        await they_talk(caller, there.outside)
        await there.outside.hang_up()
        ended = await there.ended(caller)
        assert ended.interaction.end_reason == "transferred"
        assert await there.of(caller.call_id, "operator.") == [("operator.joined", ""), ("operator.left", "left")]


async def test_a_console_that_comes_back_knows_who_is_on_hold_and_who_is_rung(engines: Engines, tmp_path: Path) -> None:
    async with house(engines, tmp_path, "no-answer") as there:
        caller, anna = await in_talk(there)
        await anna.send(type="mute", muted=True)
        await anna.send(type="hold", held=True)
        await anna.send(type="invite", to="magazzino")
        await anna.until(lambda console: console.of("guest"))
        anna.ws.transport.abort()
        again = await came_back(there)
        assert again.of("connected")[0]["muted"]
        assert [(one["held"], one["call_id"]) for one in again.of("held")] == [(True, caller.call_id)]
        assert again.of("guest") == [
            {"type": "guest", "call_id": caller.call_id, "to": "magazzino", "state": "ringing"}
        ]
        await again.send(type="mute", muted=False)
        await again.send(type="hold", held=False)
        await again.send(type="dismiss", to="magazzino")
        await again.until(lambda console: console.of("guest")[-1]["state"] == "left")
        once_more = await came_back(there)
        assert not once_more.of("connected")[0]["muted"]
        assert (once_more.of("held"), once_more.of("guest")) == ([], [])
        await caller.ws.close()
        await there.ended(caller)


async def test_a_console_that_comes_back_knows_who_has_joined(engines: Engines, tmp_path: Path) -> None:
    async with house(engines, tmp_path) as there:
        caller, anna = await in_talk(there)
        await anna.send(type="invite", to="magazzino")
        await anna.until(lambda console: any(one["state"] == "joined" for one in console.of("guest")))
        again = await came_back(there)
        assert [(one["to"], one["state"]) for one in again.of("guest")] == [("magazzino", "joined")]
        await caller.ws.close()
        await there.ended(caller)


async def came_back(there: House) -> Console:
    """Anna's page, loaded again, once it was told everything: the words come last."""
    console = await there.exchange.console("anna")
    await console.until(lambda console: console.of("transcript"))
    return console


async def test_an_operator_cannot_have_any_number_rung(engines: Engines, tmp_path: Path) -> None:
    async with house(engines, tmp_path) as there:
        caller, anna = await in_talk(there)
        for number in ("+8823451234", there.outside.address, "nessuno"):
            await anna.send(type="invite", to=number)
        await anna.until(lambda console: len(console.of("guest")) == 3)
        assert {(one["state"], one["reason"]) for one in anna.of("guest")} == {("failed", "unknown_destination")}
        assert there.outside.invites == 0
        await caller.ws.close()
        await there.ended(caller)


async def test_a_call_with_a_guest_is_not_given_back_to_the_bot(engines: Engines, tmp_path: Path) -> None:
    async with house(engines, tmp_path, "no-answer") as there:
        caller, anna = await in_talk(there)
        await anna.send(type="invite", to="magazzino")
        await anna.until(lambda console: console.of("guest"))
        await anna.send(type="to_bot")
        await anna.until(lambda console: console.of("to_bot_failed"))
        assert anna.of("to_bot_failed")[0]["reason"] == "guest_there"
        await until(lambda: there.outside.invites)
        await anna.send(type="dismiss", to="magazzino")
        await until(lambda: there.outside.cancelled)
        async with asyncio.timeout(20):
            while "transfer.failed" not in [kind for kind, _ in await there.of(caller.call_id)]:
                await asyncio.sleep(0.05)
        assert there.exchange.desk.figures()["waiting"] == 0  # the caller still talks, and is put into no queue
        await anna.send(type="to_bot")
        await anna.until(lambda console: console.states[-1] == "wrap_up")
        await caller.press("5")
        await there.ended(caller)


async def test_who_is_put_through_after_all_leaves_the_operator_who_waited(engines: Engines, tmp_path: Path) -> None:
    async with house(engines, tmp_path) as there:
        caller, anna = await in_talk(there)
        await anna.send(type="to_bot", flow="welcome")
        await anna.until(lambda console: console.of("with_bot"))
        await caller.press("7")
        await anna.until(lambda console: console.states[-1] == "wrap_up")
        await they_talk(caller, there.outside)
        await there.outside.hang_up()
        await there.ended(caller)
        assert await there.of(caller.call_id, "operator.") == [
            ("operator.joined", ""),
            ("operator.left", "put_through"),
        ]


async def test_keys_and_hold_of_an_operator(engines: Engines, tmp_path: Path) -> None:
    async with house(engines, tmp_path) as there:
        caller, anna = await in_talk(there)
        await anna.send(type="keys", keys="12#")
        heard = len(caller.sound)
        await caller.until(lambda phone: len(phone.sound) > heard + 10_000)  # tones: the browser has no keys to press
        await anna.send(type="hold", held=True)
        await anna.until(lambda console: console.of("held"))
        anna.sound = b""
        await caller.ws.send(TONE)
        await asyncio.sleep(0.2)
        assert anna.sound == b""
        await anna.send(type="hold", held=False)
        await anna.until(lambda console: len(console.of("held")) == 2)
        await caller.ws.send(TONE)
        await anna.until(lambda console: console.sound)
        await caller.ws.close()
        await there.ended(caller)
        kept = [dict(one.payload) for one in await there.exchange.events(caller.call_id) if one.type == "keys.sent"]
        assert kept == [{"count": 3, "operator": "anna"}]
