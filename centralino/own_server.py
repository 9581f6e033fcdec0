"""A whole server in a process of its own: for the demo, the benches and the tests of whole calls."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from centralino.settings import Settings, SettingsError, load_settings

READY_S = 180.0
"""Longest wait for a server to load its models and render its prompts for the first time."""
STOP_S = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_beside(settings: Settings, data_dir: Path) -> Settings:
    """The same company and models on a free loopback port, with a history and secrets of their own in `data_dir`."""
    return load_settings(
        host="127.0.0.1",
        port=free_port(),
        data_dir=data_dir,
        cache_dir=settings.cache_dir,
        company=settings.company,
        public_url="",
        history={"url": ""},
        twilio_auth_token=secrets.token_hex(24),
    )


def environment_of(settings: Settings) -> dict[str, str]:
    """What another process is to have in its environment to read these settings."""
    return {
        **os.environ,
        "CENTRALINO_HOST": settings.host,
        "CENTRALINO_PORT": str(settings.port),
        "CENTRALINO_DATA_DIR": str(settings.data_dir),
        "CENTRALINO_CACHE_DIR": str(settings.cache_dir),
        "CENTRALINO_HISTORY__URL": settings.history.url,
        "CENTRALINO_HISTORY__NODE": settings.history.node,
        "CENTRALINO_HUMAN_NUMBER": settings.human_number,
        "CENTRALINO_WEBHOOKS__INSIDE": json.dumps(settings.webhooks.inside),
        "CENTRALINO_COMPANY": str(settings.company),
        "CENTRALINO_PUBLIC_URL": settings.public_url,
        "CENTRALINO_TWILIO_AUTH_TOKEN": settings.auth_token(),
        "CENTRALINO_DRAIN_S": str(settings.drain_s),
        "CENTRALINO_MOST_CALLS": str(settings.most_calls),
    }


@contextlib.asynccontextmanager
async def own_server(settings: Settings, log: Path | None = None) -> AsyncIterator[asyncio.subprocess.Process]:
    """The server runs and answers while the context is open. log: a file for its words (none: standard error).

    Raises SettingsError when it ends before it answers, or does not answer in time.
    """
    with contextlib.ExitStack() as files:
        words = files.enter_context(log.open("ab")) if log else None
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "centralino", "run", "--no-demo"),
            env=environment_of(settings),
            stdout=words or asyncio.subprocess.DEVNULL,
            stderr=words,
        )
        try:
            await _until_ready(process, settings, log)
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
            try:
                async with asyncio.timeout(STOP_S):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


async def _until_ready(process: asyncio.subprocess.Process, settings: Settings, log: Path | None) -> None:
    where = f"; see {log}" if log else "; its words are above"
    try:
        async with asyncio.timeout(READY_S), httpx.AsyncClient(base_url=settings.own_url, trust_env=False) as client:
            while True:
                if process.returncode is not None:
                    raise SettingsError(f"the server ended with code {process.returncode} before it answered{where}")
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get("/health")).status_code == 200:
                        return
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise SettingsError(f"the server did not answer within {READY_S:.0f} s{where}") from None
