"""Serves the assembled app until it is told to stop: the port, the signals, the draining."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import structlog
import uvicorn

from centralino.app import LARGEST_FRAME, Server
from centralino.settings import Settings, SettingsError

log = structlog.get_logger()


def take_port(settings: Settings) -> socket.socket:
    """Bind before anything slow is done. Raises SettingsError saying what to do when the address cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((settings.host, settings.port))
        taken.listen(128)
    except OSError as error:
        taken.close()
        where = f"{settings.host}:{settings.port}"
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(
                f"port {settings.port} of {settings.host} is taken: stop the program that uses it, "
                f"or choose another one with CENTRALINO_PORT or --port"
            ) from None
        raise SettingsError(
            f"cannot listen on {where}: {error.strerror}; set CENTRALINO_HOST and CENTRALINO_PORT"
        ) from None
    return taken


class _Uvicorn(uvicorn.Server):
    """Leaves the signals to us: calls are drained before connections are closed."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(server: Server, listening: socket.socket) -> AsyncIterator[None]:
    """The app answers on this socket while the context is open; calls are drained when it is left."""
    config = uvicorn.Config(
        server.app,
        ws="websockets-sansio",
        ws_max_size=LARGEST_FRAME,
        ws_per_message_deflate=False,
        ws_ping_interval=20.0,
        ws_ping_timeout=20.0,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    web = _Uvicorn(config)
    task = asyncio.create_task(web.serve([listening]))
    try:
        while not web.started:
            if task.done():
                task.result()
            await asyncio.sleep(0.01)
        yield
    finally:
        await server.drain()
        web.should_exit = True
        await task


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


@contextlib.contextmanager
def reload_signal(reload: Callable[[], Awaitable[object]], stop: asyncio.Event) -> Iterator[None]:
    """SIGHUP reloads the company's folder; where it means that the terminal is gone in which the server was started, it
    sets `stop`."""
    loop = asyncio.get_running_loop()
    under_way: set[asyncio.Task[object]] = set()
    had_terminal = _has_terminal()

    def begin() -> None:
        if had_terminal and not _has_terminal():
            stop.set()
            return
        task = asyncio.ensure_future(reload())
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    loop.add_signal_handler(signal.SIGHUP, begin)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        for task in under_way:
            task.cancel()


@contextlib.contextmanager
def stop_signals(hurry: asyncio.Event) -> Iterator[asyncio.Event]:
    """An event that is set by the first SIGINT or SIGTERM; a second one sets `hurry`."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def asked() -> None:
        (hurry if stop.is_set() else stop).set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
