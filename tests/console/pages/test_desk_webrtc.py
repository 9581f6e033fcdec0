"""The operator's softphone over WebRTC, in a real browser: both are heard; the websocket takes over when it is lost."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from history import new_id
from telephony.operators.webrtc_side import NOT_INSTALLED
from telephony.webrtc.settings import WebrtcSettings
from telephony.webrtc.voices import WebrtcVoices
from tests.console.pages.app import built
from tests.console.pages.test_desk import RATE_HZ, at_the_desk

pytestmark = built
pytest.importorskip("aiortc", reason="the extra is not installed: pip install '.[webrtc]'")

FRAME = (0.4 * np.sin(2 * math.pi * 500 * np.arange(320) / RATE_HZ) * 32767).astype("<i2").tobytes()

SEEN = """
() => {
  const Usual = RTCPeerConnection;
  window.peers = [];
  RTCPeerConnection = function (...given) {
    const peer = new Usual(...given);
    window.peers.push(peer);
    return peer;
  };
  const send = WebSocket.prototype.send;
  window.bySocket = 0;
  WebSocket.prototype.send = function (frame) {
    if (typeof frame !== "string") window.bySocket += 1;
    return send.call(this, frame);
  };
}
"""
"""What the page has of it is looked at: its peer connections, and the frames of sound that go by the websocket."""

HEARD = """
async () => {
  for (const stat of (await window.peers.at(-1).getStats()).values())
    if (stat.type === "inbound-rtp") return { packets: stat.packetsReceived, energy: stat.totalAudioEnergy };
  return { packets: 0, energy: 0 };
}
"""


@pytest.fixture
def webrtc() -> Any:
    return WebrtcVoices(WebrtcSettings(mode="prefer", addresses=["127.0.0.1"]))


async def in_a_call(live: Any, pages: Any) -> tuple[Any, Any]:
    page = await at_the_desk(live, pages)
    caller = await live.caller(new_id())
    await page.get_by_role("heading", name="Chiamata da +393331112222").wait_for()
    await page.evaluate(SEEN)
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="In chiamata con +393331112222").wait_for()
    return page, caller


def loudest_hz(pcm: bytes) -> float:
    heard = np.frombuffer(pcm, "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    return float(np.fft.rfftfreq(len(heard), 1 / RATE_HZ)[spectrum.argmax()])


async def hears_the_operator(pages: Any, caller: Any) -> None:
    caller.heard.clear()
    await pages.until(lambda: len(caller.heard) > 2 * RATE_HZ)
    assert abs(loudest_hz(bytes(caller.heard)) - 440) < 12


async def test_a_call_over_webrtc_and_on_by_the_websocket_when_it_is_lost(live: Any, pages: Any) -> None:
    page, caller = await in_a_call(live, pages)
    await page.locator("#sound", has_text="Voce via WebRTC").wait_for()
    by_socket = await page.evaluate("window.bySocket")
    await hears_the_operator(pages, caller)
    assert await page.evaluate("window.bySocket") == by_socket

    async def loud() -> bool:
        for _ in range(3):
            caller.say(FRAME)
        return bool((await page.evaluate(HEARD))["energy"] > 0.001)

    await pages.until(loud)

    await page.get_by_role("button", name="Silenzia").click()
    await pages.until(lambda: silent_by_now(caller))
    await page.get_by_role("button", name="Riattiva").click()
    await pages.until(lambda: not silent_by_now(caller))

    await page.evaluate("window.peers.at(-1).getSenders()[0].replaceTrack(null)")  # nothing comes from it any more
    await page.locator("#sound", has_text="Voce via websocket: il collegamento WebRTC si è interrotto").wait_for()
    await hears_the_operator(pages, caller)
    await pages.until(lambda: page.evaluate("window.peers.at(-1).connectionState === 'closed'"))
    await page.get_by_role("button", name="Riaggancia").click()
    await page.get_by_role("heading", name="Chiamata conclusa").wait_for()


def silent_by_now(caller: Any) -> bool:
    """The last 200 ms of what the caller heard."""
    last = np.frombuffer(bytes(caller.heard[-6400:]), "<i2").astype(int)
    return len(last) > 0 and int(np.abs(last).max()) < 200


class TestWithoutWebrtcOnTheServer:
    @pytest.fixture
    def webrtc(self) -> Any:
        return NOT_INSTALLED

    async def test_the_desk_says_so_and_the_call_goes_through_the_websocket(self, live: Any, pages: Any) -> None:
        page, caller = await in_a_call(live, pages)
        await page.locator("#sound", has_text="Voce via websocket: WebRTC non è installato sul server").wait_for()
        await hears_the_operator(pages, caller)
        assert await page.evaluate("window.peers.length") == 0


class TestWhereNoPortCanBeReached:
    @pytest.fixture
    def webrtc(self) -> Any:
        return WebrtcVoices(WebrtcSettings(mode="prefer", addresses=["203.0.113.1"]))  # of nobody's

    async def test_the_desk_says_so_and_the_call_goes_through_the_websocket(self, live: Any, pages: Any) -> None:
        page, caller = await in_a_call(live, pages)
        await page.locator("#sound", has_text="per WebRTC non c'è una porta libera sul server").wait_for()
        await hears_the_operator(pages, caller)
