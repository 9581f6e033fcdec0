"""Whole calls over real sockets: a softphone of another make on one side, the port and a real dialog on the other."""

from __future__ import annotations

import asyncio

import pytest

from centralino.calling.sip import SipDoor
from tests.telephony.sip.conftest import Opened, SipExchange

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def call(sip: SipExchange, codec: str) -> SipDoor:
    """Listen until the bot asks, press a key, wait until it hangs up."""
    phone = await sip.dial(codec=codec)
    async with asyncio.timeout(20):
        while not phone.playout.bursts:
            await asyncio.sleep(0.02)
        await phone.send_key("5")
        await phone.finished.wait()
    await phone.close()
    return phone


async def test_a_call_in_every_codec_is_answered_heard_and_ended_by_the_bot(opened: Opened) -> None:
    async with opened() as sip:
        for phone in await asyncio.gather(*(call(sip, codec) for codec in ("G722", "PCMA", "PCMU"))):
            assert phone.ended
            assert (phone.ended.by, phone.ended.reason) == ("them", "bot_ended")
            assert phone.protocol_errors == []
            detail = await sip.exchange.ended(door="sip", id=phone.call_id)
            assert detail.interaction.caller == "+39021234"
            assert [turn.key for turn in detail.transcript] == ["disclosure", "ask_tasto", "bye"]
