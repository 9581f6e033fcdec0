"""The far end that Asterisk's chan_websocket is: it connects, frames, queues, marks and flushes as the real one does.

Wire format: Asterisk's documentation "WebSocket channel driver" and its source.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidURI
from websockets.typing import Subprotocol

from centralino.calling.asterisk_queue import FRAME_MS, LARGEST_MESSAGE, MOST_FRAMES, FrameQueue
from centralino.calling.asterisk_words import BadCommand, Words
from centralino.calling.dialplan import InDialplan, Parting, basic
from centralino.calling.door import CallRefused, Happening
from centralino.calling.far_end import Dialling, WebsocketDoor
from voice import g711


def _same(sound: bytes) -> bytes:
    return sound


@dataclass(frozen=True)
class Format:
    """frame_bytes: of 20 ms. to_pcm, from_pcm: to and from PCM16."""

    name: str
    rate_hz: int
    frame_bytes: int
    to_pcm: Callable[[bytes], bytes] = _same
    from_pcm: Callable[[bytes], bytes] = _same


FORMATS = {
    "slin16": Format("slin16", 16000, 640),
    "slin": Format("slin", 8000, 320),
    "ulaw": Format("ulaw", 8000, 160, g711.mulaw_to_pcm, g711.pcm_to_mulaw),
}


class AsteriskDoor(WebsocketDoor):
    """A call that a dialplan has sent to a server with `Dial(WebSocket/…,,g)`. call_id: the caller's channel.

    afterwards: what the server answered when the dialplan asked how the call ended.
    """

    def __init__(self, socket: ClientConnection, sound: Format, words: Words, to: Dialling, caller: str) -> None:
        super().__init__(socket, sound.rate_hz, to.observer)
        self.call_id = caller
        self._to, self._sound, self._words = to, sound, words
        self.parting: Parting = InDialplan(to, "/asterisk/after")
        self._queue = FrameQueue(sound.frame_bytes)
        self._reports_drained = False

    @classmethod
    async def dial(cls, to: Dialling, codec: str = "slin16", plain: bool = False) -> AsteriskDoor:
        """secrets: `username`, `password`. Raises CallRefused and ValueError."""
        caller = f"{time.time():.0f}.{uuid.uuid4().hex[:4]}"
        ours = {"LINE": to.line, "CALLER": to.caller, "REF": caller}
        variables = {f"__CENTRALINO_{name}": value for name, value in ours.items()}
        path = f"/asterisk/media/{to.line}" if plain else "/asterisk/media"
        channel = caller if plain else f"{caller}9"
        return await cls.connect(to, path, codec, Words(plain, channel), caller, variables)

    @classmethod
    async def connect(
        cls, to: Dialling, path: str, codec: str, words: Words, caller: str, variables: Mapping[str, str]
    ) -> AsteriskDoor:
        """Bring the sound of a call; the first event says `variables`. Raises CallRefused and ValueError."""
        sound = FORMATS[codec]
        url = to.server_url.rstrip("/").replace("http", "ws", 1) + path
        to.observer(Happening(0, "ringing", url))
        try:
            socket = await connect(
                url, additional_headers=basic(to), subprotocols=[Subprotocol("media")], compression=None, proxy=None
            )
        except (OSError, InvalidHandshake, InvalidURI, TimeoutError) as error:
            raise CallRefused(f"{url}: the websocket was not opened ({error})") from error
        door = cls(socket, sound, words, to, caller)
        if socket.subprotocol != "media":
            door.protocol_error(f"the subprotocol 'media' was not chosen, but {socket.subprotocol!r}")
        await door.send(words.start(sound.name, sound.frame_bytes, variables))
        door.start(door._timer())
        door.tell("answered", caller)
        return door

    async def send_frame(self, pcm: bytes) -> None:
        await self.send(self._sound.from_pcm(pcm))

    async def send_key(self, key: str) -> None:
        await self.send(self._words.event("DTMF_END", digit=key))

    async def echo_mark(self, name: str) -> None:
        await self.send(name)

    async def hang_up(self) -> None:
        self.end("us", "hung up")
        await self.parting.hang_up(self)

    async def after_call(self) -> None:
        self.afterwards = await self.parting.after_call(self)

    async def receive(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            return await self._hear_sound(message)
        try:
            word, number = self._words.command(message)
        except BadCommand as error:
            return self.protocol_error(str(error))
        match word:
            case "START_MEDIA_BUFFERING":
                self._queue.start_buffering()
            case "STOP_MEDIA_BUFFERING":
                self.hear(self._sound.to_pcm(self._queue.stop_buffering()))
                self.hear_mark(self._words.notice("MEDIA_BUFFERING_COMPLETED", number))
            case "MARK_MEDIA":
                self.hear_mark(self._words.notice("MEDIA_MARK_PROCESSED", number))
            case "FLUSH_MEDIA":
                self._queue.flush()
                self.tell("clear", marks=self.playout.clear(self.clock.now_ms()))  # which are never heard of again
            case "REPORT_QUEUE_DRAINED":
                self._reports_drained = True
            case "HANGUP":
                self.end("them", "HANGUP")
                await self.socket.close()
            case _:
                self.protocol_error(f"{word}: this far end does not play it")

    async def _hear_sound(self, message: bytes) -> None:
        if len(message) > LARGEST_MESSAGE:
            self.protocol_error(f"{len(message)} bytes in one message; Asterisk takes {LARGEST_MESSAGE}")
        if self._waiting_ms >= MOST_FRAMES * FRAME_MS:
            return self.protocol_error(f"the queue has its {MOST_FRAMES} frames; sound is dropped")
        dropped = self._queue.dropped_bytes
        self.hear(self._sound.to_pcm(self._queue.sound(message)))
        if self._queue.dropped_bytes > dropped:
            self.protocol_error(f"{self._queue.dropped_bytes - dropped} bytes fill no frame and nothing is buffered")
        if self._queue.xoff(self._waiting_ms):
            await self.send(self._words.event("MEDIA_XOFF"))

    @property
    def _waiting_ms(self) -> float:
        return max(0.0, self.playout.ends_ms - self.clock.now_ms())

    async def _timer(self) -> None:
        """What Asterisk looks at each 20 ms."""
        while True:
            await asyncio.sleep(FRAME_MS / 1000)
            if self._queue.xon(self._waiting_ms):
                await self.send(self._words.event("MEDIA_XON"))
            if self._reports_drained and not self._waiting_ms:
                self._reports_drained = False
                await self.send(self._words.event("QUEUE_DRAINED"))
