"""Operators by phone: the caller waits, the phone rings and tells what it is about, 1 takes the call, 2 does not."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from centralino.calling.far_end import FarEnd
from centralino.calling.rung.answering import ANSWERS, BUSY
from telephony.control.transfers import TransferSettings
from telephony.operators.phones import Phones
from tests.telephony.conftest import Phone
from tests.telephony.control.conftest import SHOWN, Ringing, System

pytestmark = pytest.mark.asyncio(loop_scope="session")

TONE = (b"\x00\x20" * 40 + b"\x00\xe0" * 40) * 4
"""20 ms at 16 kHz, loud."""


async def until(seen: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not seen():
            await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def staffed(system: Ringing, does: str = ANSWERS) -> AsyncIterator[System]:
    """Anna takes calls by phone."""
    async with system(does) as there:
        exchange = there.exchange
        settings = TransferSettings.model_validate(
            {"number": SHOWN, "door": there.door, "operators": {"anna": {"phone": there.anna, "wrap_up_s": 0}}}
        )
        assert settings.problems(there.controls) == []
        parts = (exchange.desk, lambda: exchange.reception.lines, exchange.journal, exchange.speaker, there.controls)
        running = asyncio.create_task(Phones(settings, *parts).run())
        await until(lambda: exchange.desk.figures()["operators"])
        yield there
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def waiting(there: System) -> Phone:
    """A caller who has asked for a person."""
    caller = await there.exchange.browser()
    await caller.until_it_speaks()
    await caller.press("0")
    return caller


async def answered(there: System) -> FarEnd:
    await until(there.phone)
    phone = there.phone()
    assert phone
    await until(lambda: phone.playout.bursts)
    return phone


async def failures(there: System, call_id: str) -> list[dict[str, object]]:
    events = await there.exchange.events(call_id)
    return [dict(event.payload) for event in events if event.type == "transfer.failed"]


async def kinds(there: System, call_id: str) -> list[str]:
    return [event.type for event in await there.exchange.events(call_id)]


async def test_the_operator_hears_what_it_is_about_takes_it_and_both_hear_each_other(system: Ringing) -> None:
    async with staffed(system) as there:
        caller = await waiting(there)
        phone = await answered(there)
        await phone.send_key("1")
        await until(lambda: there.exchange.desk.figures()["talking"])
        heard = len(caller.sound)
        phone.playout.bursts.clear()
        while len(caller.sound) == heard or not phone.playout.bursts:
            await phone.send_frame(TONE[: phone.rate_hz // 50 * 2])
            await caller.ws.send(TONE)
            await asyncio.sleep(0.02)
        call_id = caller.call_id
        await phone.hang_up()
        ended = await there.exchange.ended(id=call_id)
        assert ended.interaction.end_reason == "operator_ended"
        found = await kinds(there, call_id)
        wanted = [
            "handoff.queued",
            "offer.made",
            "transfer.started",
            "transfer.answered",
            "offer.accepted",
            "operator.joined",
            "operator.left",
            "call.ended",
        ]
        assert [kind for kind in found if kind in wanted] == wanted


@pytest.mark.parametrize("system", ["sip"], indirect=True)
async def test_declined_the_caller_is_told_and_leaves_a_request(system: Ringing) -> None:
    async with staffed(system) as there:
        caller = await waiting(there)
        phone = await answered(there)
        await phone.send_key("2")
        await until(lambda: phone.ended)
        ended = await there.exchange.ended(id=caller.call_id)
        failed = [
            event.payload for event in await there.exchange.events(caller.call_id) if event.type == "transfer.failed"
        ]
        assert failed == [{"operator": "anna", "reason": "declined"}]
        assert ended.interaction.outcome == "callback"


@pytest.mark.parametrize("system", ["sip"], indirect=True)
async def test_a_busy_operator(system: Ringing) -> None:
    async with staffed(system, BUSY) as there:
        caller = await waiting(there)
        await there.exchange.ended(id=caller.call_id)
        failed = [
            event.payload for event in await there.exchange.events(caller.call_id) if event.type == "transfer.failed"
        ]
        assert failed == [{"operator": "anna", "reason": "busy"}]


@pytest.mark.parametrize("system", ["sip"], indirect=True)
async def test_the_caller_leaves_while_the_operator_listens(system: Ringing) -> None:
    async with staffed(system) as there:
        caller = await waiting(there)
        phone = await answered(there)
        await caller.ws.close()
        await until(lambda: phone.ended)
        failed = [
            event.payload for event in await there.exchange.events(caller.call_id) if event.type == "transfer.failed"
        ]
        assert failed == [{"operator": "anna", "reason": "caller_left"}]
