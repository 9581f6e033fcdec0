"""A small real exchange in this process: real sockets, history, recognizer and voice, one line with one question."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import json
import logging
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self, cast
from xml.etree import ElementTree as xml

import httpx
import pytest
import pytest_asyncio
import structlog
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from centralino.app import Server
from centralino.serving import serving
from console.tickets import Tickets
from dialogs.contact import Contact
from dialogs.loading import read_flowbook
from dialogs.understanding import Understanding
from history import InteractionDetail, Journal, StoredEvent, Timeline
from knowledge.search import KnowledgeBase
from telephony.control.transfers import TransferSettings
from telephony.doors.house import House
from telephony.doors.registry import DoorSettings
from telephony.late_writing import LateWriting
from telephony.lines import Line, Lines
from telephony.operators.desk import Desk
from telephony.parts import Parts
from telephony.protocols.twilio_webhook import signature
from telephony.reception import Reception
from telephony.recording.recorder import Recorder
from telephony.server import media_routes
from telephony.webrtc.settings import WebrtcSettings
from tests.shelves import shelf_in
from voice import g711
from voice.listening.workers import Recognizers
from voice.models import ModelStore, choose_engine
from voice.speaking.prompts import Speaker
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer
from voice.speaking.synthesizer import Voice

FLOWBOOK = """
flowbook: 1
id: door
languages: {default: it}
start: welcome
disclosure: disclosure
queues:
  aiuto: {max_wait: 60s}
repair:
  no_input: [{say: again}, {say: again, handoff: aiuto}]
  no_match: [{say: again}, {say: again, handoff: aiuto}]
always:
  operator: {handoff: aiuto, say: again}
flows:
  welcome:
    - fill:
        tasto: {type: digits, length: 1}
      timeout: 600s
    - if: tasto == "0"
      then: [{handoff: aiuto}]
    - say: bye
    - end: answered
texts:
  disclosure: {it: Automatico.}
  ask_tasto: {it: Un tasto?}
  again: {it: Scusi.}
  bye: {it: Ciao.}
  hearing_lost: {it: Ripeta.}
  failure: {it: Un guasto.}
  nobody_available: {it: La richiamiamo.}
  queue_place: {it: "Numero {place}."}
"""
TWILIO_TOKEN = "0123456789abcdef0123456789abcdef"
NUMBER = "+390510000001"
MOST_CALLS = 4


@dataclass(frozen=True)
class Engines:
    recognizers: Recognizers
    speaker: Speaker
    line: Line


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engines(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engines]:
    """Loaded once: they belong to the session's event loop."""
    store = ModelStore()
    recognizers = Recognizers(store, answer_within_s=60)  # a busy machine loads slowly
    await recognizers.start([choose_engine("it", store)])
    speaker = Speaker(tmp_path_factory.mktemp("prompts"), {"pyttsx3": Pyttsx3Synthesizer()})
    book = read_flowbook(FLOWBOOK)
    articles = Path(__file__).parents[2] / "samples/bookshop/articles"
    understanding = Understanding(book, KnowledgeBase.load(articles, embedder=None))
    line = Line("it", NUMBER, "it", Voice("pyttsx3", "it"), book, understanding)
    await speaker.prerender([(text, line.voice) for text in book.spoken_texts("it")])
    yield Engines(recognizers, speaker, line)
    await speaker.close()
    await recognizers.close()


class FarEnd:
    """The other side of a websocket: JSON frames and sound it got, and its close code."""

    def __init__(self, ws: ClientConnection) -> None:
        self.ws = ws
        self.got: list[dict[str, Any]] = []
        self.sound = b""
        self._news = asyncio.Event()
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in self.ws:
                if isinstance(message, bytes):
                    self.sound += message
                else:
                    self.got.append(json.loads(message))
                    await self.take(self.got[-1], message)
                self._news.set()
        self._news.set()

    async def take(self, frame: dict[str, Any], message: str) -> None:
        """What this kind of far end does about a frame."""

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.got if kind in (frame.get("type"), frame.get("event"))]

    async def until(self, seen: Callable[[Self], object], within_s: float = 20) -> None:
        """Until `seen`; an error when the socket closes before."""
        async with asyncio.timeout(within_s):
            while not seen(self):
                assert not self._listening.done(), f"the socket closed ({self.closed}); got {self.got[-3:]}"
                self._news.clear()
                await self._news.wait()

    async def send(self, **frame: Any) -> None:
        await self.ws.send(json.dumps(frame))

    async def until_closed(self) -> tuple[int | None, str | None]:
        """The close code and reason that the server gave."""
        async with asyncio.timeout(20):
            await self.ws.wait_closed()
        return self.closed

    @property
    def closed(self) -> tuple[int | None, str | None]:
        return self.ws.close_code, self.ws.close_reason


