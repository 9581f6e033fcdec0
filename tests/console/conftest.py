"""A console over real files: accounts, a history with calls in it, and a clock that the tests move."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from console import Account, Accounts, Session, Tickets
from console.app import create_console, protect
from console.passwords import Hasher
from console.roles import ROLES
from history import Entry, Journal, Timeline, new_id

ORIGIN = "http://127.0.0.1:8080"
PASSWORD = "la nebbia agli irti colli"
XSS = "<script>document.title='pwned'</script><img src=x onerror=\"document.title='pwned'\">"


@dataclass(frozen=True)
class ShownLine:
    id: str
    title: str
    number: str
    language: str


LINES = (ShownLine("it", "Libreria, clienti", "+39021234567", "it"), ShownLine("en", "Bookshop", "", "en"))


class Clock:
    """Seconds that pass when told to; serves as wall clock and as monotonic clock."""

    def __init__(self) -> None:
        self.now_s = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now_s

    def pass_by(self, seconds: float) -> None:
        self.now_s += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def quick_hasher() -> Hasher:
    """argon2id as in production but with the least work, so that hundreds of hashes take no time."""
    return Hasher(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
async def accounts(tmp_path: Path, clock: Clock) -> AsyncIterator[Accounts]:
    opened = await Accounts.open(tmp_path / "accounts.db", now=clock, hasher=quick_hasher())
    yield opened
    await opened.close()


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = await Journal.open(tmp_path / "history.db", node="test")
    yield opened
    await opened.close()


@pytest.fixture
async def timeline(journal: Journal) -> AsyncIterator[Timeline]:
    opened = Timeline(journal.path)
    yield opened
    await opened.close()


@dataclass
class House:
    """The assembled console and what stands behind it."""

    app: FastAPI
    accounts: Accounts
    tickets: Tickets
    journal: Journal
    timeline: Timeline
    clock: Clock
    origin: str = ORIGIN
    password: str = PASSWORD
    xss: str = XSS
    lines: tuple[ShownLine, ...] = LINES

    def browser(self, origin: str = ORIGIN) -> httpx.AsyncClient:
        """A client that behaves like a page of `origin`: cookies, Origin and Sec-Fetch-Site."""
        site = "same-origin" if origin == ORIGIN else "cross-site"
        transport = httpx.ASGITransport(self.app, client=("192.0.2.7", 5000))
        headers = {"Origin": origin, "Sec-Fetch-Site": site}
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)

    async def member(self, name: str, role: str, queues: tuple[str, ...] = ()) -> tuple[Account, httpx.AsyncClient]:
        """A signed-in account and its browser, which sends the CSRF token by itself."""
        session = await self.session(name, role, queues)
        client = self.browser()
        client.cookies.set("centralino", session.token)
        client.headers["X-CSRF-Token"] = session.csrf_token
        return session.account, client

    async def session(self, name: str, role: str, queues: tuple[str, ...] = ()) -> Session:
        """role: one, or `admin` for all."""
        roles = ROLES if role == "admin" else (role,)
        link = await self.accounts.create_account(name, name.title(), roles, queues)
        session = await self.accounts.set_password(link.token, PASSWORD)
        assert session is not None
        return session

    async def an_answered_call(
        self, caller: str = "+393331112222", said: str = "A che ora aprite?", heard_as: str = ""
    ) -> str:
        """A call in which the bot answered from an article, as telephony records it. Returns its id.

        heard_as: what the recognizer wrote, where hints corrected it.
        """
        call = new_id()
        candidate = {
            "article": "orari",
            "version": "3",
            "title": "Orari di apertura",
            "spoken": "Siamo aperti dalle nove alle diciannove.",
            "score": 0.91,
        }
        rival = {**candidate, "article": "eventi", "title": "Eventi in libreria", "score": 0.34}
        started = {
            "line": "it",
            "door": "twilio",
            "language": "it",
            "caller": caller,
            "recognizer": {"engine": "whisper", "model": "base", "why": "default"},
            "flowbook": {"id": "bookshop", "revision": "1"},
        }
        heard = {"kind": "CallerSaid", "at_ms": 4000, "text": said, "confidence": 0.83}
        found = [candidate, rival]
        looked_up = {
            "kind": "LookedUp",
            "at_ms": 4100,
            "text": said,
            "band": "answer",
            "candidates": found,
            "intents": [],
        }
        say = {
            "kind": "Say", "text": candidate["spoken"], "language": "it", "key": "", "interruptible": True,
            "article": "orari", "article_version": "3", "score": 0.91,
        }  # fmt: skip
        hello = {
            "speaker": "bot",
            "text": "Buongiorno, risponde l'assistente.",
            "start_ms": 200,
            "end_ms": 2500,
            "key": "hello",
        }
        question = {"speaker": "caller", "text": said, "start_ms": 2800, "end_ms": 4000}
        question |= {"confidence": 0.83, "engine": "whisper"} | ({"heard": heard_as} if heard_as else {})
        answer = {"speaker": "bot", "text": candidate["spoken"], "start_ms": 4700, "end_ms": 7200}
        answer |= {"article": "orari", "latency_ms": 720}
        await self.journal.append(
            call,
            [
                Entry("call.started", started),
                Entry("transcript", hello, 2500, "bot"),
                Entry("transcript", question, 4000, "caller"),
                Entry("dialog.event", heard, 4000, "caller"),
                Entry("dialog.event", looked_up, 4100),
                Entry("dialog.action", say, 4100, "bot"),
                Entry("transcript", answer, 7200, "bot"),
                Entry("call.ended", {"reason": "caller_hung_up", "outcome": "answered"}, 9000),
            ],
        )
        return call

    async def a_callback_call(self, queue: str = "ordini", caller: str = "+393339998888") -> str:
        """A call that ended with a request to be called back (event 2). Returns its id."""
        call = new_id()
        wanted = {"queue": queue, "number": caller, "reason": "nobody_available", "slots": {"ordine": "12345"}}
        await self.journal.append(
            call,
            [
                Entry("call.started", {"line": "it", "door": "browser", "language": "it", "caller": caller}),
                Entry("callback.requested", wanted, 60_000),
                Entry("call.ended", {"reason": "bot_ended", "outcome": "callback"}, 61_000),
            ],
        )
        return call


HouseOf = Callable[..., House]


@pytest.fixture
def house_of(accounts: Accounts, journal: Journal, timeline: Timeline, clock: Clock) -> HouseOf:
    """Builds a console with settings of the test's choice."""

    def build(**settings: object) -> House:
        tickets = Tickets(now=clock)
        app = FastAPI()
        protect(app)
        wanted: dict[str, object] = {"public_origins": [ORIGIN], "lines": lambda: LINES, "now": clock, **settings}
        app.include_router(create_console(accounts, tickets, timeline, journal, **wanted))  # type: ignore[arg-type]
        return House(app, accounts, tickets, journal, timeline, clock)

    return build


@pytest.fixture
def house(house_of: HouseOf) -> House:
    return house_of()
