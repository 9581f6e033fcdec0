"""A whole call whose voice fails in the middle of a text: what was heard is kept, and a human is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialogs.loading import read_flowbook
from telephony.lines import Line
from tests.telephony.conftest import FLOWBOOK, Engines, served
from voice.speaking.prompts import Speaker
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer
from voice.speaking.synthesizer import Sound, Voice, failed

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANSWER = '{it: "Ecco quello che so. Il resto non esce, {tasto}. Un tasto, prego."}'


class LosesItsVoice(Pyttsx3Synthesizer):
    """The real engine, which cannot speak one sentence."""

    async def synthesize(self, sentence: str, voice: Voice, pace: float = 1.0) -> Sound:
        if "non esce" in sentence:
            raise failed(sentence, voice, "it lost its voice")
        return await super().synthesize(sentence, voice, pace)


async def test_the_caller_hears_the_beginning_then_reaches_a_human(engines: Engines, tmp_path: Path) -> None:
    book = read_flowbook(FLOWBOOK.replace("{it: Ciao.}", ANSWER).replace("- end: answered", "- goto: welcome"))
    speaker = Speaker(tmp_path / "prompts", {"pyttsx3": LosesItsVoice()})
    line = Line("it", "+390510000001", "it", Voice("pyttsx3", "it"), book, engines.line.understanding)
    async with served(Engines(engines.recognizers, speaker, line), tmp_path) as exchange:
        console = await exchange.console()
        await console.send(type="available")
        phone = await exchange.browser()
        await phone.until_it_speaks()
        await phone.press("7")
        await console.until(lambda console: console.of("offer"))
        assert console.of("offer")[-1]["reason"] == "failure"
        # A human is called while the bot still speaks; who comes back to the desk is told all of it.
        await phone.until(
            lambda phone: [one for one in phone.of("transcript") if one["is_final"] and one["text"] == "Un guasto."]
        )
        again = await exchange.console()
        await again.until(lambda console: console.of("offer"))
        said = [turn["text"] for turn in again.of("offer")[-1]["transcript"]]
        assert said[: said.index("Un guasto.") + 1][-3:] == ["Ecco quello che so.", "Un tasto?", "Un guasto."]
        events = await exchange.events(phone.call_id)
        (failure,) = [event.payload for event in events if event.payload.get("kind") == "PartFailed"]
        assert failure["part"] == "synthesis"
        assert "it lost its voice" in str(failure["detail"])
        await phone.ws.close()
        await exchange.ended(id=phone.call_id)
    await speaker.close()
