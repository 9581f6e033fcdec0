"""A caller whom Twilio was asked to transfer, in its own words, and what it is told when the `<Dial>` is over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as xml

import pytest

from centralino.calling.door import nobody_watches
from centralino.calling.far_end import Dialling
from centralino.calling.rung.answering import People
from centralino.calling.rung.twilio_api import TwilioApi
from centralino.own_server import free_port
from telephony.control.contract import ControlFailed, Order
from telephony.control.twilio import TwilioControl
from telephony.doors.twilio import TwilioSettings
from tests.telephony.conftest import TWILIO_TOKEN, Engines, Exchange, served
from tests.telephony.control.conftest import SHOWN, SID

pytestmark = pytest.mark.asyncio(loop_scope="session")

TO = "+393331234567"


async def test_a_call_is_transferred_in_twilios_words_and_what_is_gone_cannot_be(exchange: Exchange) -> None:
    to = Dialling(exchange.url, "", "", nobody_watches, secrets={"auth_token": TWILIO_TOKEN})
    api = TwilioApi(SID, TWILIO_TOKEN, to, People({}))
    async with api.at(free_port()) as url:
        control = TwilioControl(exchange.house, TwilioSettings(account_sid=SID, number=SHOWN, api=url), TWILIO_TOKEN)
        api.up.add("CA7")
        await control.transfer("CA7", Order(TO, ring_s=20), "call-77")
        await control.transfer("CA7", Order("sip:anna@pbx.example"), "call-77")
        with pytest.raises(ControlFailed):
            await control.transfer("CA8", Order(TO), "call-77")
        await control.close()
    number, address = (xml.fromstring(form["Twiml"]) for _, form in api.changes)
    (dial,) = number
    assert (dial.tag, dial.attrib) == (
        "Dial",
        {
            "answerOnBridge": "true",
            "timeout": "20",
            "action": exchange.house.public("/twilio/after"),
            "callerId": SHOWN,
        },
    )
    assert dial.findtext("Number") == TO
    assert address.findtext("./Dial/Sip") == "sip:anna@pbx.example?X-Call-Id=call-77"


async def transferred(exchange: Exchange, sid: str) -> None:
    """A call that has ended here because Twilio connects the caller to somebody else."""
    await exchange.announced(sid)
    exchange.reception._remembered.ended(sid, "transferred")
    for expected in list(exchange.reception._expected):
        exchange.reception._expected.forget(expected)


@pytest.mark.parametrize("said", ["busy", "no-answer", "failed", "canceled"])
async def test_whom_nobody_answered_talks_to_the_bot_again(exchange: Exchange, said: str) -> None:
    await transferred(exchange, "CA1")
    first, again = [xml.fromstring((await exchange.webhook("/twilio/after", DialCallStatus=said)).text) for _ in "12"]
    parameter = first.find("./Connect/Stream/Parameter")
    assert parameter is not None
    assert exchange.reception.expects(parameter.attrib["value"])
    assert xml.tostring(first) == xml.tostring(again)  # Twilio asks twice when an answer was late
    assert exchange.reception.figures()["expected"] == 1


@pytest.mark.parametrize("said", ["completed", "answered"])
async def test_who_was_answered_needs_nothing_more(exchange: Exchange, said: str) -> None:
    await transferred(exchange, "CA1")
    answer = xml.fromstring((await exchange.webhook("/twilio/after", DialCallStatus=said)).text)
    assert [part.tag for part in answer] == ["Hangup"]


async def test_a_line_with_a_human_number_has_that_rung(engines: Engines, tmp_path: Path) -> None:
    line = replace(engines.line, human_number="+390518888888")
    async with served(replace(engines, line=line), tmp_path) as exchange:
        await transferred(exchange, "CA1")
        answer = xml.fromstring((await exchange.webhook("/twilio/after", DialCallStatus="busy")).text)
        assert answer.findtext("Dial") == "+390518888888"


async def test_who_cannot_be_taken_back_is_told(exchange: Exchange) -> None:
    answer = await exchange.webhook("/twilio/after", to="+39000", sid="CA9", DialCallStatus="failed")
    assert [part.tag for part in xml.fromstring(answer.text)] == ["Say", "Hangup"]
