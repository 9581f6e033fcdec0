"""Clients of vosk-server on our websocket: real speech, a real Vosk worker, and everything they can get wrong."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import random
import signal
import socket
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import pytest_asyncio
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from centralino.app import Server
from centralino.serving import serving
from telephony.dictation import SpokenWord, Utterance
from telephony.doors import vosk_server
from telephony.doors.house import House
from telephony.doors.vosk_server import VoskServerSettings
from telephony.doors.vosk_session import early_s
from telephony.media import ProtocolError
from telephony.protocols import vosk_server as wire
from telephony.reception import Reception
from tests.telephony.mutations import mutated
from voice.listening.workers import Recognizers
from voice.models import ModelStore, choose_engine

pytestmark = pytest.mark.asyncio(loop_scope="session")

CALLERS = Path(__file__).parents[2] / "samples/bookshop/callers"
KEY = "0123456789abcdef0123"
PHRASES = [entry["text"] for entry in json.loads((CALLERS / "manifest.json").read_text()) if entry["language"] == "ko"]
EOF = '{"eof" : 1}'


def speech(name: str) -> tuple[bytes, int]:
    with wave.open(str(CALLERS / f"{name}.wav")) as clip:
        return clip.readframes(clip.getnframes()), clip.getframerate()


@dataclass
class Service:
    url: str
    house: House
    recognizers: Recognizers

    async def client(self, query: str = f"?key={KEY}", **headers: str) -> ClientConnection:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await connect(f"{self.url}/vosk{query}", additional_headers=named, compression=None)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def recognizers() -> AsyncIterator[Recognizers]:
    store = ModelStore()
    pool = Recognizers(store, workers=1)
    await pool.start([choose_engine("ko", store)])
    yield pool
    await pool.close()


@contextlib.asynccontextmanager
async def served(recognizers: Recognizers, **settings: Any) -> AsyncIterator[Service]:
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"127.0.0.1:{listening.getsockname()[1]}"
    house = House(cast(Reception, SimpleNamespace(recognizers=recognizers)), f"http://{url}")
    app = FastAPI()
    app.include_router(vosk_server.routes(house, VoskServerSettings(**{"language": "ko", "fastest": 1000, **settings})))

    async def drain() -> None:
        """Nobody is in a call."""

    async with serving(cast(Server, SimpleNamespace(app=app, drain=drain)), listening):
        yield Service(f"ws://{url}", house, recognizers)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def service(recognizers: Recognizers) -> AsyncIterator[Service]:
    async with served(recognizers, keys=[KEY], most_sessions=2) as service:
        yield service


async def hear(client: ClientConnection, pcm: bytes) -> list[dict[str, Any]]:
    """Send a second at a time; the answers."""
    answers = []
    for at in range(0, len(pcm), 32_000):
        await client.send(pcm[at : at + 32_000])
        answers.append(json.loads(await client.recv()))
    return answers


async def transcribed(client: ClientConnection, pcm: bytes, rate_hz: int, **config: Any) -> list[dict[str, Any]]:
    """As vosk-server's example does it: a fifth of a second at a time, an answer for each."""
    await client.send(json.dumps({"config": {"sample_rate": rate_hz, **config}}))
    answers = []
    piece = rate_hz // 5 * 2
    for at in range(0, len(pcm), piece):
        await client.send(pcm[at : at + piece])
        answers.append(json.loads(await client.recv()))
    await client.send(EOF)
    answers.append(json.loads(await client.recv()))
    with pytest.raises(ConnectionClosed):  # not one answer more
        await client.recv()
    assert client.close_code == 1000
    return answers


async def test_a_file_as_the_example_client_sends_it(service: Service) -> None:
    pcm, rate_hz = speech("ko_refund")
    *during, last = await transcribed(await service.client(), pcm, rate_hz)
    partials = [answer["partial"] for answer in during]
    assert all(set(answer) == {"partial"} for answer in during)
    assert partials[0] == ""
    assert any(partials)
    assert set(last) == {"result", "text"}
    assert last["text"] == " ".join(word["word"] for word in last["result"])
    for word in last["result"]:
        assert set(word) == {"conf", "end", "start", "word"}
        assert 0 <= word["start"] < word["end"] <= len(pcm) / 2 / rate_hz
        assert 0 < word["conf"] <= 1


async def test_utterances_are_told_when_they_end_and_their_words_have_the_times_of_the_stream(service: Service) -> None:
    pcm, rate_hz = speech("ko_refund")
    pause = bytes(rate_hz * 2 * 2)
    answers = await transcribed(await service.client(), pcm + pause + pcm, rate_hz)
    results = [answer for answer in answers if answer.get("text")]
    assert len(results) == 2
    first, second = (result["result"] for result in results)
    later_s = len(pcm + pause) / 2 / rate_hz
    assert second[0]["start"] > later_s
    assert second[-1]["end"] == pytest.approx(first[-1]["end"] + later_s, abs=0.15)


