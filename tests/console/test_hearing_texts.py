"""Who writes articles hears them in the voice of a line."""

from __future__ import annotations

import io
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from centralino.line_voices import ServedVoices
from console.app import TEXTS_IN_A_MINUTE
from voice.models import ModelStore
from voice.speaking.prompts import Speaker, default_voice
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer
from voice.speaking.synthesizer import Voice


@pytest.fixture
async def speaker(tmp_path: Path) -> AsyncIterator[Speaker]:
    opened = Speaker(tmp_path / "prompts", {"pyttsx3": Pyttsx3Synthesizer()})
    yield opened
    await opened.close()


async def test_a_text_is_spoken_for_who_writes_and_for_nobody_else(
    house_of: Any, speaker: Speaker, tmp_path: Path
) -> None:
    lines = [SimpleNamespace(language="it", voice=default_voice("it"))]
    house = house_of(voices=ServedVoices(speaker, lambda: lines, tmp_path, ModelStore(tmp_path)))
    text = {"text": "Siamo aperti dalle nove. <break time='300ms'/> Anche il sabato.", "language": "it"}
    _, operator = await house.member("olga", "operator")
    assert (await house.browser().post("/api/spoken", json=text)).status_code == 401
    assert (await operator.post("/api/spoken", json=text)).status_code == 403

    _, writer = await house.member("anna", "flow-admin")
    answer = await writer.post("/api/spoken", json=text)
    assert answer.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(answer.content)) as sound:
        assert sound.getnchannels() == 1
        assert sound.getnframes() / sound.getframerate() > 1.5
    english = await writer.post("/api/spoken", json={"text": "We open at nine.", "language": "en"})
    assert english.status_code == 200, "a language that no line speaks has a voice of its own"


async def test_what_cannot_be_spoken_says_why_and_nobody_asks_without_end(
    house_of: Any, speaker: Speaker, tmp_path: Path
) -> None:
    house = house_of(voices=ServedVoices(speaker, list, tmp_path, ModelStore(tmp_path)))
    _, writer = await house.member("anna", "flow-admin")
    unknown = await writer.post("/api/spoken", json={"text": "ciao", "language": "xx"})
    assert (unknown.status_code, unknown.json()["detail"]["code"]) == (422, "cannot_be_spoken")
    assert (await writer.post("/api/spoken", json={"text": "a" * 1001, "language": "it"})).status_code == 422
    for _ in range(TEXTS_IN_A_MINUTE - 1):
        await writer.post("/api/spoken", json={"text": "ciao", "language": "xx"})
    refused = await writer.post("/api/spoken", json={"text": "ciao", "language": "xx"})
    assert (refused.status_code, refused.json()["detail"]["code"]) == (429, "too_many_texts")
    house.clock.pass_by(61)
    assert (await writer.post("/api/spoken", json={"text": "ciao", "language": "xx"})).status_code == 422


async def test_a_text_of_a_flowbook_is_spoken_by_the_voice_of_its_line(
    house_of: Any, speaker: Speaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = Voice("pyttsx3", "it"), Voice("pyttsx3", "en")
    lines = [
        SimpleNamespace(language="it", voice=voice, book=SimpleNamespace(id=book))
        for book, voice in (("bottega", one), ("libreria", other))
    ]
    house = house_of(voices=ServedVoices(speaker, lambda: lines, tmp_path, ModelStore(tmp_path)))
    _, writer = await house.member("anna", "flow-admin")
    used, really = [], speaker.sound

    async def sound(phrase: Any, voice: Voice, *more: Any, **others: Any) -> Any:
        used.append(voice)
        return await really(phrase, voice, *more, **others)

    monkeypatch.setattr(speaker, "sound", sound)
    for book in ("", "bottega", "libreria", "nowhere"):
        answer = await writer.post("/api/spoken", json={"text": "Ciao.", "language": "it", "flowbook": book})
        assert answer.status_code == 200
    assert used == [one, one, other, one]


async def test_a_sysadmin_hears_a_voice_that_no_line_has_yet(house_of: Any, speaker: Speaker, tmp_path: Path) -> None:
    house = house_of(voices=ServedVoices(speaker, list, tmp_path, ModelStore(tmp_path)))
    text = {"text": "Siamo aperti.", "language": "it", "voice_engine": "pyttsx3"}
    _, writer = await house.member("anna", "flow-admin")
    assert (await writer.post("/api/spoken", json=text)).status_code == 403
    _, boss = await house.member("paola", "sysadmin")
    assert (await boss.post("/api/spoken", json=text)).headers["content-type"] == "audio/wav"
    for engine, why in (("sirena", "no voice engine is called 'sirena'"), ("piper", "piper")):
        refused = await boss.post("/api/spoken", json={**text, "voice_engine": engine, "voice": "nowhere.onnx"})
        assert refused.status_code == 422
        assert why in refused.json()["detail"]["message"]
