"""Whole calls over real sockets: a softphone of another make on one side, the port and a real dialog on the other."""

from __future__ import annotations

import asyncio

import pytest

from tests.telephony.sip.conftest import Opened

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("codec", ["G722", "PCMA", "PCMU"])
async def test_a_call_is_answered_keys_are_heard_and_the_bot_hangs_up(opened: Opened, codec: str) -> None:
    async with opened() as sip:
        phone = await sip.dial(codec=codec)
        await speech(phone)
        await phone.send_key("5")
        async with asyncio.timeout(20):
            await phone.finished.wait()
        await phone.close()
        assert phone.ended
        assert (phone.ended.by, phone.ended.reason) == ("them", "bot_ended")
        assert phone.protocol_errors == []
        detail = await sip.exchange.ended(door="sip", id=phone.call_id)
        assert detail.interaction.caller == "+39021234"
        assert [turn.key for turn in detail.transcript] == ["disclosure", "ask_tasto", "bye"]


async def speech(phone) -> None:
    """Until the bot says something."""
    async with asyncio.timeout(20):
        while not phone.playout.bursts:
            await asyncio.sleep(0.02)
