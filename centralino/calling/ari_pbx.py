"""A phone system that is driven over ARI: its callers, its bridges, and what it tells of them.

What can be asked of it is in `ari_rest.py`. Reference: Asterisk's documentation "Asterisk REST Interface".
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from centralino.calling.rung.answering import ANSWERS, BUSY, DECLINED, FAILED, NO_ANSWER, People

CAUSES = {BUSY: "User busy", DECLINED: "Call Rejected", FAILED: "No route to destination"}

Connect = Callable[["Channel", Mapping[str, str]], Awaitable[None]]
"""Connects the sound of an external media channel, asked for with these parameters and variables. Raises OSError."""


@dataclass
class Channel:
    """state: 'Ring' | 'Up'. in_app: it is in the application. fate: what became of it: 'hangup' | 'continue' | '';
    place: the context and extension where it goes on; keys: that were sent to it."""

    id: str
    name: str
    caller: str = ""
    dialled: str = "s"
    state: str = "Ring"
    in_app: bool = False
    bridge: str = ""
    fate: str = ""
    place: tuple[str, str] = ("", "")
    keys: str = ""
    music: bool = False
    variables: dict[str, str] = field(default_factory=dict)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    joined: asyncio.Event = field(default_factory=asyncio.Event)

    def to_json(self) -> dict[str, Any]:
        place = {"context": "from-trunk", "exten": self.dialled, "priority": 2, "app_name": "Stasis", "app_data": ""}
        nobody = {"name": "", "number": ""}
        return {
            "id": self.id, "name": self.name, "state": self.state, "protocol_id": "", "connected": nobody,
            "caller": {"name": "", "number": self.caller}, "accountcode": "", "dialplan": place,
            "creationtime": "2026-01-01T00:00:00.000+0000", "language": "it",
        }  # fmt: skip


class AriPbx:
    """One application's. requests: what was asked of it, in order."""

    def __init__(self, app: str, connect: Connect, people: People | None = None) -> None:
        self.app, self._connect, self.people = app, connect, people or People()
        self.channels: dict[str, Channel] = {}
        self.bridges: dict[str, set[str]] = {}
        self.requests: list[str] = []
        self.listening = asyncio.Event()
        """A server is connected to the events of the application."""
        self.empty = asyncio.Event()
        """There is no channel and no bridge (any more)."""
        self._sockets: list[WebSocket] = []
        self._works: set[asyncio.Task[None]] = set()

    async def ring(self, channel: Channel, *args: str) -> None:
        """A caller comes into the application."""
        self.channels[channel.id] = channel
        await self.enter(channel, *args)

    async def vanish(self, channel: Channel, cause: str = "Normal Clearing", fate: str = "hangup") -> None:
        """It was hung up, by whomever."""
        if self.channels.pop(channel.id, None) is None:
            return
        channel.fate = channel.fate or fate
        await self.leave(channel)
        await self._tell("ChannelDestroyed", channel, cause=16, cause_txt=cause)

    async def key(self, channel: Channel, key: str) -> None:
        await self._tell("ChannelDtmfReceived", channel, digit=key, duration_ms=100)

    async def drop_events(self) -> None:
        """The websocket of the events breaks."""
        sockets, self._sockets = self._sockets, []
        self.listening.clear()
        for socket in sockets:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await socket.close(1001)

    async def enter(self, channel: Channel, *args: str) -> None:
        channel.in_app = True
        await self._tell("StasisStart", channel, args=list(args))

    async def leave(self, channel: Channel) -> None:
        channel.in_app = False
        for members in self.bridges.values():
            members.discard(channel.id)
        await self._tell("StasisEnd", channel)
        channel.gone.set()
        self.note_emptiness()

    def note_emptiness(self) -> None:
        if self.channels or self.bridges:
            self.empty.clear()
        else:
            self.empty.set()

    async def _tell(self, kind: str, channel: Channel, **content: Any) -> None:
        event = {"type": kind, "application": self.app, "channel": channel.to_json(), **content}
        for socket in self._sockets:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await socket.send_text(json.dumps(event))

    def call_out(self, channel: Channel, endpoint: str, args: str, variables: Mapping[str, str]) -> None:
        """Ring an endpoint; who answers is in the application."""
        self.channels[channel.id] = channel
        channel.variables.update(variables)
        self._do(self._call_out(channel, endpoint, args))

    async def _call_out(self, channel: Channel, endpoint: str, args: str) -> None:
        does = self.people.asked(endpoint)
        if does == NO_ANSWER:
            await channel.gone.wait()  # until the server gives up
        elif does != ANSWERS:
            await self.vanish(channel, CAUSES[does])
        else:
            channel.state = "Up"
            await self.enter(channel, *args.split(","))

    def bring_sound(self, channel: Channel, given: Mapping[str, str]) -> None:
        """Connect an external media channel, which takes a while."""
        self.channels[channel.id] = channel
        self._do(self._bring_sound(channel, given))

    async def _bring_sound(self, channel: Channel, given: Mapping[str, str]) -> None:
        try:
            await self._connect(channel, given)
        except OSError:
            await self.vanish(channel, "No route to destination")
            return
        channel.state = "Up"
        await self.enter(channel)

    async def tell_events_to(self, socket: WebSocket) -> None:
        """Until it closes."""
        self._sockets.append(socket)
        self.listening.set()
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                await socket.receive_text()
        with contextlib.suppress(ValueError):
            self._sockets.remove(socket)

    async def close(self) -> None:
        await self.drop_events()
        for work in self._works:
            work.cancel()
        await asyncio.gather(*self._works, return_exceptions=True)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._works.add(task)
        task.add_done_callback(self._works.discard)
