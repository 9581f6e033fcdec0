"""A server that is told to stop in the middle of a call."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from centralino.calling import ExpectHangUp, Keys, WaitFor, WaitForQuiet
from centralino.own_server import own_server, settings_beside
from centralino.settings import load_settings
from tests.calls.conftest import Exchange


@pytest.mark.timeout(600)  # a server, two commands and a call
async def test_a_call_survives_sigterm_while_no_other_is_taken(tmp_path: Path) -> None:
    """And before that: the lines are reloaded and tried by command, and the balancer sees that the server is ready."""
    settings = settings_beside(load_settings(), tmp_path / "data").model_copy(update={"drain_s": 120.0})
    log = tmp_path / "server.log"
    async with own_server(settings, log) as process, httpx.AsyncClient(base_url=settings.own_url) as client:
        exchange = Exchange(settings, process, log)

        async def ready() -> dict[str, Any]:
            answer = await client.get("/ready")
            return {"status": answer.status_code, **answer.json()}

        assert (await ready())["status"] == 200
        environment = {
            **os.environ,
            "CENTRALINO_DATA_DIR": str(settings.data_dir),
            "CENTRALINO_PORT": str(settings.port),
            "CENTRALINO_TWILIO_AUTH_TOKEN": settings.auth_token(),
        }

        async def lines(*words: str) -> str:
            command = (sys.executable, "-m", "centralino", "lines", *words)
            told = await asyncio.to_thread(subprocess.run, command, env=environment, capture_output=True, text=True)
            assert told.returncode == 0, told.stdout + told.stderr
            return told.stdout

        assert "libreria" in await lines("reload")
        checks = json.loads(await lines("check", "libreria", "--json"))["checks"]
        found = {check["what"]: check["status"] for check in checks}
        assert (found["signature"], found["call"], found["heard back"]) == ("ok", "ok", "ok")

        stopped = asyncio.Event()
        moves = (
            WaitForQuiet(),
            WaitFor(stopped.is_set, "the server was told to stop"),
            Keys("1"),
            WaitForQuiet(),
            Keys("412345"),
            WaitForQuiet(),
            Keys("1"),
            WaitForQuiet(),
            ExpectHangUp(1),
        )
        call = asyncio.create_task(exchange.call("libreria", moves))
        while not (await ready())["calls"]:
            await asyncio.sleep(0.1)
        await asyncio.sleep(3)
        process.send_signal(signal.SIGTERM)
        while (await ready())["status"] != 503:
            await asyncio.sleep(0.1)
        assert [reason["why"] for reason in (await ready())["reasons"]] == ["draining"]
        assert (await client.get("/health")).json()["status"] == "draining"
        stopped.set()
        _, record = await call
        await asyncio.wait_for(process.wait(), 60)
    assert "order_shipped" in record.keys
    assert record.detail.interaction.end_reason == "caller_hung_up"
    assert process.returncode == 0
    assert "Traceback" not in exchange.log_text()
