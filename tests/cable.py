"""The cable between a server and its PostgreSQL, which a test can cut: the database itself is everybody's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit, urlunsplit


class Cable:
    """A TCP proxy before the database of `url`; its own url is `url`."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._ends: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._port = 0

    @property
    def url(self) -> str:
        user = f"{self._parts.username}@" if self._parts.username else ""
        return urlunsplit(self._parts._replace(netloc=f"{user}127.0.0.1:{self._port}"))

    async def mend(self, late: bool = False) -> None:
        """New connections work. late: what was held back on the old ones arrives now; else they stay silent for ever,
        and the database has sessions that nobody uses and nobody ended."""
        if late:
            self._flowing.set()
        elif not self._flowing.is_set():
            self._flowing = asyncio.Event()
            self._flowing.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._port)
            self._port = int(self._server.sockets[0].getsockname()[1])

    def cut(self) -> None:
        """All connections are reset, and new ones refused."""
        if self._server:
            self._server.close()
            self._server = None
        for end in list(self._ends):
            end.transport.abort()

    def silence(self) -> None:
        """Everything is taken, new connections too, and nothing carried: neither side learns anything."""
        self._flowing.clear()

    async def close(self) -> None:
        self.cut()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        if carrying := asyncio.current_task():
            self._pumps.add(carrying)
            carrying.add_done_callback(self._pumps.discard)
        flowing = self._flowing
        try:
            await flowing.wait()
            there = await asyncio.open_connection(self._parts.hostname, self._parts.port or 5432)
        except OSError:
            writer.transport.abort()
            return
        self._ends.add(there[1])
        for ends in ((reader, there[1]), (there[0], writer)):
            pump = asyncio.create_task(self._pump(*ends, flowing))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flowing: asyncio.Event) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await flowing.wait()
                writer.write(data)
                await writer.drain()
        writer.close()
        self._ends.discard(writer)


@asynccontextmanager
async def cable_to(url: str) -> AsyncIterator[Cable]:
    cable = Cable(url)
    await cable.mend()
    try:
        yield cable
    finally:
        await cable.close()
