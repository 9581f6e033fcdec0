"""Asterisk as its REST interface (ARI) shows it: calls come into a Stasis application of ours, and are in our hands.

This server connects to Asterisk, and again when it was restarted. What becomes of one caller is in `ari_call.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from telephony.control.ari import AriClient, AriError
from telephony.control.ari_control import AriControl
from telephony.control.ari_events import ChannelEvent, Entered, Watches
from telephony.control.ari_socket import AriSocket
from telephony.doors.ari_call import AriCall, Sound, bridge_of
from telephony.doors.house import House
from telephony.expected import Expected

log = structlog.get_logger()

LOST_S = 60.0
"""After so long without Asterisk's word its channels count as gone."""
SETTLED_S = 2.0
"""After a connection: by then every channel that came in since is in a call."""
PARTING_S = 3.0


class AriSettings(BaseModel):
    """url: where ARI answers; username, password: of ari.conf; app: the application's name, this server's alone.

    sound: by which of our doors a call's sound comes: 'websocket' needs a client of websocket_client.conf by the name
    of `client` and `[doors.asterisk]`, 'audiosocket' needs `audiosocket`, the address at which Asterisk reaches the
    port of `[doors.audiosocket]`. codec: 'slin' (8 kHz) where Asterisk is older than 22.7 and 20.17 and `sound` is
    'audiosocket'. dial: how a number is rung, 'PJSIP/{to}@trunk'; transfer_context: of the dialplan, where a caller who
    is transferred goes on, at the number as the extension.
    """

    model_config = ConfigDict(extra="forbid")

    url: str = "http://127.0.0.1:8088/ari"
    username: str = Field(min_length=1)
    password: SecretStr
    app: str = Field(default="centralino", pattern=r"^[A-Za-z0-9_.-]{1,40}$")
    sound: Literal["websocket", "audiosocket"] = "websocket"
    client: str = "centralino"
    audiosocket: str = ""
    codec: Literal["slin16", "slin"] = "slin16"
    dial: str = Field(default="", pattern=r"^([A-Za-z0-9_]+/[A-Za-z0-9_.+@\-]*\{to\}[A-Za-z0-9_.+@\-]*)?$")
    transfer_context: str = Field(default="", pattern=r"^[A-Za-z0-9_\-]{0,64}$")

    @field_validator("url")
    @classmethod
    def _http(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return url

    @model_validator(mode="after")
    def _reachable(self) -> AriSettings:
        if self.sound == "audiosocket" and not self.audiosocket:
            raise ValueError("sound = 'audiosocket' needs audiosocket = 'host:port', as Asterisk reaches it")
        return self


class Ari:
    """The application, while it is open. client: for call control; watches: for who originates channels (their ids must
    begin with `ours`, so that they are not taken for callers)."""

    def __init__(self, house: House, settings: AriSettings) -> None:
        self._house, self._settings = house, settings
        access = (settings.url, settings.username, settings.password.get_secret_value())
        self.client = AriClient(*access)
        self.watches = Watches()
        self.ours = f"{settings.app}-"
        self._socket = AriSocket(*access, settings.app, self._opened, self._told, self._shut)
        self._calls: dict[str, asyncio.Task[None]] = {}
        """By the callers' channels."""
        self.control = AriControl(
            self.client, self.watches, settings.app, settings.dial, settings.transfer_context, self._serve_leg
        )
        self._lost: asyncio.TimerHandle | None = None
        self._tidying: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Ari]:
        """Calls are taken while this is open."""
        listening = asyncio.create_task(self._socket.run())
        controls = self._house.reception.controls
        controls.add(self.control)
        try:
            yield self
            if self._calls:  # the reception has ended them: their callers are being let go
                await asyncio.wait(self._calls.values(), timeout=PARTING_S)
        finally:
            controls.remove(self.control)
            await self.control.close()
            self._connected_again()
            tasks = [listening, *self._calls.values(), *([self._tidying] if self._tidying else [])]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.client.close()

    async def _opened(self) -> None:
        self._connected_again()
        here = frozenset(await self.client.channels(self._settings.app))
        self.watches.lose_all_but(here, "gone while Asterisk was away")
        if self._tidying:  # of an earlier connection, and of what was there then
            self._tidying.cancel()
        self._tidying = asyncio.create_task(self._tidy(here))

    async def _tidy(self, here: frozenset[str]) -> None:
        """Let go what a server that died has left behind in the application."""
        await asyncio.sleep(SETTLED_S)
        try:
            for channel in sorted(here - self.watches.channels):
                log.warning("ari.left_over", channel=channel)
                if channel.startswith(self.ours):
                    await self.client.hang_up(channel)
                else:
                    await self.client.continue_in_dialplan(channel)
            running = {bridge_of(self.ours, channel) for channel in (*self._calls, *self.watches.channels)}
            for bridge in await self.client.bridges():
                if bridge.startswith(bridge_of(self.ours, "")) and bridge not in running:
                    await self.client.destroy_bridge(bridge)
        except AriError as error:
            log.warning("ari.not_tidied", error=str(error))

    def _shut(self) -> None:
        """Calls go on without Asterisk's word, for a while."""
        why = f"Asterisk was away for {LOST_S:.0f} s"
        self._lost = asyncio.get_running_loop().call_later(LOST_S, self.watches.lose_all_but, frozenset(), why)

    def _connected_again(self) -> None:
        if self._lost:
            self._lost.cancel()
            self._lost = None

    def _told(self, event: ChannelEvent) -> None:
        if self.watches.tell(event) or not isinstance(event, Entered) or event.channel.startswith(self.ours):
            return
        call = self._call(event)
        self._calls[event.channel] = task = asyncio.create_task(call.run(), name=f"ari {event.channel}")
        task.add_done_callback(lambda done: self._calls.pop(event.channel, None))

    def _call(self, arrived: Entered, expected: Expected | None = None) -> AriCall:
        given = self._settings
        sound = Sound(given.sound, given.client, given.audiosocket, given.codec)
        return AriCall(self._house, self.client, self.watches, given.app, sound, arrived, expected)

    async def _serve_leg(self, arrived: Entered, expected: Expected) -> None:
        await self._call(arrived, expected).run()