async def test_telephone_sound_by_default(service: Service) -> None:
    client = await service.client()
    await client.send(bytes(3200))
    assert await client.recv() == '{\n  "partial" : ""\n}'
    await client.send('{"reset" : 1}')
    assert await client.recv() == '{\n  "text" : ""\n}'
    await client.send(EOF)
    assert json.loads(await client.recv()) == {"text": ""}


async def test_a_phrase_list_alternatives_and_no_words(service: Service) -> None:
    pcm, rate_hz = speech("ko_thanks")
    answers = await transcribed(
        await service.client(), pcm, rate_hz, phrase_list=[*PHRASES, "[unk]"], words=0, max_alternatives=3
    )
    assert answers[-1] == {
        "alternatives": [{"confidence": answers[-1]["alternatives"][0]["confidence"], "text": "감사합니다"}]
    }


async def test_a_reset_tells_what_was_said_and_the_session_goes_on(service: Service) -> None:
    pcm, rate_hz = speech("ko_refund")
    client = await service.client()
    await client.send(json.dumps({"config": {"sample_rate": rate_hz}}))
    texts = []
    for _ in range(2):
        await hear(client, pcm)
        await client.send('{"reset" : 1}')
        texts.append(json.loads(await client.recv())["text"])
    assert all(texts)
    await client.close()


async def test_a_recognizer_that_dies_costs_the_words_since_the_last_result(service: Service) -> None:
    pcm, rate_hz = speech("ko_refund")
    client = await service.client()
    await client.send(json.dumps({"config": {"sample_rate": rate_hz}}))
    await hear(client, pcm[: len(pcm) // 2])
    pid = service.recognizers.stats()[0].pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    answer = (await hear(client, pcm[len(pcm) // 2 :]))[0]
    if "error" not in answer:  # its death was not noticed yet
        await client.send('{"reset" : 1}')
        answer = json.loads(await client.recv())
    assert answer["text"] == ""
    assert "lost" in answer["error"]
    await hear(client, pcm)
    await client.send(EOF)
    assert json.loads(await client.recv())["text"]


# ------------------------------------------------------------------------------------------------------ who may come in


def basic(password: str) -> str:
    return f"Basic {base64.b64encode(f'anyone:{password}'.encode()).decode()}"


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        (f"?key={KEY}", {}),
        ("", {"Authorization": f"Bearer {KEY}"}),
        ("", {"Authorization": basic(KEY)}),
        ("?language=ko", {"Authorization": basic(KEY), "Origin": "https://page.example"}),
    ],
)
async def test_a_key_opens_a_session(service: Service, query: str, headers: dict[str, str]) -> None:
    client = await service.client(query, **headers)
    await client.send(EOF)
    assert json.loads(await client.recv()) == {"text": ""}


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", {}),
        ("?key=", {}),
        ("?key=wrong", {}),
        ("", {"Authorization": f"Bearer {KEY}x"}),
        ("", {"Authorization": basic("")}),
        ("", {"Authorization": "Basic ####"}),
        ("", {"Authorization": f"Digest {KEY}"}),
    ],
)
async def test_without_a_key_nobody_gets_in(service: Service, query: str, headers: dict[str, str]) -> None:
    service.house.refused.clear()
    with pytest.raises(InvalidStatus) as refused:
        await service.client(query, **headers)
    assert refused.value.response.status_code == 403
    assert service.house.refused == {"vosk_server": 1}


async def test_programs_on_this_machine_may_be_let_in_but_no_page_and_no_proxy(recognizers: Recognizers) -> None:
    async with served(recognizers, open_to_this_machine=True) as service:
        client = await service.client("")
        await client.send(EOF)
        assert json.loads(await client.recv()) == {"text": ""}
        for header in ("Origin", "X-Forwarded-For", "Forwarded", "X-Real-IP"):
            with pytest.raises(InvalidStatus):
                await service.client("", **{header: "http://127.0.0.1"})
        assert service.house.refused == {"vosk_server": 4}


async def test_settings_that_would_let_anybody_in() -> None:
    with pytest.raises(ValueError, match="give keys, or set open_to_this_machine"):
        VoskServerSettings()
    with pytest.raises(ValueError, match="16 characters"):
        VoskServerSettings(keys=("short",))  # type: ignore[arg-type]
    assert KEY not in repr(VoskServerSettings(keys=(KEY,)))  # type: ignore[arg-type]


# ----------------------------------------------------------------------------------------------------- who is sent away


WRONG = [
    ("a model", ['{"config" : {"model" : "/etc"}}'], 1008, "config.model is not taken"),
    ("a rate", ['{"config" : {"sample_rate" : 4000}}'], 1003, "config.sample_rate must be"),
    ("another rate", [bytes(320), '{"config" : {"sample_rate" : 16000}}'], 1008, "cannot change"),
    ("half a sample", [b"\0"], 1003, "odd number of bytes"),
    ("no JSON", ["eof"], 1003, "not JSON"),
    ("another text", ['{"eof" : 0}'], 1003, "a text is"),
]


@pytest.mark.parametrize(("messages", "close", "says"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
async def test_what_is_wrong_is_said(service: Service, messages: list[str | bytes], close: int, says: str) -> None:
    client = await service.client()
    for message in messages:
        await client.send(message)
    answer = {"partial": ""}
    while "error" not in answer:
        answer = json.loads(await client.recv())
    assert says in answer["error"]
    await client.wait_closed()
    assert client.close_code == close


async def test_a_language_that_nobody_listens_to(service: Service) -> None:
    client = await service.client(f"?key={KEY}&language=fr")
    assert "no recognizer was started for the language 'fr' (there are: ko)" in json.loads(await client.recv())["error"]
    await client.wait_closed()
    assert client.close_code == 1008


async def test_more_sessions_than_allowed(service: Service) -> None:
    clients = [await service.client() for _ in range(2)]
    for client in clients:
        await client.send(bytes(320))
        await client.recv()
    late = await service.client()
    assert "2 sessions are open" in json.loads(await late.recv())["error"]
    await late.wait_closed()
    assert late.close_code == 1013
    for client in clients:
        await client.close()


@pytest.mark.parametrize(
    ("limit", "says"), [("idle_s", "nothing came for"), ("longest_s", "no session may take longer")]
)
async def test_a_session_that_takes_too_long(recognizers: Recognizers, limit: str, says: str) -> None:
    async with served(recognizers, keys=[KEY], **{limit: 0.2}) as service:
        client = await service.client()
        async with asyncio.timeout(20):
            assert says in json.loads(await client.recv())["error"]
            await client.wait_closed()
        assert client.close_code == 1008


async def test_a_client_that_vanishes_leaves_its_place(service: Service) -> None:
    for _ in range(4):
        client = await service.client()
        await client.send(bytes(320))
        assert "partial" in json.loads(await client.recv())
        client.transport.abort()
        await client.wait_closed()
        async with asyncio.timeout(20):
            while service.recognizers.stats()[0].recognizers:
                await asyncio.sleep(0.01)


# ----------------------------------------------------------------------------------------------------------- the shapes


WORD = SpokenWord("uno", 60, 660, 0.5)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            wire.Options(),
            '{\n  "result" : [\n    {\n      "conf" : 0.5,\n      "end" : 0.66,\n      "start" : 0.06,\n'
            '      "word" : "uno"\n    }\n  ],\n  "text" : "uno due"\n}',
        ),
        (wire.Options(words=False), '{\n  "text" : "uno due"\n}'),
    ],
)
async def test_a_result_is_written_as_libvosk_writes_it(options: wire.Options, expected: str) -> None:
    assert wire.result([Utterance("uno", (WORD,), 0.5), Utterance(""), Utterance("due", (), 0.9)], options) == expected


