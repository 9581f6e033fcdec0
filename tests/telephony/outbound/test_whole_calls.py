"""Whole calls that go out, in real time: a person with a recorded voice on Twilio, a machine with a beep over SIP."""

from __future__ import annotations

import asyncio
import contextlib
import wave
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
from pydantic import SecretStr

import samples
from centralino.calling.door import nobody_watches
from centralino.calling.far_end import Dialling, FarEnd
from centralino.calling.rung.answering import People
from centralino.calling.rung.sip_phone import SipPhone
from centralino.calling.rung.twilio_api import TwilioApi
from centralino.own_server import free_port
from telephony.control.twilio import TwilioControl
from telephony.doors.twilio import TwilioSettings
from telephony.sip.port import SipPort
from telephony.sip.settings import SipAccount, SipSettings
from tests.telephony.conftest import TWILIO_TOKEN, Engines, served
from tests.telephony.outbound.conftest import NUMBER, Clock, Opened, office_of
from voice.audio import resample
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer
from voice.speaking.synthesizer import Voice

pytestmark = pytest.mark.asyncio(loop_scope="session")

CLIPS = Path(samples.__file__).parent / "bookshop/callers"
SID = "AC" + "0" * 32
SHOWN = "+390510000001"


class Mouth:
    """What a phone's microphone sends all the time: silence, or what it was given."""

    def __init__(self, phone: FarEnd) -> None:
        self._phone, self._frames = phone, deque[bytes]()
        self._size = phone.rate_hz // 50 * 2
        self._task = asyncio.create_task(self._send())

    def say(self, pcm: bytes, rate_hz: int) -> None:
        sound = resample(pcm, rate_hz, self._phone.rate_hz)
        self._frames += [sound[at : at + self._size] for at in range(0, len(sound) - self._size + 1, self._size)]

    async def said(self) -> None:
        while self._frames:
            await asyncio.sleep(0.02)

    async def _send(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        with contextlib.suppress(ConnectionError):
            while not self._phone.finished.is_set():
                await self._phone.send_frame(self._frames.popleft() if self._frames else bytes(self._size))
                due += 0.02
                await asyncio.sleep(max(0.0, due - loop.time()))

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


@contextlib.asynccontextmanager
async def mouth_of(phone: FarEnd) -> AsyncIterator[Mouth]:
    mouth = Mouth(phone)
    try:
        yield mouth
    finally:
        await mouth.close()


async def until(seen: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not seen():
            await asyncio.sleep(0.02)


async def test_a_person_answers_hears_who_calls_and_says_what_they_want(engines: Engines, tmp_path: Path) -> None:
    async with served(engines, tmp_path) as exchange:
        to = Dialling(exchange.url, "", "", nobody_watches, secrets={"auth_token": TWILIO_TOKEN})
        api = TwilioApi(SID, TWILIO_TOKEN, to, People({}))
        async with api.at(free_port()) as url:
            control = TwilioControl(
                exchange.house, TwilioSettings(account_sid=SID, number=SHOWN, api=url), TWILIO_TOKEN
            )
            exchange.reception.controls.add(control)
            async with office_of(exchange, engines, tmp_path, Clock(), doors=["twilio"]) as there:
                one = await there.campaign()
                await there.dialler.look()
                await until(lambda: NUMBER in api.phones)
                phone = api.phones[NUMBER]
                async with mouth_of(phone) as mouth:
                    with wave.open(str(CLIPS / "it_si.wav")) as clip:
                        mouth.say(clip.readframes(clip.getnframes()), clip.getframerate())
                    await mouth.said()
                    assert not phone.playout.bursts, "the bot waits for the greeting"
                    await until(lambda: len(phone.playout.bursts) >= 1)
                    await asyncio.sleep(0.5)
                    await phone.send_key("1")
                    await phone.finished.wait()
                await there.settled()
                contact = await there.contact(one)
                assert (contact["status"], contact["outcome"]) == ("done", "completed")
                detail = await there.timeline.get(contact["interaction_id"])
                assert (detail.interaction.direction, detail.interaction.outcome) == ("outbound", "confirmed")
                speakers = [segment.speaker for segment in detail.transcript]
                assert speakers[0] == "caller", "their greeting is in the transcript"
                said = [segment.text for segment in detail.transcript if segment.speaker == "bot"]
                assert said[0] == "Assistente automatico. Gomorra è arrivato."
                events = await there.timeline.events(contact["interaction_id"])
                who = next(event.payload for event in events if event.type == "call.answered_by")
                assert (who["who"], who["why"]) == ("person", "paused")
            await control.close()


async def test_what_the_carrier_finds_out_counts_more_than_what_we_hear(engines: Engines, tmp_path: Path) -> None:
    async with served(engines, tmp_path) as exchange:
        to = Dialling(exchange.url, "", "", nobody_watches, secrets={"auth_token": TWILIO_TOKEN})
        api = TwilioApi(SID, TWILIO_TOKEN, to, People({}), answered_by="machine_start")
        async with api.at(free_port()) as url:
            settings = TwilioSettings(account_sid=SID, number=SHOWN, api=url, machine_detection=True)
            control = TwilioControl(exchange.house, settings, TWILIO_TOKEN)
            exchange.reception.controls.add(control)
            async with office_of(exchange, engines, tmp_path, Clock(), doors=["twilio"]) as there:
                one = await there.campaign()
                await there.dialler.look()
                await until(lambda: NUMBER in api.phones)
                await there.settled()
                contact = await there.contact(one)
                assert (contact["status"], contact["outcome"]) == ("waiting", "machine")
                events = await there.timeline.events(contact["interaction_id"])
                who = next(event.payload for event in events if event.type == "call.answered_by")
                assert (who["who"], who["why"]) == ("machine", "carrier")
            await control.close()


async def test_a_machine_gets_its_message_after_the_beep(engines: Engines, tmp_path: Path) -> None:
    phone = await SipPhone.open()
    host = phone.address.partition("@")[2]
    async with served(engines, tmp_path) as exchange:
        account = SipAccount(registrar=host, user="shop", password=SecretStr("pass-0123456789"), line="it")
        settings = SipSettings(port=0, accounts=[account], first_rtp_port=23_000, last_rtp_port=23_199)
        async with (
            SipPort(exchange.house, settings),
            office_of(exchange, engines, tmp_path, Clock(), doors=["sip"]) as there,
        ):
            engine = Pyttsx3Synthesizer()
            greeting = await engine.synthesize(
                "Risponde la segreteria telefonica. Lasciate un messaggio dopo il segnale.", Voice("pyttsx3", "it")
            )
            await engine.close()
            one = await there.campaign(on_machine="leave_message")
            await there.dialler.look()
            async with asyncio.timeout(20):
                await phone.answered.wait()
            async with mouth_of(phone) as mouth:
                mouth.say(greeting.pcm, greeting.rate_hz)
                mouth.say(bytes(8000), 8000)
                beep = np.sin(2 * np.pi * 1000 * np.arange(4000) / 8000) * 8000
                await mouth.said()
                before = len(phone.playout.bursts)
                mouth.say(beep.astype("<i2").tobytes(), 8000)
                await phone.finished.wait()
            assert before == 0, "nothing is said over the greeting"
            assert phone.playout.bursts
            await there.settled()
            contact = await there.contact(one)
            assert (contact["status"], contact["outcome"]) == ("done", "message_left")
            detail = await there.timeline.get(contact["interaction_id"])
            said = [segment.text for segment in detail.transcript if segment.speaker == "bot"]
            assert said == ["Libreria: Gomorra è arrivato."]
    await phone.close()


async def test_key_nine_takes_the_number_off_every_list_at_once(office: Opened) -> None:
    async with office() as there:
        one, other = await there.campaign(), await there.campaign(name="altri")
        await there.outbound.campaigns.change(other.name, "paused")
        await there.dialler.look()
        await until(lambda: NUMBER in there.phones.answered)
        person = there.phones.answered[NUMBER]
        await until(lambda: person.heard_ms > 0)
        person.call.press("9")
        await there.settled()
        assert (await there.contact(one))["outcome"] == "opted_out"
        assert await there.outbound.opt_outs.has(NUMBER)
        await there.outbound.campaigns.change(other.name, "running")
        await there.dialler.look()
        assert (await there.contact(other))["status"] == "refused"
        assert len(there.phones.orders) == 1


async def test_a_person_who_hangs_up_before_the_first_word_is_tried_again(office: Opened) -> None:
    async with office() as there:
        one = await there.campaign()
        await there.dialler.look()
        await until(lambda: NUMBER in there.phones.answered)
        there.phones.answered[NUMBER].call.hung_up("caller_hung_up")
        await there.settled()
        contact = await there.contact(one)
        assert (contact["status"], contact["outcome"]) == ("waiting", "hung_up_early")