class Console(FarEnd):
    """An operator's console."""

    @property
    def states(self) -> list[str]:
        return [str(frame["state"]) for frame in self.of("state")]

    async def accept(self, within_s: float = 20) -> str:
        """The next offer; returns its call's id."""
        await self.send(type="available")
        await self.until(lambda console: console.of("offer"), within_s)
        offer = self.of("offer")[-1]
        await self.send(type="accept", offer=offer["offer"])
        await self.until(lambda console: console.of("connected"))
        return str(offer["call_id"])


class Phone(FarEnd):
    """A far end on one of the two doors: echoes marks, and can be told to misbehave."""

    def __init__(self, ws: ClientConnection, stream_sid: str = "") -> None:
        self.stream_sid = stream_sid
        super().__init__(ws)

    async def take(self, frame: dict[str, Any], message: str) -> None:
        if frame.get("event") == "media":
            self.sound += g711.mulaw_to_pcm(base64.b64decode(frame["media"]["payload"]))
        if "mark" in (frame.get("type"), frame.get("event")):
            await self.ws.send(message)

    async def until_it_speaks(self) -> None:
        heard = len(self.sound)
        await self.until(lambda phone: len(phone.sound) > heard)

    async def press(self, key: str) -> None:
        if self.stream_sid:
            await self.send(event="dtmf", streamSid=self.stream_sid, dtmf={"track": "inbound_track", "digit": key})
        else:
            await self.send(type="dtmf", digit=key)

    @property
    def call_id(self) -> str:
        return next(str(frame["call_id"]) for frame in self.got if frame.get("type") == "ready")


@dataclass
class Exchange:
    url: str
    reception: Reception
    desk: Desk
    tickets: Tickets
    journal: Journal
    house: House
    speaker: Speaker
    logged: list[MutableMapping[str, Any]]
    app: FastAPI

    def ws_url(self, path: str) -> str:
        return self.url.replace("http", "ws", 1) + path

    async def browser(self, ticket: str | None = None, start: bool = True, line: str = "it") -> Phone:
        ticket = self.tickets.issue("browser", {}) if ticket is None else ticket
        phone = Phone(await connect(self.ws_url(f"/ws/browser?ticket={ticket}"), compression=None))
        if start:
            await phone.send(type="start", line=line, rate_hz=16000)
        return phone

    async def console(self, name: str = "anna", *queues: str, skills: Sequence[str] = ()) -> Console:
        """An operator's console, connected."""
        subject = {"id": name, "name": name.title(), "queues": list(queues), "skills": list(skills)}
        ticket = self.tickets.issue("operator", subject)
        console = Console(await connect(self.ws_url(f"/ws/operator?ticket={ticket}"), compression=None))
        await console.until(lambda console: console.of("state"))
        return console

    async def webhook(
        self, path: str = "/twilio/voice", sign: str | None = None, to: str = NUMBER, sid: str = "CA1", **more: str
    ) -> httpx.Response:
        fields = {"CallSid": sid, "From": "+39021234", "To": to, "AccountSid": "AC1", **more}
        signed = sign if sign is not None else signature(TWILIO_TOKEN, self.url + path, fields)
        async with httpx.AsyncClient() as client:
            return await client.post(self.url + path, data=fields, headers={"X-Twilio-Signature": signed})

    async def announced(self, sid: str = "CA1") -> str:
        """The token of a call that Twilio's webhook announced."""
        answer = await self.webhook(sid=sid)
        parameter = xml.fromstring(answer.text).find("./Connect/Stream/Parameter")
        assert parameter is not None, answer.text
        return parameter.attrib["value"]

    async def twilio_socket(self, sign: str | None = None) -> Phone:
        url = self.ws_url("/twilio/media")
        signed = sign if sign is not None else signature(TWILIO_TOKEN, url, {})
        headers = {"X-Twilio-Signature": signed}
        return Phone(await connect(url, additional_headers=headers, compression=None), stream_sid="MZ1")

    async def twilio(self, sid: str = "CA1", token: str | None = None, **media_format: Any) -> Phone:
        token = await self.announced(sid) if token is None else token
        phone = await self.twilio_socket()
        sound = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1, **media_format}
        start = {"streamSid": "MZ1", "callSid": sid, "mediaFormat": sound, "customParameters": {"token": token}}
        await phone.send(event="connected", protocol="Call", version="1.0.0")
        await phone.send(event="start", streamSid="MZ1", start=start)
        return phone

    async def events(self, call_id: str) -> list[StoredEvent]:
        timeline = Timeline(self.journal.path)
        try:
            return await timeline.events(call_id)
        finally:
            await timeline.close()

    async def ended(self, **what: str) -> InteractionDetail:
        """The one call of the history with these values (`ref`, `door`, `id`...), once it has ended."""
        timeline = Timeline(self.journal.path)
        until_s = time.monotonic() + 20
        try:
            while True:
                rows = [await timeline.get(row.id) for row in await timeline.list_interactions(limit=50)]
                for detail in rows:
                    facts = {"id": detail.interaction.id, "line": detail.interaction.line} | {
                        name: str(value)
                        for name, value in (await self.events(detail.interaction.id))[0].payload.items()
                    }
                    if detail.interaction.ended_at and all(facts.get(name) == value for name, value in what.items()):
                        return detail
                assert time.monotonic() < until_s, f"no ended call with {what}"
                await asyncio.sleep(0.05)
        finally:
            await timeline.close()

    def assert_no_traceback(self) -> None:
        assert not [line for line in self.logged if line.get("exc_info")]

    def log_of(self, event: str) -> list[MutableMapping[str, Any]]:
        return [line for line in self.logged if line["event"] == event]


