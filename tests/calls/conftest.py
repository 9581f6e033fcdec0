"""Whole calls: a real server in its own process, real engines, real voices, real sockets, real time."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

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
    ) -> tuple[CallResult, Record]:
        """Place a call, wait until the history has its end."""
        caller = f"+39051{secrets.randbelow(10**7):07}"
        result = await place_call(
            self.settings.own_url,
            door=door,
            line=line,
            script=Script(tuple(moves)),
            twilio_auth_token=self.settings.auth_token(),
            caller=caller,
            observer=observer,
        )
        assert not result.protocol_errors, result.protocol_errors
        return result, await self.record_of(caller)

    async def calls(self, **placed: Placed) -> dict[str, tuple[CallResult, Record]]:
        """Several callers at once, by name."""
        done = await asyncio.gather(*(self.call(one.line, one.moves, one.door) for one in placed.values()))
        return dict(zip(placed, done, strict=True))

    async def record_of(self, caller: str, ended: bool = True) -> Record:
        timeline = Timeline(self.settings.history_path)
        try:
            for _ in range(100):
                for row in await timeline.list_interactions(limit=50):
                    if row.caller == caller and (row.ended_at or not ended):
                        return Record(await timeline.get(row.id), await timeline.events(row.id))
                await asyncio.sleep(0.1)
        finally:
            await timeline.close()
        raise AssertionError(f"no {'ended ' if ended else ''}call from {caller} in the history; see {self.log}")

    async def operator(
        self, name: str, moves: Sequence[Move], observer: Callable[[Happening], None] | None = None
    ) -> OperatorResult:
        """Sign in as an operator, take the first call, play the moves."""
        accounts = await Accounts.open(self.settings.accounts_path)
        try:
            link = await accounts.create_account(f"{name}-{secrets.token_hex(3)}", name, "operator")
            password = secrets.token_urlsafe(16)
            await accounts.set_password(link.token, password)
        finally:
            await accounts.close()
        return await run_operator(
            self.settings.own_url,
            ticket_or_credentials=Credentials(link.account.name, password),
            script=Script(tuple(moves)),
            observer=observer,
        )

    def log_text(self) -> str:
        return self.log.read_text(encoding="utf-8")


@asynccontextmanager
async def exchange_in(folder: Path) -> AsyncIterator[Exchange]:
    """A server of its own with everything in `folder`; models come from the user's cache."""
    settings = settings_beside(load_settings(), folder / "data")
    settings = settings.model_copy(update={"drain_s": 1.0})
    log = folder / "server.log"
    async with own_server(settings, log) as process:
        yield Exchange(settings, process, log)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def exchange(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Exchange]:
    """One server for all tests that leave it as it was; its log must hold no traceback at the end."""
    async with exchange_in(tmp_path_factory.mktemp("exchange")) as running:
        yield running
        assert "Traceback" not in running.log_text(), running.log_text()
