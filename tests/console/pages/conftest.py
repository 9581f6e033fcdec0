"""Real pages in a real Chromium, against the real console, the real operators' desk, and sockets on a real port."""

from __future__ import annotations

import asyncio
import inspect
import json
import math
import secrets
import shutil
import struct
import time
import wave
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from centralino.webhook_posting import posting
from console.app import create_console, protect
from dialogs.frame import Queue
from dialogs.steps.message import MessageStep, Written
from history.webhooks.dispatching import Dispatcher
from history.webhooks.store import Webhooks
from telephony.lines import Line, Lines
from telephony.monitoring import Monitoring, MonitoringSettings
from telephony.operators.desk import Accepted, Desk, DeskEvent, OperatorGone
from telephony.operators.queue import WaitingCall
from telephony.operators.socket import OperatorSocket
from telephony.outbound.database import OutboundDatabase
from telephony.outbound.office import Outbound
from telephony.recording.keeping import Keeping
from telephony.wall import Wall
from tests.shelves import shelf_in

RATE_HZ = 16000
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def tone(hz: float, seconds: float, rate_hz: int = RATE_HZ, beat_hz: float = 3.0) -> bytes:
    """PCM16 of a tone that swells and fades like syllables, so that noise suppression takes it for a voice."""
    samples = (
        0.5 * math.sin(2 * math.pi * hz * n / rate_hz) * (0.5 - 0.5 * math.cos(2 * math.pi * beat_hz * n / rate_hz))
        for n in range(int(seconds * rate_hz))
    )
    return b"".join(struct.pack("<h", int(32767 * sample)) for sample in samples)


@dataclass
class BrowserDoor:
    """The server's side of one connection of a browser call, speaking the wire format; what the page sent is kept.

    resume: opens the next connection to the same call; resumes: this is such a one.
    """

    resume: str = field(default_factory=lambda: secrets.token_hex(8))
    resumes: bool = False
    texts: list[dict[str, Any]] = field(default_factory=list)
    pcm: bytearray = field(default_factory=bytearray)
    first_sound_s: float = 0.0
    frame_sizes: set[int] = field(default_factory=set)
    socket: WebSocket | None = None
    closed: bool = False

    async def serve(self, socket: WebSocket) -> None:
        self.socket = socket
        await socket.accept()
        more = {"resume": self.resume, "resume_within_s": 15}
        if self.resumes:
            await self.tell(type="resumed", **more)
        with suppress(WebSocketDisconnect):
            while True:
                message = await socket.receive()
                if message["type"] == "websocket.disconnect":
                    break
                if message.get("text") is not None:
                    frame = json.loads(message["text"])
                    self.texts.append({**frame, "at_s": time.monotonic()})
                    if frame["type"] == "start":
                        await self.tell(
                            type="ready", call_id="c1", rate_hz=RATE_HZ, language="it", recognizer="whisper", **more
                        )
                    if frame["type"] == "stop":
                        await self.tell(type="ended", reason="caller_hung_up")
                        await socket.close(1000)
                        break
                elif message.get("bytes"):
                    self.first_sound_s = self.first_sound_s or time.monotonic()
                    self.frame_sizes.add(len(message["bytes"]))
                    self.pcm += message["bytes"]
        self.closed = True

    async def tell(self, **message: Any) -> None:
        assert self.socket is not None
        await self.socket.send_text(json.dumps(message))

    async def say(self, pcm: bytes, mark: str) -> None:
        """Sound in frames of 20 ms, all at once, and a mark."""
        assert self.socket is not None
        for at in range(0, len(pcm), 640):
            await self.socket.send_bytes(pcm[at : at + 640])
        await self.tell(type="mark", name=mark)

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        return [text for text in self.texts if text["type"] == kind]


class WaitingCaller:
    """The call's side of the desk: a caller with a transcript, whose voice is a tone."""

    def __init__(self, desk: Desk, call_id: str, turns: Sequence[Mapping[str, Any]]) -> None:
        self.call_id = call_id
        self._desk = desk
        self._turns = turns
        self._since_s = time.monotonic()
        self.told_again: list[Mapping[str, Any]] = []
        self.heard = bytearray()
        self.events: list[DeskEvent] = []

    def now_ms(self) -> int:
        return int((time.monotonic() - self._since_s) * 1000)

    def transcript(self) -> Sequence[Mapping[str, Any]]:
        return self._turns

    def from_operator(self, pcm: bytes) -> None:
        self.heard += pcm

    recording_state = "on"
    bot_flows = None

    def retold(self) -> Sequence[Mapping[str, Any]]:
        return self.told_again

    async def operator_wants(self, wanted: str, who: str) -> str:
        self.recording_state = "paused" if wanted == "pause" else "on"
        return self.recording_state

    def from_desk(self, event: DeskEvent) -> None:
        self.events.append(event)
        if isinstance(event, Accepted):
            self._desk.connected(self.call_id)
        elif isinstance(event, OperatorGone):
            self._desk.leave(self.call_id, "operator_ended")

    def say(self, pcm: bytes) -> None:
        self._desk.sound_to_operator(self.call_id, pcm)

    def tell(self, **transcript: Any) -> None:
        self._desk.tell_operator(self.call_id, {"type": "transcript", **transcript})

    def hang_up(self) -> None:
        self._desk.leave(self.call_id, "caller_hung_up")


