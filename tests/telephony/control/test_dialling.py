"""Dialling is the same on every phone system: who answers is in the call, who does not is known why."""

from __future__ import annotations

import asyncio

import pytest

from centralino.calling.rung.answering import BUSY, NO_ANSWER
from telephony.control.contract import CannotDo, Deed, Order
from telephony.control.legs import Outcome
from tests.telephony.control.conftest import SHOWN, Ringing

pytestmark = pytest.mark.asyncio(loop_scope="session")

TONE = (b"\x00\x20" * 40 + b"\x00\xe0" * 40) * 2
"""160 samples, loud."""


async def test_who_answers_is_heard_and_hears(system: Ringing) -> None:
    async with system() as there:
        leg = await there.controls.dial(there.expect("call-77"), Order(there.anna, SHOWN))
        assert await leg.outcome() is Outcome.ANSWERED
        assert there.shown_headers()["x-call-id"] == "call-77"
        async with asyncio.timeout(20):
            while not (phone := there.phone()) or not there.echoes:
                await asyncio.sleep(0.02)
            while not phone.playout.bursts:
                await phone.send_frame(TONE * (phone.rate_hz // 8000))
                await asyncio.sleep(0.02)
            await phone.send_key("1")
            while there.echoes[0].keys != "1":
                await asyncio.sleep(0.02)
            await there.controls.able(there.door, Deed.HANG_UP).hang_up(leg.ref)
            await phone.finished.wait()
            await there.echoes[0].over
            await there.controls.able(there.door, Deed.HANG_UP).hang_up(leg.ref)


async def test_a_busy_phone(system: Ringing) -> None:
    async with system(BUSY) as there:
        leg = await there.controls.dial(there.expect(), Order(there.anna, SHOWN))
        assert await leg.outcome() is Outcome.BUSY
        assert there.echoes == []


async def test_a_phone_that_nobody_answers_stops_ringing(system: Ringing) -> None:
    async with system(NO_ANSWER) as there:
        leg = await there.controls.dial(there.expect(), Order(there.anna, SHOWN))
        await asyncio.sleep(0.3)
        await leg.cancel()
        assert await leg.outcome() is Outcome.NO_ANSWER
        assert there.echoes == []


async def test_an_address_that_the_system_cannot_ring(system: Ringing) -> None:
    async with system() as there:
        control = there.controls.of(there.door)
        assert control
        control.reaches(there.anna)
        with pytest.raises(CannotDo):
            control.reaches("anna's phone")
