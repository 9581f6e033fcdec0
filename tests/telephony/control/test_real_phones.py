"""Programs that others wrote are rung over SIP: sipp, which is strict about messages, and baresip, which talks."""

from __future__ import annotations

import asyncio
import shutil
import socket
import wave
from pathlib import Path
from typing import Any

import pytest

from telephony.control.contract import Deed, Order
from telephony.control.legs import Outcome
from telephony.doors.sip import SipSettings
from telephony.expected import Send
from telephony.media import Pacing
from telephony.sip.port import SipPort
from tests.telephony.conftest import Engines, Exchange, served
from tests.telephony.control.conftest import Echo
from tests.telephony.sip.conftest import LOOPBACK
from tests.telephony.sip.test_baresip import BARESIP, CONFIG, MODULES, RATE_HZ
from voice.audio import resample

pytestmark = pytest.mark.asyncio(loop_scope="session")

SIPP = shutil.which("sipp")
VOICE = Path(__file__).parents[3] / "samples/bookshop/callers/it_orari.wav"
SIP: dict[str, Any] = {"port": 0, "trusted": [LOOPBACK], "first_rtp_port": 24_000, "last_rtp_port": 24_099}


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def rung(exchange: Exchange, to: str) -> tuple[Echo, str]:
    """Our end of a call to this address, which answers, and the system's id of it."""
    ends: list[Echo] = []

    def begin(rate_hz: int, send: Send, pacing: Pacing) -> Any:
        ends.append(Echo("call-77", send))
        return ends[0], ends[0].run()

    controls = exchange.reception.controls
    expected = controls.expect_leg("call-77", exchange.reception.lines.get("it"), to, "sip", begin)
    leg = await controls.dial(expected, Order(to))
    assert await leg.outcome() is Outcome.ANSWERED
    return ends[0], leg.ref


@pytest.mark.skipif(not SIPP, reason="this call needs sipp: apt-get install sip-tester")
async def test_sipp_is_rung_and_finds_nothing_wrong(engines: Engines, tmp_path: Path) -> None:
    port = free_udp_port()
    process = await asyncio.create_subprocess_exec(
        SIPP or "", "-sn", "uas", "-i", "127.0.0.1", "-p", str(port), "-m", "1", "-timeout", "30", "-nostdin",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, cwd=tmp_path,
    )  # fmt: skip
    try:
        async with served(engines, tmp_path) as exchange, SipPort(exchange.house, SipSettings(**SIP)):
            end, ref = await rung(exchange, f"sip:service@127.0.0.1:{port}")
            await exchange.reception.controls.able("sip", Deed.HANG_UP).hang_up(ref)
            await end.over
            async with asyncio.timeout(20):
                assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.skipif(not (BARESIP and MODULES), reason="this call needs baresip: apt-get install baresip-core")
async def test_baresip_answers_and_is_heard(engines: Engines, tmp_path: Path) -> None:
    port, phone = free_udp_port(), tmp_path / "phone"
    phone.mkdir()
    with wave.open(str(VOICE)) as recorded, wave.open(str(phone / "says.wav"), "wb") as says:
        says.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        says.writeframes(resample(recorded.readframes(recorded.getnframes()), recorded.getframerate(), RATE_HZ))
    config = CONFIG.format(says=phone / "says.wav", modules=MODULES).replace("127.0.0.1:0", f"127.0.0.1:{port}")
    (phone / "config").write_text(config)
    (phone / "accounts").write_text("<sip:anna@127.0.0.1>;regint=0;answermode=auto;audio_codecs=G722/16000/1\n")
    (phone / "contacts").write_text("")
    process = await asyncio.create_subprocess_exec(
        BARESIP or "", "-f", str(phone), "-t", "40",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await asyncio.sleep(1.0)  # until it listens
        async with served(engines, tmp_path) as exchange, SipPort(exchange.house, SipSettings(**SIP)):
            end, _ = await rung(exchange, f"sip:anna@127.0.0.1:{port}")
            async with asyncio.timeout(20):
                while not any(end.heard):
                    await asyncio.sleep(0.05)
            assert exchange.log_of("sip.media") == []
    finally:
        process.terminate()
        await process.wait()
