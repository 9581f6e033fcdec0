"""AudioSocket's TCP connection, which is never silent: each 20 ms a frame leaves, of sound or of silence.

Asterisk plays a frame when it gets it, and its dialplan application ends a call on which nothing moved for 2 s. So the
beat is kept here, by absolute deadlines: a late frame delays none after it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from telephony.protocols.audiosocket import FRAME_MS, HANG_UP, HEADER_BYTES, framed
from telephony.wire import WireClosed

MOST_WAITING = 25
"""Frames that wait for their beat (half a second)."""
LATEST_S = 0.2
"""A beat that is later than this begins anew: more frames at once would only fill the far end's buffers."""
MOST_UNSENT_BYTES = 8192
"""That the kernel does not take: about half a second at 8 kHz. Then the beat waits."""


class AudioSocketWire:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer, self._silence = reader, writer, b""
        self._reading = asyncio.Lock()
        """A reader that is being cancelled may still be there when the connection is closed."""
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        writer.transport.set_write_buffer_limits(high=MOST_UNSENT_BYTES)

    async def receive(self) -> bytes:
        header = b""
        try:
            async with self._reading:
                header = await self._reader.readexactly(HEADER_BYTES)
                return header + await self._reader.readexactly(int.from_bytes(header[1:]))
        except asyncio.IncompleteReadError as error:
            raise WireClosed(1006 if header or error.partial else 1000) from None
        except ConnectionResetError:
            raise WireClosed(1000) from None  # so Asterisk closes when sound was still on its way to it
        except OSError:
            raise WireClosed(1006) from None

    async def send(self, message: str | bytes) -> None:
        if self._writer.is_closing():
            raise WireClosed(1006)
        await self._waiting.put(message.encode() if isinstance(message, str) else message)

    def fill_with(self, silence: bytes) -> None:
        """From now on this frame goes out when there is nothing else to send."""
        self._silence = silence

    @contextlib.asynccontextmanager
    async def in_beat(self) -> AsyncIterator[None]:
        """While this is open, what is given to `send` goes out."""
        beat = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            beat.cancel()
            await asyncio.gather(beat, return_exceptions=True)

    async def _beat(self) -> None:
        """A message each 20 ms, until it is a hang-up or the far end is gone."""
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        with contextlib.suppress(OSError):
            while True:
                message = self._silence if self._waiting.empty() else self._waiting.get_nowait()
                self._writer.write(message)
                await self._writer.drain()
                if message == framed(HANG_UP):
                    return
                due_s = max(due_s + FRAME_MS / 1000, loop.time() - LATEST_S)
                await asyncio.sleep(due_s - loop.time())

    async def close(self, code: int, reason: str) -> None:
        """Once what waits was sent, hang up: Asterisk goes on in its dialplan, as it does not when a connection breaks.

        It closes first: a connection that is closed here with sound unread would be reset, the hang-up lost with it.
        """
        await self.send(framed(HANG_UP))
        with contextlib.suppress(OSError):
            async with self._reading:
                while await self._reader.read(4096):
                    pass