async def test_alternatives_have_no_confidence_of_words() -> None:
    said = json.loads(wire.result([Utterance("uno", (WORD,), 0.5)], wire.Options(alternatives=2)))
    words = [{"end": 0.66, "start": 0.06, "word": "uno"}]
    assert said == {"alternatives": [{"confidence": 0.5, "result": words, "text": "uno"}]}
    assert json.loads(wire.result([], wire.Options(alternatives=2))) == {
        "alternatives": [{"confidence": 1.0, "text": ""}]
    }


async def test_a_session_is_slowed_down_to_the_speed_that_is_allowed() -> None:
    assert early_s(sound_s=10, elapsed_s=1, fastest=4) == pytest.approx(1.0)
    assert early_s(sound_s=1, elapsed_s=0, fastest=1) < 0  # what may come at once
    assert early_s(sound_s=10, elapsed_s=60, fastest=1) < 0


async def test_whatever_a_client_sends_nothing_but_a_protocol_error_comes_of_it() -> None:
    config = {"sample_rate": 16000.0, "words": 1, "max_alternatives": 2, "phrase_list": ["uno", "due"], "model": "/m"}
    session = [json.dumps({"config": config}), '{"config" : {"sample_rate" : 8000}}', bytes(40), '{"reset" : 1}', EOF]
    for seed in range(2000):
        for message in mutated(session, random.Random(seed)):
            request, error = read(message)
            assert isinstance(request, wire.Request) or error
            if error:
                assert error.close in (1003, 1007, 1008)
                assert len(error.detail.encode()) < 300


def read(message: str | bytes) -> tuple[wire.Request | None, ProtocolError | None]:
    try:
        return wire.request_of(message), None
    except ProtocolError as error:
        return None, error
