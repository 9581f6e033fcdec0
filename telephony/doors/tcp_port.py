"""A TCP port of our own: a bounded number of connections, each served by a task that ends with the port."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import IPv4Address, IPv6Address, ip_address

import structlog

log = structlog.get_logger()

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Serves one connection, which is cut when this returns."""


@contextlib.asynccontextmanager
async def tcp_port(host: str, port: int, most: int, serve: Serve) -> AsyncIterator[int]:
    """The port in use (0 asks for a free one) while the context is open. most: connections at once; further ones are
    cut. Raises OSError when the port cannot be had."""
    running: set[asyncio.Task[None]] = set()

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except Exception:
            log.exception("tcp_port.failed", port=port)
        finally:
            writer.transport.abort()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(running) >= most:
            log.warning("tcp_port.full", port=port, connections=most)
            writer.transport.abort()
            return
        task = asyncio.create_task(connection(reader, writer))
        running.add(task)
        task.add_done_callback(running.discard)

    server = await asyncio.start_server(connected, host, port)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def peer_address(writer: asyncio.StreamWriter) -> IPv4Address | IPv6Address:
    """Of who connected; IPv4 also where it came in over an IPv6 socket."""
    address = ip_address(writer.get_extra_info("peername")[0].partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address
