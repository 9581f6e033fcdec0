"""What breaks in the middle of a call: a recognizer, the server, the far end."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from centralino.calling import ExpectHangUp, Happening, Say, WaitForQuiet
from centralino.own_server import own_server
from tests.calls.conftest import Exchange, exchange_in


async def test_a_recognizer_that_dies_costs_one_reprompt_not_the_call(exchange: Exchange) -> None:
    said = exchange.said
    killed: list[int] = []

    def kill() -> None:
        workers = httpx.get(f"{exchange.settings.own_url}/health", trust_env=False).json()["recognizers"]
        killed.extend(worker["pid"] for worker in workers if worker["engine"] == "whisper")
        os.kill(killed[0], signal.SIGKILL)

    def watch(happening: Happening) -> None:
        if happening.kind == "says" and not killed:
            asyncio.get_running_loop().call_later(2.5, kill)  # in the middle of a question of 4 s

    moves = (
        WaitForQuiet(), Say(said["it_orari"]),
        WaitForQuiet(), Say(said["it_orari"]),
        WaitForQuiet(), Say(said["it_niente"]), ExpectHangUp(),
    )  # fmt: skip
    _, record = await exchange.call("libreria", moves, observer=watch)

    assert killed
    assert len(record.of("recognizer.restarted")) == 1
    assert record.keys.count("hearing_lost") == 1
    assert record.articles == ["opening-hours"]
    assert record.detail.interaction.outcome == "answered"


async def test_kill_nine_loses_no_event_and_the_call_is_closed_as_node_lost(tmp_path: Path) -> None:
    async with exchange_in(tmp_path) as running:
        said = running.said
        caller_task = asyncio.create_task(
            running.call("libreria", (WaitForQuiet(), Say(said["it_orari"]), WaitForQuiet()))
        )
        async with httpx.AsyncClient(base_url=running.settings.own_url, trust_env=False) as client:
            while (await client.get("/health")).json()["reception"]["calls"] == 0:
                await asyncio.sleep(0.1)
        await asyncio.sleep(6)
        running.process.kill()
        await running.process.wait()
        caller_task.cancel()
        await asyncio.gather(caller_task, return_exceptions=True)

        async with own_server(running.settings, running.log):
            listed = subprocess.run(
                [sys.executable, "-m", "centralino", "history", "export", "last"],
                env={**os.environ, "CENTRALINO_DATA_DIR": str(running.settings.data_dir)},
                capture_output=True, text=True, check=True,
            )  # fmt: skip
        exported = json.loads(listed.stdout)
        assert exported["interaction"]["end_reason"] == "node_lost"
        assert [event["seq"] for event in exported["events"]] == list(range(1, len(exported["events"]) + 1))
        kinds = [event["type"] for event in exported["events"]]
        assert kinds[0] == "call.started"
        assert kinds[-1] == "call.ended"
        assert "dialog.action" in kinds
