"""The simulator is spoken to: the browser's microphone, the real recognizer, and the answer in the line's voice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from centralino.demo import clips
from centralino.line_ears import ServedEars
from centralino.line_voices import ServedVoices
from tests.console.pages.app import barriers, built, said_again_and_again
from tests.console.pages.test_flows import opened, parts_of
from voice.listening.workers import Recognizers
from voice.models import ModelStore, choose_engine
from voice.speaking.prompts import Speaker
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer

pytestmark = built

QUESTION = clips()["it_orari"]
SAID_BY = f"{len(QUESTION.at(16_000).pcm) // 32_000 + 2} s"
"""What the page shows when the whole question was recorded."""


@pytest.fixture
def microphone(tmp_path: Path) -> Path:
    return said_again_and_again(tmp_path / "voice.wav", QUESTION, 1, 20)


@pytest.fixture
async def console_parts(tmp_path: Path) -> AsyncIterator[dict[str, Any]]:
    recognizers = Recognizers(ModelStore(), answer_within_s=60)
    await recognizers.start([choose_engine("it", ModelStore())])
    speaker = Speaker(tmp_path / "prompts", {"pyttsx3": Pyttsx3Synthesizer()})
    voices = ServedVoices(speaker, list, tmp_path, ModelStore(tmp_path))
    yield {**await parts_of(tmp_path), "ears": ServedEars(recognizers, list), "voices": voices}
    await speaker.close()
    await recognizers.close()


NO_MICROPHONE = """() => {
  window.really = navigator.mediaDevices.getUserMedia;
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotFoundError"));
}"""
A_SILENT_ONE = """() => {
  const silence = new AudioContext().createMediaStreamDestination();
  navigator.mediaDevices.getUserMedia = () => Promise.resolve(silence.stream);
}"""
THE_REAL_ONE = "() => { navigator.mediaDevices.getUserMedia = window.really; }"


async def test_what_is_said_is_what_the_caller_said_and_the_answer_is_heard(live: Any, pages: Any) -> None:
    page = await opened(live, pages)
    spoken: list[Any] = []
    page.on("response", lambda answer: spoken.append(answer) if answer.url.endswith("/api/spoken") else None)
    await page.get_by_role("tab", name="Simulatore").click()
    await page.get_by_label("Fai sentire le risposte").check()
    await page.get_by_role("button", name="Inizia").click()
    log = page.get_by_role("log", name="Conversazione simulata")
    await log.get_by_text("Come posso aiutarla?").wait_for()
    await pages.until(lambda: spoken)
    assert (spoken[0].status, spoken[0].headers["content-type"]) == (200, "audio/wav")
    assert "Come posso aiutarla?" in spoken[0].request.post_data_json["text"]

    speak, done = page.get_by_role("button", name="Parla"), page.get_by_role("button", name="Ho finito")
    await page.evaluate(NO_MICROPHONE)
    await speak.click()
    await page.get_by_text("Non c'è nessun microfono.").wait_for()
    assert await barriers(page) == []
    await page.evaluate(A_SILENT_ONE)
    await speak.click()
    await done.click()
    await page.get_by_text("Non si è capita nessuna parola.").wait_for()

    await page.evaluate(THE_REAL_ONE)
    await speak.click()
    await page.get_by_text("In ascolto, al massimo 15 secondi").wait_for()
    assert await barriers(page) == []
    await page.get_by_text(SAID_BY, exact=True).wait_for()
    await done.click()
    await log.get_by_text("orari").first.wait_for()
    await log.get_by_text("articolo opening-hours").wait_for()
    await pages.until(lambda: len(spoken) > 1)
    assert "nove e trenta" in spoken[1].request.post_data_json["text"]