@dataclass
class Hook:
    """Another system, at `/hook` of the same server, that is told of events. answers: the status that it answers."""

    answers: int = 204
    told: list[tuple[Mapping[str, str], dict[str, Any]]] = field(default_factory=list)


@dataclass
class LiveHouse:
    """The served house: url, the desk, and the browser calls that came in."""

    house: Any
    url: str
    desk: Desk
    calls: list[BrowserDoor]
    server: uvicorn.Server
    hung_up: list[str] = field(default_factory=list)
    """Tokens of calls whose page hung up while it had no connection."""
    hook: Hook = field(default_factory=lambda: Hook())
    running: dict[str, Any] = field(default_factory=dict)
    """Calls that supervisors may listen to, by id."""

    def cut(self) -> None:
        """Every websocket breaks, as when a network is gone."""
        for connection in list(self.server.server_state.connections):
            if "WebSocket" in type(connection).__name__:
                connection.transport.abort()

    async def caller(
        self, call_id: str, said: str = "Vorrei un operatore", kind: type[WaitingCaller] = WaitingCaller, **more: Any
    ) -> WaitingCaller:
        """Somebody waits in the queue 'ordini'."""
        turns = [
            {"speaker": "bot", "text": "Buongiorno, come posso aiutare?", "at_ms": 200},
            {"speaker": "caller", "text": said, "at_ms": 3100},
        ]
        caller = self.running[call_id] = kind(self.desk, call_id, turns)
        wanted = {"caller": "+393331112222", "queue": "ordini", "reason": "asked", "slots": {"ordine": "12345"}, **more}
        now_ms = int(time.monotonic() * 1000)
        waiting = WaitingCall(
            call_id,
            wanted["queue"],
            0,
            now_ms,
            120_000,
            "it",
            wanted["caller"],
            "it",
            wanted["reason"],
            wanted["slots"],
            urgency=wanted.get("urgency", "normal"),
        )
        self.desk.enqueue(waiting, caller)
        return caller


@pytest.fixture
async def console_parts() -> dict[str, Any]:
    """What a module's tests need of the console besides."""
    return {}


@pytest.fixture
def webrtc() -> Any:
    """Whether operators' voices may go over WebRTC, as of `OperatorSocket`."""
    return None


