"""Consoles for benches: people who are signed in, and an operator's websocket that notes when each message came."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from argon2 import PasswordHasher
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from centralino.calling.browser import open_socket
from centralino.settings import Settings
from console.accounts import Accounts
from console.passwords import Hasher
from console.roles import Role
from console.sessions import Session

WAIT_S = 90.0


class NotTold(RuntimeError):
    """A console was not told what the bench waited for. Says what it was told last."""


async def people(settings: Settings, names: Sequence[str], roles: Sequence[Role]) -> list[Session]:
    """New accounts of a server of one's own, signed in. Their passwords are random and nobody's."""
    quick = Hasher(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    accounts = await Accounts.open(settings.accounts_path, hasher=quick)
    try:
        sessions = []
        for name in names:
            link = await accounts.create_account(name, name.title(), roles)
            session = await accounts.set_password(link.token, secrets.token_urlsafe(18))
            assert session is not None
            sessions.append(session)
        return sessions
    finally:
        await accounts.close()


@dataclass(frozen=True)
class Arrived:
    """A message as a console got it. at_s: seconds of the epoch."""

    at_s: float
    message: dict[str, Any]


@dataclass
class OperatorEnd:
    """An operator's websocket. sound: what of the caller's voice arrived, PCM16 at 16 kHz, with the time. stuck: takes
    nothing more of what it is sent."""

    name: str
    server_url: str
    session: Session
    arrived: list[Arrived] = field(default_factory=list)
    sound: list[tuple[float, bytes]] = field(default_factory=list)
    stuck: bool = False
    _socket: ClientConnection | None = None
    _reading: asyncio.Task[None] | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def connect(self) -> None:
        """With a fresh ticket; also again after `cut`."""
        cookies, csrf = {"centralino": self.session.token}, {"X-CSRF-Token": self.session.csrf_token}
        async with httpx.AsyncClient(base_url=self.server_url, cookies=cookies, trust_env=False) as client:
            answer = await client.post("/api/operator-tickets", headers={**csrf, "Origin": self.server_url})
            answer.raise_for_status()
        self._socket = await open_socket(self.server_url, answer.json()["url"])
        self._reading = asyncio.create_task(self._read(self._socket))

    async def say(self, kind: str, **content: str) -> None:
        assert self._socket
        await self._socket.send(json.dumps({"type": kind, **content}))

    async def speak(self, pcm: bytes) -> None:
        assert self._socket
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(pcm)

    async def until(
        self, kind: str, holds: Callable[[dict[str, Any]], bool] = lambda _: True, since: int = 0
    ) -> Arrived:
        """The first message of a kind for which `holds` is true, of the `since`-th and later ones. Raises NotTold."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WAIT_S):
                while True:
                    self._news.clear()
                    for one in self.arrived[since:]:
                        if one.message["type"] == kind and holds(one.message):
                            return one
                    await self._news.wait()
        last = [one.message["type"] for one in self.arrived[-6:]]
        raise NotTold(f"{self.name} was not told {kind!r} within {WAIT_S:.0f} s; the last it was told: {last}")

    def of(self, kind: str, since: int = 0) -> list[Arrived]:
        return [one for one in self.arrived[since:] if one.message["type"] == kind]

    def has_connected(self) -> bool:
        """Whether a call was ever put through here."""
        return bool(self.of("connected"))

    def cut(self) -> None:
        """The connection breaks, as when a network is gone."""
        assert self._socket
        self._socket.transport.abort()

    async def close(self) -> None:
        if self._socket:
            await self._socket.close()
        if self._reading:
            await self._reading

    async def _read(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while not self.stuck:
                message = await socket.recv()
                if isinstance(message, bytes):
                    self.sound.append((time.time(), message))
                else:
                    self.arrived.append(Arrived(time.time(), json.loads(message)))
                self._news.set()


@contextlib.asynccontextmanager
async def at_their_consoles(settings: Settings, sessions: Sequence[Session]) -> AsyncIterator[list[OperatorEnd]]:
    """Operators who are connected, and away."""
    ends = [OperatorEnd(session.account.display_name, settings.own_url, session) for session in sessions]
    async with contextlib.AsyncExitStack() as stack:
        for end in ends:
            await end.connect()
            stack.push_async_callback(end.close)
        yield ends
