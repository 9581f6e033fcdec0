"""A whole call by baresip: its own SIP, its own G.722, a recorded voice, and the sample company on the other side."""

from __future__ import annotations

import asyncio
import shutil
import wave
from dataclasses import replace
from pathlib import Path

import pytest

import samples
from dialogs.loading import load_flowbook
from dialogs.understanding import Understanding
from knowledge.search import KnowledgeBase
from telephony.lines import Line
from telephony.sip.port import SipPort
from telephony.sip.settings import SipSettings
from tests.telephony.conftest import Engines, served
from tests.telephony.sip.conftest import LOOPBACK
from voice.audio import resample

BARESIP = shutil.which("baresip")
MODULES = next((str(path.parent) for path in Path("/usr/lib").glob("**/baresip/modules/g722.so")), "")
GREETING_S = 6.8
ANSWER_S = 3.0
"""How long the caller listens, before and after the question."""
RATE_HZ = 16_000
CONFIG = """
sip_listen 127.0.0.1:0
audio_source aufile,{says}
audio_alert aufile,{says}
module_path {modules}
module g722.so
module aufile.so
module_tmp account.so
module_app menu.so
"""

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(not (BARESIP and MODULES), reason="this call needs baresip: apt-get install baresip-core"),
]


def write_phone(folder: Path, clip: Path) -> None:
    """Its configuration, and what it says: nothing, the clip, nothing, and then it hangs up."""
    with wave.open(str(clip)) as recorded:
        speech = resample(recorded.readframes(recorded.getnframes()), recorded.getframerate(), RATE_HZ)
    before, after = bytes(round(GREETING_S * RATE_HZ) * 2), bytes(round(ANSWER_S * RATE_HZ) * 2)
    with wave.open(str(folder / "says.wav"), "wb") as says:
        says.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        says.writeframes(before + speech + after)
    (folder / "config").write_text(CONFIG.format(says=folder / "says.wav", modules=MODULES))
    (folder / "accounts").write_text("<sip:anna@127.0.0.1>;regint=0;audio_codecs=G722/16000/1\n")
    (folder / "contacts").write_text("")


async def test_a_question_is_heard_and_answered(engines: Engines, tmp_path: Path) -> None:
    shop = Path(samples.__file__).parent / "bookshop"
    book = load_flowbook(shop / "flowbook.yaml")
    understanding = Understanding(book, KnowledgeBase.load(shop / "articles", embedder=None))
    line = Line("libreria", "", "it", engines.line.voice, book, understanding)
    phone = tmp_path / "phone"
    phone.mkdir()
    write_phone(phone, shop / "callers" / "it_orari.wav")
    settings = SipSettings(port=0, trusted=[LOOPBACK], first_rtp_port=22_000, last_rtp_port=22_099)
    async with (
        served(replace(engines, line=line), tmp_path, claim_s=20.0) as exchange,
        SipPort(exchange.house, settings) as port,
    ):
        dial = f"/dial sip:libreria@127.0.0.1:{port.agent.address[1]}"
        process = await asyncio.create_subprocess_exec(
            BARESIP or "", "-f", str(phone), "-e", dial, "-t", "40",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            detail = await exchange.ended(door="sip", line="libreria")
        finally:
            process.terminate()
            await process.wait()
        assert detail.interaction.end_reason == "caller_hung_up"
        async with asyncio.timeout(20):  # the port sums up after the history has the end
            while not exchange.log_of("sip.media"):
                await asyncio.sleep(0.05)
        media = exchange.log_of("sip.media")[0]
        assert (media["codec"], media["strange"], media["lost"]) == ("G722", 0, 0)
        assert [turn.article for turn in detail.transcript if turn.article] == ["opening-hours"]
