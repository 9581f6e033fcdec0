"""The far end that Asterisk's AudioSocket is: announced over HTTP, connected over TCP, played as it comes.

Wire format: Asterisk's documentation "AudioSocket" and `res_audiosocket.h`.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid

from centralino.calling.dialplan import InDialplan, Parting, asked
from centralino.calling.door import CallRefused, Happening
from centralino.calling.far_end import Dialling, FarEnd

KINDS = {0x10: 8000, 0x12: 16000}
HANG_UP, UUID, KEY = 0x00, 0x01, 0x03
SILENT_S = 2.0
"""Without a message for so long Asterisk's application gives the call up."""
AHEAD_MS = 300
"""Asterisk plays what it gets as it gets it; this much at once would be more than phones put up with."""


class AudioSocketDoor(FarEnd):
    """A call that a dialplan has sent to a server with `AudioSocket()`. call_id: the UUID.

    afterwards: what the server answered when the dialplan asked how the call ended.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rate_hz: int, to: Dialling, name: str
    ) -> None:
        super().__init__(rate_hz, to.observer)
        self.call_id = name
        self.parting: Parting = InDialplan(to, "/asterisk/audiosocket/after")
        self._reader, self._writer = reader, writer
        self._kind = next(kind for kind, rate in KINDS.items() if rate == rate_hz)

    @classmethod
    async def dial(cls, to: Dialling, rate_hz: int = 8000) -> AudioSocketDoor:
        """secrets: `username`, `password`, `host`, `port`. Raises CallRefused and ValueError."""
        to.observer(Happening(0, "ringing", to.server_url))
        announced = {"line": to.line, "caller": to.caller, "rate_hz": str(rate_hz)}
        return await cls.connect(to, rate_hz, await asked(to, "/asterisk/audiosocket", **announced))

    @classmethod
    async def connect(cls, to: Dialling, rate_hz: int, name: str) -> AudioSocketDoor:
        """Bring the sound of the call that was announced by this name. secrets: `host`, `port`. Raises CallRefused."""
        where = to.secret("host"), int(to.secret("port"))
        try:
            reader, writer = await asyncio.open_connection(*where)
        except OSError as error:
            raise CallRefused(f"{where[0]}:{where[1]}: not connected ({error})") from error
        door = cls(reader, writer, rate_hz, to, name)
        await door._send(UUID, uuid.UUID(name).bytes)
        door.start(door._read())
        door.tell("answered", name)
        return door

    async def send_frame(self, pcm: bytes) -> None:
        await self._send(self._kind, pcm)

    async def send_key(self, key: str) -> None:
        await self._send(KEY, key.encode())

    async def echo_mark(self, name: str) -> None:
        raise AssertionError(f"AudioSocket has no marks, got {name!r}")

    async def hang_up(self) -> None:
        self.end("us", "hung up")
        await self.parting.hang_up(self)

    async def disconnect(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def after_call(self) -> None:
        self.afterwards = await self.parting.after_call(self)

    async def _send(self, kind: int, payload: bytes) -> None:
        with contextlib.suppress(OSError):
            self._writer.write(bytes((kind,)) + len(payload).to_bytes(2) + payload)
            await self._writer.drain()

    async def _read(self) -> None:
        try:
            while self.ended is None:
                async with asyncio.timeout(SILENT_S):
                    header = await self._reader.readexactly(3)
                    payload = await self._reader.readexactly(int.from_bytes(header[1:]))
                self._receive(header[0], payload)
        except TimeoutError:
            self.end("lost", f"nothing came for {SILENT_S:.0f} s: Asterisk gives up")
        except asyncio.IncompleteReadError as error:
            self.end("lost" if error.partial else "them", "closed without a hang-up")
        except OSError as error:
            self.end("lost", f"the connection broke: {error}")
        await self.disconnect()

    def _receive(self, kind: int, payload: bytes) -> None:
        if kind == HANG_UP:
            self.end("them", "hang-up")
        elif kind not in KINDS:
            self.protocol_error(f"kind 0x{kind:02x}; Asterisk ends the call at anything but sound and 0x00")
        elif kind != self._kind or len(payload) % 2 or not payload:
            self.protocol_error(f"kind 0x{kind:02x} with {len(payload)} bytes; sound at {self.rate_hz} Hz is expected")
        else:
            self.hear(payload)
            if self.playout.ends_ms - self.clock.now_ms() > AHEAD_MS:
                self.protocol_error(f"over {AHEAD_MS} ms of sound at once; Asterisk has no buffer for it")