@pytest.fixture
async def live(
    house: Any, journal: Any, tmp_path: Path, console_parts: dict[str, Any], webrtc: Any
) -> AsyncIterator[LiveHouse]:
    app = FastAPI()
    database = await OutboundDatabase.open(tmp_path / "outbound.db")
    outbound = Outbound.of(database, a_line, None)
    protect(app)
    desk = Desk(journal, lambda: int(time.monotonic() * 1000))
    calls: list[BrowserDoor] = []
    hung_up: list[str] = []
    running: dict[str, Any] = {}

    @app.post("/api/browser-calls/hang-up", status_code=204)
    async def hang_up(request: Request) -> None:
        hung_up.append((await request.body()).decode())

    hook = Hook()

    @app.post("/hook")
    async def told(request: Request) -> Response:
        hook.told.append((dict(request.headers), await request.json()))
        return Response(status_code=hook.answers)

    @app.websocket("/ws/browser")
    async def browser_door(socket: WebSocket) -> None:
        if token := socket.query_params.get("resume"):
            known = bool(calls) and calls[-1].resume == token
            calls.append(BrowserDoor(resumes=known))
            await (calls[-1].serve(socket) if known else socket.close(1008))
            return
        if house.tickets.redeem(socket.query_params.get("ticket", ""), "browser") is None:
            await socket.accept()
            await socket.close(1008, "bad ticket")
            return
        calls.append(BrowserDoor())
        await calls[-1].serve(socket)

    @app.websocket("/ws/operator")
    async def operator_door(socket: WebSocket) -> None:
        who = house.tickets.redeem(socket.query_params.get("ticket", ""), "operator")
        await socket.accept()
        if who is None:
            await socket.close(1008, "bad ticket")
            return
        await OperatorSocket(
            socket, desk, who["id"], who["name"], frozenset(who["queues"]), webrtc, frozenset(who["skills"])
        ).serve()

    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    config.load()
    listener = config.bind_socket()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    lines = house.lines
    hooks = Webhooks(house.timeline, journal)
    sending = Dispatcher(hooks, journal, posting(["127.0.0.1"]), lambda _, payload: payload, node="test")
    app.include_router(
        create_console(
            house.accounts, house.tickets, house.timeline, journal, public_origins=[url], lines=lambda: lines,
            browser_calls="anyone", tries_in_5_minutes=1000, browser_calls_in_a_minute=1000, outbound=outbound,
            keeping=Keeping(shelf_in(journal.path.parent), journal, house.timeline),
            wall=Wall(desk, a_line, lambda: [("it", "queue")] * desk.figures()["waiting"]), sending=sending,
            monitoring=Monitoring(INFORMED, desk, running.get), **console_parts,
        )
    )  # fmt: skip
    work = [
        asyncio.create_task(desk.run()),
        asyncio.create_task(server.serve([listener])),
        asyncio.create_task(sending.run()),
    ]
    yield LiveHouse(house, url, desk, calls, server, hung_up, hook, running)
    server.should_exit = True
    work[0].cancel()
    work[2].cancel()
    await asyncio.gather(*work, return_exceptions=True)
    listener.close()
    await database.close()


INFORMED = MonitoringSettings(workers_informed=True, allowed_by="accordo sindacale")


def a_line() -> Lines:
    """With a queue to which callers can be moved, and a text that operators can send."""
    book = SimpleNamespace(
        queues={"ordini": Queue(), "resi": Queue(join_empty=True)}, calling_back=lambda queue: "", codes=("it",),
        flows={"dove": (MessageStep(message=Written(sms="caller", text="dove")),)},
        texts={"dove": {"it": "Siamo in via dei Portici 4."}},
    )  # fmt: skip
    return Lines([cast(Line, SimpleNamespace(id="it", number="", title="Libreria", book=book, hours=None))])


class Pages:
    """A Chromium whose microphone is a file. Every error on a page fails the test that opened it."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser
        self.errors: list[str] = []

    async def context(self, **settings: Any) -> Any:
        # Nothing fades in: what is looked at has the colours that it will have.
        usual = {"locale": "it-IT", "permissions": ["microphone"], "reduced_motion": "reduce"}
        context = await self._browser.new_context(**{**usual, **settings})
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        context.on("console", self._note)
        return context

    async def until(self, holds: Callable[[], Any], seconds: float = 20.0) -> Any:
        """Waits for `holds()`, awaited if need be, to be true; the time makes a broken page fail instead of hang."""
        ends = time.monotonic() + seconds
        while True:
            value = holds()
            if inspect.isawaitable(value):
                value = await value
            if value:
                return value
            assert time.monotonic() < ends, "waited in vain"
            await asyncio.sleep(0.02)

    def _note(self, message: Any) -> None:
        # An answer of the API such as 401 is logged by Chromium as well; what the page makes of it is tested apart.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.errors.append(message.text)

    async def page_of(self, live: LiveHouse, session: Any, path: str, **settings: Any) -> Any:
        """A page of somebody who is signed in."""
        context = await self.context(**settings)
        await context.add_cookies([{"name": "centralino", "value": session.token, "url": live.url}])
        page = await context.new_page()
        await page.goto(live.url + path)
        return page


@pytest.fixture
def microphone(tmp_path: Path) -> Path:
    """What the browser's microphone hears, again and again."""
    voice = tmp_path / "voice.wav"
    with wave.open(str(voice), "wb") as file:
        file.setparams((1, 2, 48000, 0, "NONE", ""))
        file.writeframes(tone(440, 4, 48000))
    return voice


@pytest.fixture
async def pages(microphone: Path) -> AsyncIterator[Pages]:
    playwright = pytest.importorskip("playwright.async_api", reason="the pages need the package playwright")
    if CHROMIUM is None:
        pytest.skip("the pages need chromium: apt-get install chromium")
    flags = [
        "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream", f"--use-file-for-fake-audio-capture={microphone}",
        "--allow-loopback-in-peer-connection",
    ]  # fmt: skip
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        opened = Pages(browser)
        yield opened
        await browser.close()
    assert opened.errors == []
