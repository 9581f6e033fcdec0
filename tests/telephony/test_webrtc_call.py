"""An operator's voice over WebRTC, with aiortc as the browser: real sound both ways, and the websocket beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

pytest.importorskip("aiortc", reason="the extra is not installed: pip install '.[webrtc]'")

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from av import AudioFrame

from telephony.operators import webrtc_side
from telephony.webrtc import peer
from telephony.webrtc.candidates import bound_to
from telephony.webrtc.outgoing import OutgoingSound
from telephony.webrtc.settings import WebrtcSettings
from tests.telephony.conftest import Console, Engines, Exchange, Phone, served

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOOPBACK = WebrtcSettings(mode="prefer", addresses=["127.0.0.1"])


@pytest_asyncio.fixture(loop_scope="session")
async def exchange(engines: Engines, tmp_path: Path) -> AsyncIterator[Exchange]:
    async with served(engines, tmp_path, webrtc=LOOPBACK) as exchange:
        yield exchange


def tone(hz: int, ms: int = 20) -> bytes:
    at = np.arange(16 * ms) / 16_000
    return (np.sin(2 * np.pi * hz * at) * 8000).astype("<i2").tobytes()


def loudest_hz(pcm: bytes, rate_hz: int = 16_000) -> float:
    samples = np.frombuffer(pcm, "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.fft.rfftfreq(len(samples), 1 / rate_hz)[spectrum.argmax()])


class Browser:
    """A page's side of one peer connection; its microphone is a tone of 450 Hz."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.microphone = OutgoingSound(lambda: self.microphone.add(tone(450) * 2))
        self.heard = b""
        self._listening: asyncio.Task[None] | None = None

    async def offer(self) -> str:
        transceiver = self.connection.addTransceiver(self.microphone, direction="sendrecv")
        bound_to(transceiver.sender.transport.transport.iceGatherer._connection, LOOPBACK)
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return str(self.connection.localDescription.sdp)

    async def take(self, answer: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        self._listening = asyncio.create_task(self._listen(self.connection.getReceivers()[0].track))

    async def _listen(self, track: MediaStreamTrack) -> None:
        while True:
            frame = await track.recv()
            assert isinstance(frame, AudioFrame)
            assert frame.sample_rate == 48_000
            stereo = np.frombuffer(bytes(frame.planes[0])[: frame.samples * 4], "<i2")
            self.heard += stereo[::2].tobytes()

    def falls_silent(self) -> None:
        """As a network that is gone: the sockets are open, nothing passes."""
        connection = self.connection.getSenders()[0].transport.transport._connection

        async def nowhere(data: bytes) -> None:
            pass

        self.connection.getSenders()[0].transport.transport._send = nowhere
        connection.request_received = lambda *_: None

    async def close(self) -> None:
        if self._listening:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self.connection.close()


async def talking(exchange: Exchange) -> tuple[Phone, Console]:
    """A caller who pressed 0, and the operator who took the call."""
    console = await exchange.console("anna", "aiuto")
    await console.send(type="available")
    phone = await exchange.browser()
    await phone.until_it_speaks()
    await phone.press("0")
    assert await console.accept() == phone.call_id
    return phone, console


@asynccontextmanager
async def joined(console: Console) -> AsyncIterator[Browser]:
    browser = Browser()
    try:
        await console.send(type="webrtc_offer", sdp=await browser.offer())
        await console.until(lambda console: console.of("webrtc_answer"))
        await browser.take(console.of("webrtc_answer")[-1]["sdp"])
        await console.until(lambda console: states(console)[-1] == "on")
        yield browser
    finally:
        await browser.close()


def states(console: Console) -> list[str]:
    return [str(frame["state"]) for frame in console.of("webrtc")]


async def until(holds: Any, what: str) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def saying(far_end: Phone | Console, hz: int) -> AsyncIterator[None]:
    """The far end's websocket carries a tone meanwhile."""

    async def say() -> None:
        while True:
            await far_end.ws.send(tone(hz))
            await asyncio.sleep(0.02)

    task = asyncio.create_task(say())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_both_are_heard_over_webrtc_and_nothing_of_it_through_the_websocket(exchange: Exchange) -> None:
    phone, console = await talking(exchange)
    assert console.of("webrtc") == [{"type": "webrtc", "state": "ready", "ice_servers": []}]
    async with joined(console) as browser:
        answer = console.of("webrtc_answer")[-1]["sdp"]
        assert [line.split()[4] for line in answer.splitlines() if line.startswith("a=candidate:")] == ["127.0.0.1"]
        assert "opus/48000/2" in answer
        assert "PCMU" not in answer
        async with saying(phone, 600), saying(console, 1500):  # what the page still sends by its websocket is not heard
            phone.sound = console.sound = b""
            await until(lambda: len(phone.sound) > 48_000 and len(browser.heard) > 200_000, "both are heard")
            assert abs(loudest_hz(phone.sound[16_000:]) - 450) < 10
            assert abs(loudest_hz(browser.heard[-96_000:], 48_000) - 600) < 10
            assert len(console.sound) < 6400  # what was on its way when the peer joined
        await console.send(type="hangup")
        await console.until(lambda console: console.of("ended"))
        await until(lambda: browser.connection.connectionState == "closed", "the server ends it with the call")


async def test_a_peer_that_is_lost_leaves_the_call_to_the_websocket(exchange: Exchange) -> None:
    phone, console = await talking(exchange)
    async with joined(console) as browser:
        browser.falls_silent()
        await console.until(lambda console: states(console)[-1] == "off")
        assert console.of("webrtc")[-1] == {"type": "webrtc", "state": "off", "why": "lost"}
        assert exchange.log_of("operator.webrtc_gone")
        phone.sound = console.sound = b""
        async with saying(phone, 600), saying(console, 1500):
            await until(lambda: len(phone.sound) > 32_000 and len(console.sound) > 32_000, "both are heard")
        assert abs(loudest_hz(phone.sound[9600:]) - 1500) < 10
        assert abs(loudest_hz(console.sound[9600:]) - 600) < 10
    assert not console.of("ended")
    await console.send(type="hangup")
    await console.until(lambda console: console.of("ended"))


async def test_a_page_that_ends_it_talks_on_through_its_websocket(exchange: Exchange) -> None:
    phone, console = await talking(exchange)
    async with joined(console):
        await console.send(type="webrtc_end")
        async with saying(console, 1500):
            phone.sound = b""
            await until(lambda: len(phone.sound) > 32_000, "the operator is heard")
        assert abs(loudest_hz(phone.sound[9600:]) - 1500) < 10
    await console.send(type="hangup")
    await console.until(lambda console: console.of("ended"))


async def test_a_peer_that_never_comes_is_given_up(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer, "JOIN_S", 0.1)
    _, console = await talking(exchange)
    browser = Browser()
    await console.send(type="webrtc_offer", sdp=await browser.offer())
    await console.until(lambda console: console.of("webrtc_answer"))
    await console.until(lambda console: states(console)[-1] == "off")
    assert console.of("webrtc")[-1]["why"] == "failed"
    await browser.close()
    await console.send(type="hangup")
    await console.until(lambda console: console.of("ended"))


async def test_what_is_offered_out_of_place_is_refused_and_disturbs_nothing(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle = await exchange.console("bruno", "altro")
    await idle.send(type="webrtc_offer", sdp="v=0")
    await idle.until(lambda console: states(console)[-1] == "off")
    assert idle.of("webrtc")[-1]["why"] == "no_call"
    await idle.send(type="webrtc_offer", sdp="x" * 16_385)
    assert (await idle.until_closed())[0] == 1003

    phone, console = await talking(exchange)
    monkeypatch.setattr(webrtc_side, "AGAIN_AFTER_S", 0.0)
    browser = Browser()
    good = await browser.offer()
    await browser.close()
    for sdp in ("", "v=0", good.replace("m=audio", "m=video"), good.replace("a=fingerprint", "a=x"), good[:400]):
        before = len(console.of("webrtc"))
        await console.send(type="webrtc_offer", sdp=sdp)
        await console.until(lambda console, before=before: len(console.of("webrtc")) > before)
        assert console.of("webrtc")[-1] == {"type": "webrtc", "state": "off", "why": "bad_offer"}, sdp
    monkeypatch.setattr(webrtc_side, "AGAIN_AFTER_S", 60.0)
    await console.send(type="webrtc_offer", sdp=good)
    await console.until(lambda console: console.of("webrtc")[-1]["why"] == "too_soon")
    async with saying(console, 1500):
        phone.sound = b""
        await until(lambda: len(phone.sound) > 16_000, "the operator is heard")
    await console.send(type="hangup")
    await console.until(lambda console: console.of("ended"))