class _Errors(logging.Handler):
    """What libraries complain about."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(f"{record.name}: {record.getMessage()} {record.exc_info}")


@contextlib.asynccontextmanager
async def served(
    engines: Engines,
    folder: Path,
    doors: DoorSettings | None = None,
    claim_s: float = 1.0,
    transfers: TransferSettings | None = None,
    webrtc: WebrtcSettings | None = None,
    contacts: Callable[[str], Awaitable[Contact]] | None = None,
) -> AsyncIterator[Exchange]:
    """On a free port; at the end there must be no traceback in any log. claim_s: as of `Reception`; contacts: of
    `Parts`."""
    journal = await Journal.open(folder / "history.db", node="n1")
    late = LateWriting(journal)
    desk = Desk(late, lambda: int(time.monotonic() * 1000))
    recorder = Recorder(shelf_in(folder), spare_bytes=0)
    parts = Parts(
        journal,
        late,
        engines.recognizers,
        engines.speaker,
        desk,
        recorder=recorder,
        transfers=transfers or TransferSettings(),
        contacts=contacts,
    )
    reception = Reception(Lines([engines.line]), parts, MOST_CALLS, claim_s=claim_s)
    tickets = Tickets()
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = FastAPI()
    house = House(reception, url)
    app.include_router(media_routes(house, desk, tickets.redeem, TWILIO_TOKEN, doors, webrtc))

    @app.post("/api/browser-calls")
    async def browser_calls() -> dict[str, str]:
        return {"url": f"/ws/browser?ticket={tickets.issue('browser', {})}"}

    running = asyncio.create_task(desk.run())
    server = cast(Server, SimpleNamespace(app=app, drain=lambda: reception.close(0)))
    errors = _Errors()
    logging.getLogger().addHandler(errors)
    with structlog.testing.capture_logs() as logged:
        exchange = Exchange(url, reception, desk, tickets, journal, house, engines.speaker, logged, app)
        async with serving(server, listening):
            yield exchange
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await journal.close()
    await recorder.close()
    gc.collect()  # asyncio complains of forgotten tasks when they are collected: here, not in some later test
    logging.getLogger().removeHandler(errors)
    exchange.assert_no_traceback()
    assert errors.records == []


@pytest_asyncio.fixture(loop_scope="session")
async def exchange(engines: Engines, tmp_path: Path) -> AsyncIterator[Exchange]:
    """One of the test's own."""
    async with served(engines, tmp_path) as exchange:
        yield exchange


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared_exchange(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Exchange]:
    """One for all tests of a file."""
    async with served(engines, tmp_path_factory.mktemp("shared")) as exchange:
        yield exchange
