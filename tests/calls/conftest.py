"""Whole calls: a real server in its own process, real engines, real voices, real sockets, real time."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from centralino.calling import (
    CallResult,
    Clip,
    Credentials,
    Happening,
    Move,
    OperatorResult,
    Script,
    place_call,
    run_operator,
)
from centralino.demo import clips
from centralino.own_server import own_server, settings_beside
from centralino.settings import Settings, load_settings
from console.accounts import Accounts
from console.roles import ROLES
from history import InteractionDetail, StoredEvent, Timeline


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One event loop for all of these tests: the server's process belongs to it."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@dataclass(frozen=True)
class Record:
    """What the history has of a call."""

    detail: InteractionDetail
    events: list[StoredEvent]

    @property
    def id(self) -> str:
        return self.detail.interaction.id

    def said_by(self, speaker: str) -> str:
        return " ".join(turn.text for turn in self.detail.transcript if turn.speaker == speaker)

    def of(self, kind: str) -> list[StoredEvent]:
        return [event for event in self.events if event.type == kind]

    @property
    def articles(self) -> list[str]:
        return [turn.article for turn in self.detail.transcript if turn.article]

    @property
    def keys(self) -> list[str]:
        """The keys of the texts the bot said, in order."""
        return [turn.key for turn in self.detail.transcript if turn.key]


@dataclass(frozen=True)
class Placed:
    """A call to place."""

    line: str
    moves: Sequence[Move]
    door: str = "twilio"


@dataclass
class Exchange:
    """A running server, and people who use it."""

    settings: Settings
    process: asyncio.subprocess.Process
    log: Path
    said: dict[str, Clip] = field(default_factory=clips)

    async def call(
        self,
        line: str,
        moves: Sequence[Move],
        door: str = "twilio",
        observer: Callable[[Happening], None] | None = None,
        caller: str = "",
    ) -> tuple[CallResult, Record]:
        """Place a call, wait until the history has its end. caller: '' for one who never called."""
        caller = caller or new_caller()
        result = await self.dial(line, moves, door, observer, caller)
        assert not result.protocol_errors, result.protocol_errors
        return result, await self.record_of(caller)

    async def dial(
        self,
        line: str,
        moves: Sequence[Move],
        door: str = "twilio",
        observer: Callable[[Happening], None] | None = None,
        caller: str = "",
    ) -> CallResult:
        """Place a call; whatever becomes of it in the history."""
        return await place_call(
            self.settings.own_url,
            door=door,
            line=line,
            script=Script(tuple(moves)),
            twilio_auth_token=self.settings.auth_token(),
            caller=caller,
            observer=observer,
        )

    async def calls(self, **placed: Placed) -> dict[str, tuple[CallResult, Record]]:
        """Several callers at once, by name."""
        done = await asyncio.gather(*(self.call(one.line, one.moves, one.door) for one in placed.values()))
        return dict(zip(placed, done, strict=True))

    async def record_of(self, caller: str, ended: bool = True) -> Record:
        timeline = await asyncio.to_thread(Timeline, self.settings.history_database())
        try:
            for _ in range(100):
                for row in await timeline.list_interactions(limit=50):
                    if row.caller == caller and bool(row.ended_at) == ended:
                        return Record(await timeline.get(row.id), await timeline.events(row.id))
                await asyncio.sleep(0.1)
        finally:
            await timeline.close()
        raise AssertionError(f"no {'ended ' if ended else ''}call from {caller} in the history; see {self.log}")

    async def operator(
        self, name: str, moves: Sequence[Move], observer: Callable[[Happening], None] | None = None
    ) -> OperatorResult:
        """Sign in as an operator, take the first call, play the moves."""
        return await run_operator(
            self.settings.own_url,
            ticket_or_credentials=await self.operator_account(name),
            script=Script(tuple(moves)),
            observer=observer,
        )

    async def operator_account(self, name: str) -> Credentials:
        """A new operator, who may sign in."""
        accounts = await Accounts.open(self.settings.accounts_path)
        try:
            link = await accounts.create_account(f"{name}-{secrets.token_hex(3)}", name, ["operator"])
            password = secrets.token_urlsafe(16)
            await accounts.set_password(link.token, password)
        finally:
            await accounts.close()
        return Credentials(link.account.name, password)

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[httpx.AsyncClient]:
        """The console's API, signed in with every role."""
        accounts = await Accounts.open(self.settings.accounts_path)
        try:
            link = await accounts.create_account(f"lettrice-{secrets.token_hex(3)}", "Lettrice", list(ROLES))
            password = secrets.token_urlsafe(16)
            await accounts.set_password(link.token, password)
        finally:
            await accounts.close()
        async with httpx.AsyncClient(base_url=self.settings.own_url, timeout=30, trust_env=False) as client:
            signed_in = await client.post("/api/sign-in", json={"name": link.account.name, "password": password})
            assert signed_in.status_code == 200, signed_in.text
            client.headers["X-CSRF-Token"] = signed_in.json()["csrf_token"]
            yield client

    async def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`centralino …` in a process of its own, on this server's data."""
        environment = {
            **os.environ,
            "CENTRALINO_DATA_DIR": str(self.settings.data_dir),
            "CENTRALINO_PORT": str(self.settings.port),
            "CENTRALINO_TWILIO_AUTH_TOKEN": self.settings.auth_token(),
        }
        command = [sys.executable, "-m", "centralino", *words]
        return await asyncio.to_thread(subprocess.run, command, env=environment, capture_output=True, text=True)

    def log_text(self) -> str:
        return self.log.read_text(encoding="utf-8")


def one_line(folder: Path, line: str = "libreria") -> Path:
    """The bookshop with one of its lines alone: there sooner than with all three."""
    company = folder / "company"
    shutil.copytree(load_settings().company, company)
    head, *listed = (company / "company.toml").read_text(encoding="utf-8").split("[[lines]]")
    [kept] = [one for one in listed if f'id = "{line}"' in one]
    (company / "company.toml").write_text(f"{head}[[lines]]{kept}", encoding="utf-8")
    return company


def new_caller() -> str:
    return f"+39051{secrets.randbelow(10**7):07}"


@asynccontextmanager
async def exchange_in(folder: Path, **more: Any) -> AsyncIterator[Exchange]:
    """A server of its own with everything in `folder`; models come from the user's cache. more: of its settings."""
    settings = settings_beside(load_settings(), folder / "data")
    settings = settings.model_copy(update={"drain_s": 1.0, **more})
    log = folder / "server.log"
    async with own_server(settings, log) as process:
        yield Exchange(settings, process, log)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def exchange(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Exchange]:
    """One server for all tests that leave it as it was; its log must hold no traceback at the end."""
    async with exchange_in(tmp_path_factory.mktemp("exchange")) as running:
        yield running
        assert "Traceback" not in running.log_text(), running.log_text()
